/**
 * What a durable queue does after each outcome: removed, tried again and when, or given up. An
 * outage never empties the queue: a message that has used up its attempts goes only after another
 * one, tried as a control, has shown that the road is up. It keeps no message and holds no timer.
 *
 * All functions are deterministic and change the state that they are given in place.
 */

import type { DropReason } from '../base/event.js'
import { after, type Instant, type Ms, ms } from '../base/units.js'
import { waitAfter } from './back-off.js'
import { isStrict } from './release-next.js'
import type {
  Circumstances,
  HeldMessage,
  Hold,
  Release,
  ReleaseEnded,
  ReleaseSettings,
  ReleaseVerdict,
  WaitCause,
} from './release-state.js'
import { type ReleaseWorth, releaseWorthOf } from './release-worth.js'

/** Clean ends after which messages go side by side again (design.md 9.14). */
const cleanEnds = 20
/** Time-outs in a row with the same node alone at work that stop the queue (design.md 9.14). */
const silencesToHold = 3
/** Whoever asks to be left alone for longer is asked again after a day. */
const askedMax = ms(86_400_000)

/**
 * Told when a message has ended; the verdicts are to be carried out in their order. A message that
 * waits for its next attempt had timed out: only an `ok` of its last attempt still counts.
 */
export function ended(
  state: Release,
  message: number,
  end: ReleaseEnded,
  settings: ReleaseSettings,
  around: Circumstances,
): readonly ReleaseVerdict[] {
  const held = state.held.get(message)
  const worth = releaseWorthOf(end)
  if (held === undefined) return [{ is: 'late' }]
  if (held.at.is === 'out') state.out -= 1
  else if (worth !== 'done' || !held.isTimedOut) return [{ is: 'late' }]
  held.isTimedOut = end.is === 'timeout'
  held.at = { is: 'waiting', until: around.now, for: 'back-off' }
  if (state.hold?.message === message) state.hold = undefined
  if (worth !== 'failed' || end.onlyOpen !== state.silent?.node) state.silent = undefined
  const verdicts = whenControl(state, held, worth, around)
  return [...verdicts, ...judge({ state, held, end, settings, ...around }, worth)]
}

interface Case extends Circumstances {
  readonly state: Release
  readonly held: HeldMessage
  readonly end: ReleaseEnded
  readonly settings: ReleaseSettings
}

function judge(given: Case, worth: ReleaseWorth): readonly ReleaseVerdict[] {
  const { state, held, canGiveUp } = given
  switch (worth) {
    case 'done':
      state.singlyLeft = Math.max(0, state.singlyLeft - 1)
      return [settled(state, held, 'delivered')]
    case 'ignored':
      return [settled(state, held, 'operator')]
    case 'handed-over':
      return [settled(state, held, 'dead-lettered')]
    case 'interrupted':
      return [waits(given, 'back-off', ms(0))]
    case 'unsure':
      state.singlyLeft = cleanEnds
      return [unused(given, 'back-off')]
    case 'unreceived':
      return [unused(given, 'no-receiver')]
    case 'refused':
      return [unused(given, 'refusal')]
    case 'login':
      holdOn(given, 'login', undefined)
      return [unused(given, 'login')]
    case 'permanent':
      return [canGiveUp ? givenUp(state, held, 'permanent') : waits(given, 'road', longest(given))]
    case 'failed':
      return [failed(given)]
    default:
      return worth satisfies never
  }
}

/** What the end of a control says of the one that is judged (design.md 9.13). */
function whenControl(
  state: Release,
  { message }: HeldMessage,
  worth: ReleaseWorth,
  { now, canGiveUp }: Circumstances,
): readonly ReleaseVerdict[] {
  const { doubt } = state
  if (doubt === undefined) return []
  if (worth === 'done') doubt.isDown = false
  if (message === doubt.judged) {
    if (worth === 'done') hurry(state, now, ['road', 'back-off'])
    // It leaves, or it waits for a new control.
    state.doubt = worth === 'failed' ? { ...doubt, control: undefined, isDown: false } : undefined
    return []
  }
  if (message !== doubt.control) return []
  doubt.control = undefined
  if (worth === 'done') {
    state.doubt = undefined
    const judged = state.held.get(doubt.judged)
    hurry(state, now, ['road'])
    return judged === undefined || !canGiveUp ? [] : [givenUp(state, judged, 'max-attempts')]
  }
  // What was mended or dropped by hand, and what will never succeed, says nothing of the road.
  const saysNothing = worth === 'ignored' || worth === 'handed-over' || worth === 'permanent'
  doubt.isDown = !saysNothing && worth !== 'interrupted'
  return []
}

