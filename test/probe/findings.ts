/** What a check has found, for the tests of the probes. */

import type { Found } from '../../src/policy/health-state.js'
import type { Trial } from '../../src/probe/probe.js'
import type { TestWorld } from '../world/test-world.js'

/** After so much time. */
export async function found(world: TestWorld, trial: Trial, afterMs = 0): Promise<Found> {
  await world.clock.advance(afterMs)
  return trial.found
}

/** Why, as a probe tells it. */
export function because(why: string, values: object = {}) {
  return { code: 'CHECK_FAILED', values: { ...values, why } }
}

export function failed(why: string, values: object = {}) {
  return { is: 'failed', why: because(why, values) }
}
