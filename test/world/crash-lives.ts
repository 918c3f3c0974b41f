/**
 * The lives that the crash simulator lives: which kind a seed stands for, and with what figures.
 * A seed is always the same life, so a complaint is repeated from its seed alone.
 */

import { ms } from '../../src/base/units.js'
import type { Overflow } from '../../src/store/limits.js'
import { adoptEverywhere } from './crash-adoption.js'
import type { CrashReport, CrashSettings } from './crash-settings.js'
import { crashEverywhere } from './crash-workload.js'

type Life = Omit<CrashSettings, 'seed'>

const slow = { writeTakes: ms(4), syncTakes: ms(5) }
const queue = (overflow: Overflow, maxAge = ms(86_400_000)) => ({
  limits: { maxMessages: 12, maxBytes: 40_000, overflow, maxAge },
})
const usual = { steps: 80, statesPerOperation: 6 }
/** For lives whose states take longer to judge. */
const fewer = { steps: 50, statesPerOperation: 3 }

/** Lives with two directories, by another workload. */
const adoptingName = 'a journal that adopts orphans'

/** One after another, by seed. */
const kinds: ReadonlyArray<readonly [name: string, life: Life]> = [
  ['a journal on a quick disk', usual],
  ['a queue that drops its oldest', { ...usual, ...queue('drop-oldest') }],
  ['a journal on a slow disk', { ...usual, disk: slow }],
  ['a journal with small segments', { ...usual, segmentBytes: 1500 }],
  ['a queue whose messages expire', { ...usual, ...queue('drop-oldest', ms(1500)) }],
  [
    'a journal with a commit every 50 ms',
    { ...usual, durability: { is: 'interval', every: ms(50) }, disk: { syncTakes: ms(5) } },
  ],
  [
    'a journal of sparse segments on a slow disk',
    { ...usual, isSparse: true, segmentBytes: 2500, disk: slow },
  ],
  ['a journal with large segments', { ...usual, segmentBytes: 200_000 }],
  ['a queue that refuses, on a slow disk', { ...usual, ...queue('reject'), disk: slow }],
  ['a journal whose writes stop short', { ...usual, hasShortWrites: true }],
  ['a journal with syncs left to the system', { ...usual, durability: { is: 'system' } }],
  ['a journal of sparse segments', { ...usual, isSparse: true, segmentBytes: 2500 }],
  [
    'a queue in lanes that drops its oldest',
    { ...usual, ...queue('drop-oldest'), traits: { order: 'lanes' } },
  ],
  [
    'a queue of three classes that drops its oldest',
    { ...fewer, ...queue('drop-oldest'), traits: { hasClasses: true } },
  ],
  [
    'a queue of the newest of each key, in lanes',
    { ...usual, ...queue('reject'), traits: { order: 'lanes', isConflating: true } },
  ],
  [adoptingName, { steps: 14, statesPerOperation: 2 }],
  [
    'a queue that drops its newest, with small segments',
    { ...usual, ...queue('drop-newest'), segmentBytes: 1500 },
  ],
]
/** One life in so many has messages up to 5 MB. */
const largeEvery = 40
const large: Life = { steps: 40, statesPerOperation: 1, hasLargeMessages: true }
const largeName = 'a journal with messages up to 5 MB'

export const kindNames: readonly string[] = [...kinds.map(([name]) => name), largeName]

export function kindOf(seed: number): string {
  return seed % largeEvery === 0 ? largeName : (kinds[seed % kinds.length]?.[0] ?? '')
}

/** Lives the life of this seed to its end. */
export function live(seed: number): Promise<CrashReport> {
  const isAdopting = kindOf(seed) === adoptingName
  return isAdopting ? adoptEverywhere(lifeOf(seed)) : crashEverywhere(lifeOf(seed))
}

function lifeOf(seed: number): CrashSettings {
  const life = seed % largeEvery === 0 ? large : (kinds[seed % kinds.length]?.[1] ?? usual)
  return { ...life, seed }
}
