/**
 * What must hold while a disk fails: every promise ends, a rejection carries a code of ours, and a
 * fault that is over costs one group of messages at most. It looks at answers, not at files.
 */

import { Fault } from '../../src/base/fault.js'
import { storyOf } from './crash-workload-states.js'
import type { Sent } from './crash-workload-verdict.js'
import type { FaultKind } from './fault-kinds.js'
import type { ManualClock } from './manual-clock.js'

/**
 * What a promise resolved with; undefined when it rejects, which must be with a code of ours, and
 * not at all when `isSound`.
 */
export async function ended<T>(
  clock: ManualClock,
  work: Promise<T>,
  complain: (wrong: string) => void,
  isSound: boolean,
): Promise<T | undefined> {
  let end: { readonly value?: T } | undefined
  work.then(
    (value) => {
      end = { value }
    },
    (error: unknown) => {
      end = {}
      if (!(error instanceof Fault)) complain(`: raw ${storyOf(error)}`)
      else if (isSound) complain(`: ${storyOf(error)}`)
    },
  )
  for (let n = 0; n < 3 && end === undefined; n++) await clock.settle()
  for (let n = 0; n < 5 && end === undefined; n++) await clock.advance(2000)
  if (end === undefined) complain(' hangs')
  return end?.value
}

/** Which messages should not have been refused; `failures`: how often a store gave up. */
export function* wrongRefusals(
  kind: FaultKind | undefined,
  failures: number,
  groups: ReadonlyArray<readonly Sent[]>,
): Iterable<string> {
  const refused = groups.flat().map(({ sequence }) => sequence === undefined)
  const isMild = kind === undefined || kind.name === 'a short write'
  if (isMild && failures > 0) yield 'gave up for nothing'
  if (isMild && refused.includes(true)) yield 'refused for nothing'
  if (failures > 0 || kind?.lasts === true) return
  const missing = groups.filter((group) => group.some(({ sequence }) => sequence === undefined))
  const first = refused.indexOf(true)
  const last = refused.lastIndexOf(true)
  if (missing.length > 1 || refused.slice(first, last + 1).includes(false)) {
    yield 'refused messages that are no group'
  }
}
