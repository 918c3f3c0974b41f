/**
 * What may come again when the process is killed, and no more: what was out, and what had ended in
 * the very turn of the kill. What ended in an earlier turn was handed to the file (design.md 9.4).
 */

import fc from 'fast-check'
import should from 'should'
import { Committer } from '../../src/store/committer.js'
import { Releasing, wellEnded } from '../world/releasing.js'
import { testSeed } from '../world/seeded-random.js'

interface Plan {
  readonly maxInFlight: number
  readonly hasLanes: boolean
  /** Which of those that are out ends next; `turn`: the loop goes on. */
  readonly steps: readonly (number | 'turn')[]
}

const messages = 40
const lanes = 5

describe('a killed releaser', () => {
  it('repeats only what was out and what ended in the turn of the kill', async () => {
    await fc.assert(
      fc.asyncProperty(plans, (plan) => playing(plan)),
      { seed: testSeed, numRuns: 60 },
    )
  })

  it('would repeat more if outcomes waited to be written', async () => {
    const { notify } = Committer.prototype
    const property = fc.asyncProperty(plans, (plan) =>
      playing(plan, () => {
        Committer.prototype.notify = () => {}
      }).finally(() => {
        Committer.prototype.notify = notify
      }),
    )
    const { failed } = await fc.check(property, { seed: testSeed, numRuns: 60 })
    failed.should.be.true()
  })
})

async function playing(plan: Plan, changed = () => {}): Promise<void> {
  const { maxInFlight, hasLanes, steps } = plan
  const flow = await Releasing.open({ maxInFlight, hasLanes })
  await flow.accept(...Array.from({ length: messages }, (_, n) => `${n % lanes}:${n}`))
  changed()
  const written = new Set<string>()
  let thisTurn: string[] = []
  for (const step of steps) {
    if (step === 'turn') {
      await flow.ground.world.clock.settle()
      for (const text of thisTurn) written.add(text)
      thisTurn = []
      continue
    }
    const out = outOf(flow, written, thisTurn)
    const text = out[step % Math.max(1, out.length)]
    if (text === undefined) continue
    flow.handed.findLast((each) => each.text === text)?.settled(wellEnded)
    thisTurn.push(text)
  }
  const out = outOf(flow, written, thisTurn)
  out.length.should.be.belowOrEqual(maxInFlight)
  const handed = new Set(flow.texts)
  const next = await flow.afterKill()
  await next.drain()
  const again = next.texts.filter((text) => handed.has(text))
  should(new Set(again)).eql(new Set([...out, ...thisTurn]))
  again.length.should.be.belowOrEqual(maxInFlight + thisTurn.length)
}

function outOf(flow: Releasing, written: ReadonlySet<string>, thisTurn: readonly string[]) {
  return flow.texts.filter((text) => !written.has(text) && !thisTurn.includes(text))
}

const plans: fc.Arbitrary<Plan> = fc.record({
  maxInFlight: fc.integer({ min: 1, max: 6 }),
  hasLanes: fc.boolean(),
  steps: fc.array(fc.oneof(fc.nat(5), fc.constant('turn' as const)), { maxLength: 40 }),
})
