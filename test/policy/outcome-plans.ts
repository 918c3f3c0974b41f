/** Plans of played flows for fast-check: up to 8 nodes without loops, in any order of events. */

import fc from 'fast-check'
import type { Ending } from '../../src/policy/outcome.js'
import type { Made, Manner, Plan, PlayedNode } from './outcome-cast.js'
import { PlayedFlow } from './outcome-world.js'

/** All that is completed when it is completed. */
export const honest: readonly Manner[] = [
  ...(['sync', 'async', 'drop', 'legacy', 'throw', 'fail-done', 'error-then-done'] as const),
  ...(['double-done', 'done-then-fail', 'legacy-error', 'leak'] as const),
]
export const dishonest: readonly Manner[] = ['early', 'legacy-async']
export const anyMade: readonly Made[] = ['same', 'clone', 'new-same-id', 'new-id']

export interface Kinds {
  readonly manners: readonly Manner[]
  readonly made?: readonly Made[]
}

const sizeMax = 8

export function plans({ manners, made = anyMade }: Kinds): fc.Arbitrary<Plan> {
  const nodes = fc
    .integer({ min: 1, max: sizeMax })
    .chain((size) =>
      fc.tuple(...Array.from({ length: size }, (_, at) => nodeAt(at, size, manners, made))),
    )
  return fc.record({
    nodes,
    hasCatch: fc.boolean(),
    choices: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 40 }),
  })
}

/** What leaks its context must be told by its id: nothing else would tell whose it is. */
function nodeAt(
  at: number,
  size: number,
  manners: readonly Manner[],
  made: readonly Made[],
): fc.Arbitrary<PlayedNode> {
  const after = Array.from({ length: size - at - 1 }, (_, i) => at + 1 + i)
  return fc
    .record({
      manner: fc.constantFrom(...manners),
      made: fc.constantFrom(...made),
      next: fc.subarray(after, { maxLength: Math.min(3, after.length) }),
    })
    .map((node) => {
      const isLost = node.manner === 'leak' && node.made === 'new-id'
      return isLost ? { ...node, made: 'clone' as const } : node
    })
}

/** One node of a table: its manner, what it makes of a message, and to whom it sends. */
export type Step = readonly [manner: Manner, made: Made, ...next: number[]]

export function planOf(steps: readonly Step[], hasCatch = false): Plan {
  const nodes = steps.map(([manner, made, ...next]) => ({ manner, made, next }))
  return { nodes, hasCatch, choices: [0] }
}

export const played = (steps: readonly Step[], hasCatch = false): PlayedFlow =>
  new PlayedFlow(planOf(steps, hasCatch))

export const endOf = (flow: PlayedFlow, owner = 0): Ending | undefined =>
  flow.told.get(owner)?.[0]?.ending
