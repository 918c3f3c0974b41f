/**
 * The queue beside a bare wire and what people have today: what passes through, how fast a backlog
 * goes out, and what it costs a flow that publishes.
 */

import { join } from 'node:path'
import type { Bench } from '../bench.js'
import { Child } from '../mqtt/child.js'
import type { Arrived, Listening } from '../mqtt/perfect-broker.js'
import { interleaved } from '../rounds.js'
import { type Measured, type Row, rowOf } from '../row.js'
import {
  broker,
  type Contestant,
  delays,
  gate,
  gatePackage,
  ours,
  publishing,
  wire,
} from './contestants.js'
import { atOnce, type Measure, messageBytes } from './runtime.js'
import { QueueScene } from './scene.js'

export async function* queueSuite(bench: Bench): AsyncGenerator<Row> {
  bench.note(`Messages of ${messageBytes} B, ${atOnce} under way; every message safe on disk.`)
  for await (const measured of localCases(bench)) yield rowOf('queue', measured)
  for await (const measured of publishingCases(bench)) yield rowOf('queue', measured)
}

const strict = ours('strict', {})
const many = ours('many', { maxInFlight: String(atOnce) })

/** Ours in one process, all others in another: hooks of the one would cost the other. */
async function* localCases(bench: Bench): AsyncGenerator<Measured> {
  const { directory, rounds, isQuick, progress, note } = bench
  const found = gatePackage()
  if (found === undefined) {
    note('queue-gate is not measured: npm install --no-save node-red-contrib-queue-gate')
  }
  const gates =
    found === undefined ? [] : [gate('gate-memory', 'memory'), gate('gate-file', 'file')]
  const others = [wire, ...delays, ...gates]
  const packages = found === undefined ? [] : [found]
  const theirs = await QueueScene.open({
    ...{ directory: join(directory, 'others'), contestants: others, packages },
  })
  const own = await QueueScene.open({
    ...{ directory: join(directory, 'ours'), contestants: [strict, many] },
  })
  try {
    const turn = (name: string, what: Measure, count: number) => {
      const scene = [strict, many].some((each) => each.name === name) ? own : theirs
      let isWarm = false
      return () => {
        const messages = isWarm ? count : Math.min(count, warmUp)
        isWarm = true
        return scene.measure(name, what, messages)
      }
    }
    const turnsOf = (what: Measure, count: number, names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, turn(name, what, count)]))
    progress('passing on')
    const gateNames = gates.map(({ name }) => name)
    const passing = ['wire', 'strict', 'many', 'delay', ...gateNames]
    const passed = await interleaved(rounds, turnsOf('pass', isQuick ? 1_000 : 5_000, passing))
    yield* rows('passes on', passed, 'wire', {})
    progress('draining')
    const count = isQuick ? 10_000 : 100_000
    note(`Drained: ${grouped(count)} messages; a wire passes on as many.`)
    const drained = await interleaved(1, {
      wire: turn('wire', 'pass', count),
      'wire-one': turn('wire', 'pass-one', count),
      ...turnsOf('drain', count, ['strict', 'delay-rate', ...gateNames]),
    })
    yield* rows('drains', drained, 'wire', { strict: 0.2 })
    yield* rows('drains', drained, 'wire-one', { strict: 0.2 })
  } finally {
    await Promise.all([theirs.close(), own.close()])
  }
}

/** Messages of the turn that does not count. */
const warmUp = 2_000
const grouped = (count: number) => count.toLocaleString('en-US')

const wires: Readonly<Record<string, string>> = {
  wire: `a bare wire with ${atOnce} under way`,
  'wire-one': 'a bare wire, one after another',
}

const titles: Readonly<Record<string, string>> = {
  strict: 'ours, in order',
  many: `ours, ${atOnce} at once`,
  delay: 'core delay of 1 ms',
  'delay-rate': 'core delay, flushed',
  'gate-memory': 'queue-gate in memory',
  'gate-file': 'queue-gate in a file context',
}

function* rows(
  what: string,
  medians: ReadonlyMap<string, number>,
  wire: string,
  budgets: Readonly<Record<string, number>>,
): Generator<Measured> {
  const reference = medians.get(wire)
  for (const [name, figure] of medians) {
    const title = titles[name]
    if (title === undefined) continue
    const atLeast = budgets[name]
    yield {
      ...{ case: `${what}: ${title}, of ${wires[wire]}`, ours: figure, reference },
      unit: 'msg/s',
      ...(atLeast === undefined ? {} : { budget: { of: 'ratio', atLeast } }),
    }
  }
}

/** A function and core `mqtt out` to a broker that is never the bottleneck, with and without us. */
async function* publishingCases(bench: Bench): AsyncGenerator<Measured> {
  const { directory, rounds, isQuick, signal, progress } = bench
  progress('before mqtt out')
  const count = isQuick ? 2_000 : 10_000
  const { child, said } = await Child.start<Listening>('perfect-broker.js', [], signal)
  const configs = [broker(said.port)]
  const flows: readonly Contestant[] = [
    publishing('bare', undefined),
    publishing('released', ours('released', { outcomeMode: 'released', maxInFlight: '100' })),
    publishing('downstream', ours('downstream', { maxInFlight: '100' })),
  ]
  const scenes: QueueScene[] = []
  try {
    const turns: Record<string, () => Promise<number>> = {}
    for (const flow of flows) {
      const scene = await QueueScene.open({
        ...{ directory: join(directory, flow.name), contestants: [flow], configs },
      })
      scenes.push(scene)
      turns[flow.name] = async () => {
        const arrived = child.ask<Arrived>(count)
        await scene.measure(flow.name, 'feed', count)
        return (count / (await arrived).tookMs) * 1000
      }
    }
    const medians = await interleaved(rounds, turns)
    const row = (name: string, atLeast: number): Measured => ({
      ...{ case: `before mqtt out, ${name}, of the same flow without`, unit: 'msg/s' },
      ...{ ours: medians.get(name) ?? Number.NaN, reference: medians.get('bare') },
      budget: { of: 'ratio', atLeast },
    })
    yield row('released', 0.5)
    yield row('downstream', 0.35)
  } finally {
    await Promise.all(scenes.map((scene) => scene.close()))
    await child.end()
  }
}
