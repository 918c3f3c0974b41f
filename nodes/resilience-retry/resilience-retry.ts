/**
 * Tries a failed message again, later each time, and knows when to stop. It decides nothing
 * itself: the policy does; this file carries messages in and shows what becomes of them.
 */

import type { World } from '../../src/base/ports.js'
import type { Tally } from '../../src/base/tally.js'
import { since } from '../../src/base/units.js'
import { retryingMax } from '../../src/policy/retry-budget.js'
import { realWorld } from '../common/hall.js'
import type { NodeRed } from '../common/node-red.js'
import { type Context, furnish, type Instance, type Status } from '../common/room.js'
import { Summed } from '../common/summed.js'
import { spanText } from '../common/words.js'
import { type Form, parse, type Settings } from './resilience-retry.settings.js'
import { Trials } from './trials.js'

export const resilienceRetry =
  (world: World) =>
  (RED: NodeRed): void =>
    furnish<Form, Settings>(world, RED, {
      type: 'resilience-retry',
      parse,
      open,
      outputs: () => 2,
    })

/** What `drop` sets aside at most. */
const dropMax = 100_000

async function open(context: Context<Settings>): Promise<Instance> {
  const { settings, hall, work, emit } = context
  const follower = work.follower(settings.outcome)
  const spent = new Summed(hall.world.clock, (count) => {
    const limit = retryingMax(trials.state.budget, settings.budget)
    emit({ kind: 'retry.budget-spent', count, limit })
  })
  const trials: Trials = new Trials(context, follower, () => spent.add())
  const unwatch = hall.gates.watch(settings.breaker, () => trials.gateMoved())
  const unneed = work.needs('breaker', settings.breaker)
  return {
    input: async (msg) => {
      if (follower.isReport(msg)) follower.report(msg)
      else await trials.accept(msg)
    },
    status: () => statusOf(trials, settings),
    tally: () => tallyOf(context, trials),
    commands: {
      status: () => answerOf(trials, settings),
      flush: () => ({ released: trials.flush() }),
      drop: (order) => ({ dropped: trials.drop(order.count('count', dropMax, dropMax)) }),
    },
    close: async () => {
      unwatch()
      unneed()
      trials.close()
      spent.close()
      follower.close()
    },
  }
}

function tallyOf({ counts }: Context<Settings>, { state }: Trials): Tally {
  const { trials, waiting } = state
  const [attempts, gaveUp] = [counts.by('attempts'), counts.by('gaveUp')]
  return { retry: { trying: trials.size, waiting, attempts, gaveUp }, outcomes: counts.outcomes }
}

function answerOf({ state, gaveUp }: Trials, { budget }: Settings): object {
  const { trials, waiting, budget: used } = state
  const max = retryingMax(used, budget)
  return {
    ...{ trying: trials.size - waiting, waiting, gaveUp, retrying: used.retrying },
    retryingMax: Number.isFinite(max) ? max : 'off',
  }
}

/** What a person sees, trouble first. */
function statusOf({ state, gaveUp, lastFailure, now }: Trials, { budget }: Settings): Status {
  const { trials, waiting, nextAt, budget: used } = state
  if (gaveUp > 0) {
    const values = { count: gaveUp, why: shortReason(lastFailure) }
    return { fill: 'red', shape: 'ring', key: 'status.gave-up', values }
  }
  if (waiting > 0 && used.retrying >= retryingMax(used, budget)) {
    return { fill: 'yellow', shape: 'ring', key: 'status.budget-spent', values: { count: waiting } }
  }
  if (waiting > 0) {
    const time = spanText(Math.max(0, nextAt === undefined ? 0 : since(now, nextAt)))
    return {
      fill: 'yellow',
      shape: 'ring',
      key: 'status.waiting',
      values: { count: waiting, time },
    }
  }
  if (trials.size === 0) return { fill: 'green', shape: 'dot', key: 'status.ready' }
  const values = { count: trials.size }
  return { fill: 'blue', shape: 'dot', key: 'status.trying', values }
}

/** The status that came back, else the node that failed, or the breaker that held it back. */
function shortReason(failure: Trials['lastFailure']): string {
  if (failure?.code === 'HTTP_STATUS') return `HTTP ${failure.values['status']}`
  const { name = '', type = '…' } = failure?.node ?? {}
  const breaker = failure?.code === 'BREAKER_OPEN' ? String(failure.values['name']) : ''
  return (name || breaker || type).slice(0, 12)
}

export default resilienceRetry(realWorld)
