/** A thousand checks at once: few are under way, all get their turn, and stopped ones take none. */

import fc from 'fast-check'
import should from 'should'
import type { Found } from '../../src/policy/health-state.js'
import type { Trial } from '../../src/probe/probe.js'
import { Turnstile } from '../../src/probe/turnstile.js'
import { testSeed } from '../world/seeded-random.js'

describe('a turnstile', () => {
  it('lets a thousand checks through, never more than 64 at once, in their order', async () => {
    const scene = new Scene(64)
    const trials = Array.from({ length: 1000 }, (_, at) => scene.enter(at))
    scene.inside.size.should.equal(64)
    scene.turnstile.waiting.should.equal(936)
    while (scene.inside.size > 0) await scene.end([...scene.inside.keys()][0] ?? 0)
    await Promise.all(trials.map(({ found }) => found))
    scene.begun.should.eql(Array.from({ length: 1000 }, (_, at) => at))
  })

  it('keeps no place for what was stopped, whenever that was', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(2), fc.nat(30)), { maxLength: 60 }),
        async (run) => {
          const scene = new Scene(3)
          const trials: Trial[] = []
          for (const [what, which] of run) {
            if (what === 0) trials.push(scene.enter(trials.length))
            else if (what === 1) trials[which % Math.max(1, trials.length)]?.stop()
            else await scene.end([...scene.inside.keys()][which % 3] ?? -1)
            scene.inside.size.should.be.belowOrEqual(3)
            if (scene.turnstile.waiting > 0) scene.inside.size.should.equal(3)
          }
          for (const trial of trials) trial.stop()
          should([scene.inside.size, scene.turnstile.waiting]).eql([0, 0])
        },
      ),
      { seed: testSeed, numRuns: 200 },
    )
  })
})

class Scene {
  readonly turnstile: Turnstile
  readonly inside = new Map<number, (found: Found) => void>()
  readonly begun: number[] = []

  constructor(max: number) {
    this.turnstile = new Turnstile(max)
  }

  enter(at: number): Trial {
    return this.turnstile.enter(() => {
      this.begun.push(at)
      const found = new Promise<Found>((resolve) => this.inside.set(at, resolve))
      return { found, stop: () => void this.inside.delete(at) }
    })
  }

  async end(at: number): Promise<void> {
    const resolve = this.inside.get(at)
    this.inside.delete(at)
    resolve?.({ is: 'ok' })
    await new Promise(setImmediate)
  }
}
