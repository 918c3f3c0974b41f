/**
 * Which message of a durable queue may go next: one that is due again, the next from the disk, or
 * none for now. Strict order, places, the gate and the search for a control are all decided here;
 * it takes nothing from anywhere itself.
 */

import type { Instant } from '../base/units.js'
import type { HeldMessage, Next, Past, Release, ReleaseSettings, Wait } from './release-state.js'

/** Lanes that wait for their next attempt beside those that are out; more are not begun. */
export const waitingLanesMax = 100

/** `free`: how many the gate lets through beside those that are out; Infinity without one. */
export function next(state: Release, free: number, now: Instant, settings: ReleaseSettings): Next {
  const places = state.singlyLeft > 0 ? 1 : settings.maxInFlight
  if (state.out >= Math.min(places, free)) return { is: 'none', wakeAt: undefined }
  const queued = state.held.size === state.out ? [] : candidates(state, settings)
  const due = queued.find(({ at }) => at.is === 'waiting' && at.until <= now)
  if (due !== undefined) return { is: 'again', message: due.message }
  const wakeAt = earliest(queued)?.until
  if (state.hold !== undefined) return { is: 'none', wakeAt }
  const wantsControl = isControlWanted(state)
  if (wantsControl && isStrict(settings)) {
    const other = [...state.held.values()].find(({ message }) => !isJudged(state, message))
    if (other !== undefined) return { is: 'again', message: other.message }
  }
  const room = roomOf(state, settings, places) + (wantsControl ? 1 : 0)
  return room > 0 ? { is: 'lease' } : { is: 'none', wakeAt }
}

/** What the first waits for that may go when it is due; undefined: none waits. */
export function waitOf(state: Release, settings: ReleaseSettings): Wait | undefined {
  return state.held.size === state.out ? undefined : earliest(candidates(state, settings))
}

/** A message was taken from the queue, to be released now. */
export function took(state: Release, message: number, past?: Past): HeldMessage {
  const known = past ?? { releases: 0, failures: 0 }
  const held: HeldMessage = {
    message,
    ...known,
    silences: 0,
    waits: 0,
    isTimedOut: false,
    at: { is: 'out' },
  }
  state.held.set(message, held)
  goesOut(state, held)
  return held
}

/** A leased message is released again. */
export function again(state: Release, message: number): HeldMessage | undefined {
  const held = state.held.get(message)
  if (held?.at.is !== 'waiting') return undefined
  held.at = { is: 'out' }
  goesOut(state, held)
  return held
}

function goesOut(state: Release, held: HeldMessage): void {
  state.out += 1
  held.releases += 1
  const { doubt } = state
  if (doubt === undefined) return
  // While the judged one itself is tried, nobody else's end decides about it.
  if (doubt.judged === held.message) doubt.control = undefined
  else if (isControlWanted(state)) doubt.control = held.message
}

function isControlWanted({ doubt, held }: Release): boolean {
  if (doubt === undefined || doubt.isDown || doubt.control !== undefined) return false
  return held.get(doubt.judged)?.at.is === 'waiting'
}

const isJudged = ({ doubt }: Release, message: number): boolean => doubt?.judged === message

/** With one place and no lanes, nothing overtakes. */
export const isStrict = ({ maxInFlight, hasLanes }: ReleaseSettings): boolean =>
  maxInFlight === 1 && !hasLanes

/** Leased ones of which any that is due may go. */
function candidates(state: Release, settings: ReleaseSettings): HeldMessage[] {
  const { held, hold, doubt } = state
  const all = [...held.values()]
  if (hold !== undefined) return all.filter(({ message }) => message === hold.message)
  if (isStrict(settings)) return doubt?.control === undefined ? all.slice(0, 1) : []
  return all.filter(({ message }) => doubt?.control === undefined || !isJudged(state, message))
}

function earliest(messages: readonly HeldMessage[]): Wait | undefined {
  let first: Wait | undefined
  for (const { at } of messages) {
    if (at.is === 'waiting' && (first === undefined || at.until < first.until)) first = at
  }
  return first
}

/** How many more may be leased. */
function roomOf(state: Release, settings: ReleaseSettings, places: number): number {
  const { held, out } = state
  return settings.hasLanes ? waitingLanesMax - (held.size - out) : places - held.size
}
