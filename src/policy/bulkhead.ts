/**
 * The bulkhead: so many at work at once for each key, the others wait a moment in the order in
 * which they came, or are turned away. A place is free again however its work ended. Messages are
 * numbers here; it keeps none, holds no timer, and never lets one key take the places of another.
 *
 * The waiting room is one for all keys. When it is full, a key that waits with far fewer than
 * another takes the place of the last one of the longest line, so that one busy key cannot shut
 * out the rest (longest queue drop: B. Suter et al., "Design considerations for supporting TCP
 * with per-flow queueing", 1998).
 *
 * `decide` is deterministic and changes the state that it is given in place.
 */

import { after, type Instant, since } from '../base/units.js'
import { adapt } from './bulkhead-limit.js'
import {
  type Bulkhead,
  type BulkheadDecision,
  type BulkheadEvent,
  type BulkheadSettings,
  type BulkheadVerdict,
  type Figures,
  freshLane,
  type Lane,
  limitOf,
  type Waiter,
} from './bulkhead-state.js'

export function decide(
  state: Bulkhead,
  event: BulkheadEvent,
  now: Instant,
  settings: BulkheadSettings,
): BulkheadDecision {
  const verdicts = verdictsOf(state, event, now, settings)
  if (state.waiting === 0) state.nextAt = undefined
  return { state, verdicts, wakeAt: state.nextAt }
}

function verdictsOf(
  state: Bulkhead,
  event: BulkheadEvent,
  now: Instant,
  settings: BulkheadSettings,
): readonly BulkheadVerdict[] {
  switch (event.is) {
    case 'accept':
      return accepted(state, event.key, now, settings)
    case 'ended':
      return ended(state, event, now, settings)
    case 'time':
      return expired(state, now, settings)
    case 'drop':
      return dropped(state, event.key, now, settings)
    case 'close':
      return closed(state, now)
    default:
      return event satisfies never
  }
}

function accepted(
  state: Bulkhead,
  wanted: string,
  now: Instant,
  settings: BulkheadSettings,
): readonly BulkheadVerdict[] {
  const make = (key: string) => freshLane(key, settings)
  const { value: lane } = state.lanes.of(wanted, make)
  state.messages += 1
  lane.total += 1
  const waiter = { message: state.messages, from: now }
  // Whoever waits goes first, also when the limit has just grown.
  if (lane.active < limitOf(lane, settings) && lane.line.size === 0) {
    return [admit(state, lane, waiter, now)]
  }
  const verdicts: BulkheadVerdict[] = []
  if (state.waiting >= settings.maxWaiting) {
    const longest = longestOf(state)
    const isFair = longest !== undefined && longest.line.size - lane.line.size >= 2
    const last = isFair ? longest.line.pop() : undefined
    if (longest === undefined || last === undefined) {
      return [refuse(lane, waiter, 'overflow', now)]
    }
    state.waiting -= 1
    verdicts.push(refuse(longest, last, 'overflow', now))
  }
  lane.line.push(waiter)
  state.waiting += 1
  state.nextAt ??= after(now, settings.maxWait)
  verdicts.push({ is: 'wait', ...figures(lane, waiter, now) })
  return verdicts
}

function longestOf({ lanes }: Bulkhead): Lane | undefined {
  let longest: Lane | undefined
  for (const [, lane] of lanes.entries()) {
    if (longest === undefined || lane.line.size > longest.line.size) longest = lane
  }
  return longest
}

function ended(
  state: Bulkhead,
  { message, ended }: Extract<BulkheadEvent, { is: 'ended' }>,
  now: Instant,
  settings: BulkheadSettings,
): readonly BulkheadVerdict[] {
  const work = state.out.get(message)
  if (work === undefined) return [{ is: 'late' }]
  const { lane, from } = work
  const before = limitOf(lane, settings)
  if (settings.isAdaptive) adapt(lane.limit, ended, from, lane.active, settings.maxInFlight, now)
  state.out.delete(message)
  lane.active -= 1
  const limit = limitOf(lane, settings)
  const verdicts: BulkheadVerdict[] = [{ is: 'freed' }]
  if (limit !== before) verdicts.push({ is: 'resized', key: lane.key, limit })
  while (lane.active < limit) {
    const next = lane.line.shift()
    if (next === undefined) break
    state.waiting -= 1
    verdicts.push(
      now < after(next.from, settings.maxWait)
        ? admit(state, lane, next, now)
        : tooLate(lane, next, now),
    )
  }
  return verdicts
}

/** Those that have waited too long; in each line the first has waited longest. */
function expired(
  state: Bulkhead,
  now: Instant,
  { maxWait }: BulkheadSettings,
): readonly BulkheadVerdict[] {
  if (state.nextAt === undefined || now < state.nextAt) return []
  const verdicts: BulkheadVerdict[] = []
  let nextAt: Instant | undefined
  for (const [, lane] of state.lanes.entries()) {
    for (;;) {
      const { first } = lane.line
      if (first === undefined) break
      const until = after(first.from, maxWait)
      if (until > now) {
        if (nextAt === undefined || until < nextAt) nextAt = until
        break
      }
      lane.line.shift()
      state.waiting -= 1
      verdicts.push(tooLate(lane, first, now))
    }
  }
  state.nextAt = nextAt
  return verdicts
}

/** What is at work keeps its places; the rest of the key is forgotten. */
function dropped(
  state: Bulkhead,
  key: string,
  now: Instant,
  settings: BulkheadSettings,
): readonly BulkheadVerdict[] {
  const lane = state.lanes.get(key)
  if (lane === undefined) return []
  const verdicts = emptied(lane).map((waiter) => refuse(lane, waiter, 'operator', now))
  state.waiting -= verdicts.length
  lane.total = lane.refused = lane.timedOut = 0
  lane.limit.value = settings.maxInFlight
  if (lane.active === 0) state.lanes.forget(key)
  return verdicts
}

function closed(state: Bulkhead, now: Instant): readonly BulkheadVerdict[] {
  const verdicts: BulkheadVerdict[] = []
  const end = (lane: Lane, waiter: Waiter) =>
    verdicts.push({ is: 'interrupted', ...figures(lane, waiter, now) })
  for (const [message, { lane, from }] of state.out) end(lane, { message, from })
  for (const [, lane] of state.lanes.entries()) {
    lane.active = 0
    for (const waiter of emptied(lane)) end(lane, waiter)
  }
  state.out.clear()
  state.waiting = 0
  return verdicts
}

function emptied({ line }: Lane): Waiter[] {
  const waiters: Waiter[] = []
  for (let next = line.shift(); next !== undefined; next = line.shift()) waiters.push(next)
  return waiters
}

function admit(state: Bulkhead, lane: Lane, waiter: Waiter, now: Instant): BulkheadVerdict {
  lane.active += 1
  state.out.set(waiter.message, { lane, from: now })
  return { is: 'admit', ...figures(lane, waiter, now) }
}

function tooLate(lane: Lane, waiter: Waiter, now: Instant): BulkheadVerdict {
  lane.timedOut += 1
  return refuse(lane, waiter, 'expired', now)
}

function refuse(
  lane: Lane,
  waiter: Waiter,
  reason: 'overflow' | 'expired' | 'operator',
  now: Instant,
): BulkheadVerdict {
  lane.refused += 1
  return { is: 'refuse', reason, ...figures(lane, waiter, now) }
}

function figures({ key, active, line }: Lane, { message, from }: Waiter, now: Instant): Figures {
  return { message, key, inFlight: active, waiting: line.size, waitedMs: since(from, now) }
}
