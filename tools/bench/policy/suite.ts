/**
 * What the policies cost per message: a breaker's permit with its report, its refusal, and, for
 * comparison, the breakers of others. Everything runs in memory and on a clock that is counted up,
 * so that the cost of reading the time is in none of the figures.
 */

import { instant, ms } from '../../../src/base/units.js'
import { decide as decideBulkhead } from '../../../src/policy/bulkhead.js'
import { freshBulkhead } from '../../../src/policy/bulkhead-state.js'
import { decide } from '../../../src/policy/circuit-breaker.js'
import { ask } from '../../../src/policy/circuit-breaker-event.js'
import { type BreakerSettings, fresh, isAtRest } from '../../../src/policy/circuit-breaker-state.js'
import { Keyed } from '../../../src/policy/keyed.js'
import { decide as decideRetry } from '../../../src/policy/retry.js'
import { freshRetries, openGate } from '../../../src/policy/retry-state.js'
import type { Bench } from '../bench.js'
import { interleaved } from '../rounds.js'
import { type Measured, type Row, rowOf } from '../row.js'
import { installedBreakers } from './peers.js'

const settings: BreakerSettings = {
  trip: {
    ...{ consecutive: 5, failureRate: 0.5, slowRate: 0.8, slowAfter: ms(2000), minimumCalls: 10 },
    window: { is: 'time', span: ms(60_000) },
  },
  backOff: { initial: ms(30_000), factor: 2, max: ms(300_000), jitter: 0.2 },
  ...{ probes: 3, probeSuccesses: 2, probeTimeout: ms(60_000), reportOnly: false },
}
const ok = { is: 'ok' } as const

export async function* policySuite(bench: Bench): AsyncGenerator<Row> {
  for await (const measured of cases(bench)) yield rowOf('policy', measured)
}

async function* cases(bench: Bench): AsyncGenerator<Measured> {
  const count = bench.isQuick ? 20_000 : 200_000
  const peers = installedBreakers(bench.note)
  bench.note('A permit is asked for and reported as ok; for a peer, one call that it lets through.')
  yield* pass(bench, count, peers)
  yield* refusal(bench, count, peers)
  yield* alone(bench, count)
}

type Peers = ReturnType<typeof installedBreakers>

async function* pass(bench: Bench, count: number, peers: Peers): AsyncGenerator<Measured> {
  bench.progress('breaker: permit')
  const contest: Record<string, () => Promise<number>> = { ours: async () => permitNs(count) }
  for (const peer of peers) {
    contest[peer.name] = () => callNs(Math.ceil(count / 4), peer.closed(), ignored)
  }
  const medians = await interleaved(bench.rounds, contest)
  yield* beside('breaker: permit', medians, peers, 400)
}

async function* refusal(bench: Bench, count: number, peers: Peers): AsyncGenerator<Measured> {
  bench.progress('breaker: refuse')
  const contest: Record<string, () => Promise<number>> = { ours: async () => refusalNs(count) }
  for (const peer of peers) {
    contest[peer.name] = async () => callNs(Math.ceil(count / 20), await peer.open(), ignored)
  }
  const medians = await interleaved(bench.rounds, contest)
  yield* beside('breaker: refuse', medians, peers, 200)
}

async function* beside(
  name: string,
  medians: ReadonlyMap<string, number>,
  peers: Peers,
  atMost: number,
): AsyncGenerator<Measured> {
  const ours = medians.get('ours') ?? Number.NaN
  yield { case: name, ours, unit: 'ns', budget: { of: 'ours', atMost } }
  for (const peer of peers) {
    yield { case: `${name}, of ${peer.name}`, ours, reference: medians.get(peer.name), unit: 'ns' }
  }
}

async function* alone(bench: Bench, count: number): AsyncGenerator<Measured> {
  bench.progress('breaker of 1,000 keys, retry, bulkhead')
  const medians = await interleaved(bench.rounds, {
    'breaker: permit, 1,000 keys': async () => keyedNs(count),
    'retry: accept and settle': async () => retryNs(count),
    'bulkhead: admit and free': async () => bulkheadNs(count),
  })
  for (const [name, ours] of medians) yield { case: name, ours, unit: 'ns' }
}