function failed(given: Case): ReleaseVerdict {
  const { state, held, end, settings } = given
  if (end.onlyOpen !== undefined && isSilent(given, end.onlyOpen)) {
    return waits(given, 'silence', longest(given))
  }
  const { attempts, backOff } = settings
  if (state.doubt?.isDown === true && state.doubt.judged !== held.message) {
    return unused(given, 'back-off')
  }
  held.waits = 0
  held.failures += 1
  if (attempts !== 'unlimited' && held.failures >= attempts) {
    if (given.canGiveUp) state.doubt ??= newDoubt(held)
    return waits(given, 'road', longest(given))
  }
  return waits(given, 'back-off', waitAfter(held.failures, backOff, given.fraction))
}

const newDoubt = ({ message }: HeldMessage) => ({
  judged: message,
  control: undefined,
  isDown: false,
})

/** Counts a time-out with one node alone at work; true when that node has stopped the queue. */
function isSilent(given: Case, node: string): boolean {
  const { state, held } = given
  const count = (state.silent?.count ?? 0) + 1
  state.silent = { node, count }
  if (count < silencesToHold) {
    held.silences += 1
    return false
  }
  for (const each of state.held.values()) {
    each.failures = Math.max(0, each.failures - each.silences)
    each.silences = 0
  }
  holdOn(given, 'silence', node)
  state.doubt = undefined
  return true
}

/** Where nothing overtakes, the head is tried, even if its control showed the trouble. */
function holdOn(given: Case, why: Hold['for'], node: string | undefined): void {
  const { state, held, settings } = given
  const [head = held] = isStrict(settings) ? state.held.values() : [held]
  state.hold ??= { message: head.message, for: why, node }
}

/** Waits without having used an attempt, longer each time. */
function unused(given: Case, what: WaitCause): ReleaseVerdict {
  const { held, settings, fraction } = given
  held.waits += 1
  return waits(given, what, waitAfter(held.waits, settings.backOff, fraction))
}

/** Not sooner than the other side has asked for. */
function waits({ held, end, now }: Case, what: WaitCause, span: Ms): ReleaseVerdict {
  const asked = Math.min(end.retryAfter ?? 0, askedMax)
  held.at = { is: 'waiting', until: after(now, ms(Math.max(span, asked))), for: what }
  return { is: 'wait', message: held.message }
}

function longest({ settings: { backOff }, fraction }: Case): Ms {
  return ms(Math.round(backOff.max * (1 - backOff.jitter * fraction)))
}

function settled(
  state: Release,
  held: HeldMessage,
  as: 'delivered' | 'dead-lettered' | 'operator',
): ReleaseVerdict {
  leave(state, held)
  return { is: 'settle', message: held.message, as }
}

function givenUp(state: Release, held: HeldMessage, reason: DropReason): ReleaseVerdict {
  leave(state, held)
  return { is: 'give-up', message: held.message, reason }
}

function leave(state: Release, { message, at }: HeldMessage): void {
  if (at.is === 'out') state.out -= 1
  state.held.delete(message)
  if (state.doubt?.judged === message) state.doubt = undefined
  if (state.hold?.message === message) state.hold = undefined
}

/** Messages that wait are due now: all of them, or those that wait for one of these causes. */
export function hurry(state: Release, now: Instant, only?: readonly WaitCause[]): void {
  for (const held of state.held.values()) {
    const { at } = held
    if (at.is !== 'waiting' || at.until <= now || only?.includes(at.for) === false) continue
    held.at = { ...at, until: now }
  }
}

/** A person dropped a message that waits: it is taken out. False when it does not wait. */
export function withdraw(state: Release, message: number): boolean {
  const held = state.held.get(message)
  if (held?.at.is !== 'waiting') return false
  leave(state, held)
  return true
}