const ignored = () => undefined

/** Processor time since then: what else runs on the machine does not count. */
function usedNs(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began)
  return (user + system) * 1_000
}

/** Nanoseconds per turn of `work`, which is told the time in ms: one turn each. */
function perTurnNs(count: number, work: (now: ReturnType<typeof instant>) => void): number {
  const began = process.cpuUsage()
  for (let turn = 0; turn < count; turn++) work(instant(turn))
  return usedNs(began) / count
}

async function callNs(
  count: number,
  call: () => Promise<unknown>,
  refused: () => undefined,
): Promise<number> {
  const began = process.cpuUsage()
  for (let turn = 0; turn < count; turn++) {
    try {
      await call()
    } catch {
      refused()
    }
  }
  return usedNs(began) / count
}

function permitNs(count: number): number {
  let state = fresh(settings, instant(0))
  return perTurnNs(count, (now) => {
    const { verdict } = decide(state, ask, now, settings)
    if (verdict.is !== 'permit') throw new Error('refused while closed')
    const { permit } = verdict
    state = decide(state, { is: 'report', permit, ended: ok, fraction: 0 }, now, settings).state
  })
}

function refusalNs(count: number): number {
  const start = instant(0)
  const hour = ms(3_600_000)
  const long = {
    ...settings,
    backOff: { ...settings.backOff, initial: hour, max: hour, jitter: 0 },
  }
  const order = { is: 'command', command: 'open', by: '', fraction: 0 } as const
  const { state } = decide(fresh(long, start), order, start, long)
  let refused = 0
  const ns = perTurnNs(count, (now) => {
    if (decide(state, ask, now, long).verdict.is === 'refuse') refused += 1
  })
  if (refused !== count) throw new Error('permitted while open')
  return ns
}

function keyedNs(count: number): number {
  const make = () => ({ state: fresh(settings, instant(0)), out: 0 })
  const breakers = new Keyed<ReturnType<typeof make>>(
    ({ state, out }) => out === 0 && isAtRest(state),
  )
  const keys = Array.from({ length: 999 }, (_, i) => `machine ${i}`)
  let turn = 0
  return perTurnNs(count, (now) => {
    turn += 1
    const { value } = breakers.of(keys[turn % keys.length] ?? '', make)
    const { verdict } = decide(value.state, ask, now, settings)
    if (verdict.is !== 'permit') throw new Error('refused while closed')
    const { permit } = verdict
    const report = { is: 'report', permit, ended: ok, fraction: 0 } as const
    value.state = decide(value.state, report, now, settings).state
  })
}

function retryNs(count: number): number {
  const state = freshRetries()
  const given = {
    ...{ attempts: 5, backOff: settings.backOff, deadline: ms(600_000), maxWaiting: 1000 },
    ...{ retryTimeouts: false, neverRetry: { codes: [], statuses: [] }, budget: 0.2 },
  }
  return perTurnNs(count, (now) => {
    const [verdict] = decideRetry(state, { is: 'accept', gate: openGate }, now, given).verdicts
    if (verdict?.is !== 'attempt') throw new Error('not tried')
    const { message, attempt } = verdict
    decideRetry(state, { is: 'ended', message, attempt, ended: ok, fraction: 0 }, now, given)
  })
}

function bulkheadNs(count: number): number {
  const state = freshBulkhead()
  const given = { maxInFlight: 10, maxWaiting: 100, maxWait: ms(5000), isAdaptive: false }
  return perTurnNs(count, (now) => {
    const [verdict] = decideBulkhead(state, { is: 'accept', key: '' }, now, given).verdicts
    if (verdict?.is !== 'admit') throw new Error('not let in')
    decideBulkhead(state, { is: 'ended', message: verdict.message, ended: ok }, now, given)
  })
}
