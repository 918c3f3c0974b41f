/** Publishing: this package beside MQTT.js and a bare socket, and the whole node beside core's. */

import { join } from 'node:path'
import type { Bench } from '../bench.js'
import { median, turned } from '../rounds.js'
import { type Budget, type Measured, type Row, rowOf } from '../row.js'
import { Child } from './child.js'
import type { ContestantName, Figures } from './client-child.js'
import { startMosquitto } from './mosquitto.js'
import { NodeRedScene } from './node-red-scene.js'
import type { Listening } from './perfect-broker.js'
import { messageBytes, type Race } from './workload.js'

export async function* mqttSuite(bench: Bench): AsyncGenerator<Row> {
  bench.note(`QoS 1, ${messageBytes} B, MQTT 5 (raw and core: 3.1.1), each in its own process.`)
  bench.note('The perfect broker acknowledges everything at once and keeps nothing.')
  for await (const measured of cases(bench)) yield rowOf('mqtt', measured)
}

async function* cases(bench: Bench): AsyncGenerator<Measured> {
  const { directory, note, signal } = bench
  const { child, said } = await Child.start<Listening>('perfect-broker.js', [], signal)
  try {
    const perfect = { port: said.port, window: 100, directory: join(directory, 'perfect') }
    yield* clientCases(bench, 'perfect broker, window 100', perfect, 1.1)
    yield* nodeCases(bench, child, said.port)
  } finally {
    await child.end()
  }
  const mosquitto = await startMosquitto(directory)
  if (mosquitto === undefined) {
    return note('mosquitto is not measured: it is not installed here (apt-get install mosquitto)')
  }
  try {
    const race = { port: mosquitto.port, window: 20, directory: join(directory, 'mosquitto') }
    yield* clientCases(bench, 'mosquitto, window 20', race, 0.65)
  } finally {
    await mosquitto.stop()
  }
}

/** Turns that do not count: until then the code of the longest way is still being compiled. */
const warmUps = 4
const names = ['raw', 'plain', 'link', 'store'] as const

async function* clientCases(
  bench: Bench,
  where: string,
  race: Race,
  atLeast: number,
): AsyncGenerator<Measured> {
  bench.progress(where)
  const spanMs = bench.isQuick ? 300 : 1000
  const children: Child[] = []
  try {
    const contest: Partial<Record<ContestantName, () => Promise<Figures>>> = {}
    for (const name of names) {
      const directory = join(race.directory, name)
      const args = [name, JSON.stringify({ ...race, directory })]
      const { child } = await Child.start('client-child.js', args, bench.signal)
      children.push(child)
      contest[name] = () => child.ask<Figures>(spanMs)
    }
    const of = await medians(bench.rounds, contest)
    yield row(`${where}: with the store, of MQTT.js`, of('store'), of('plain'), atLeast)
    yield row(`${where}: without, of MQTT.js`, of('link'), of('plain'))
    yield row(`${where}: with the store, of raw`, of('store'), of('raw'))
    yield row(`${where}: MQTT.js, of raw`, of('plain'), of('raw'))
    yield* costs(where, of('store'), of('plain'))
  } finally {
    for (const child of children) await child.end()
  }
}

async function* nodeCases(bench: Bench, broker: Child, port: number): AsyncGenerator<Measured> {
  const { directory, isQuick, progress, rounds } = bench
  const where = 'node in Node-RED'
  progress(where)
  const count = isQuick ? 5_000 : 20_000
  const core = await NodeRedScene.open(join(directory, 'core'), 'core', port)
  const ours = await NodeRedScene.open(join(directory, 'ours'), 'ours', port)
  try {
    const of = await medians(rounds, {
      core: () => core.measure(broker, count),
      ours: () => ours.measure(broker, count),
    })
    yield row(`${where}, 100 at once, of core mqtt out`, of('ours'), of('core'), 0.8)
    yield* costs(where, of('ours'), of('core'))
  } finally {
    await Promise.all([core.close(), ours.close()])
  }
}

function row(name: string, ours: Figures, reference: Figures, atLeast?: number): Measured {
  const budget: { budget?: Budget } =
    atLeast === undefined ? {} : { budget: { of: 'ratio', atLeast } }
  const rates = { ours: ours.perSecond, reference: reference.perSecond }
  return { case: name, ...rates, unit: 'msg/s', ...budget }
}

function* costs(where: string, ours: Figures, reference: Figures): Generator<Measured> {
  const cpu = { ours: ours.cpuMicros, reference: reference.cpuMicros }
  yield { case: `${where}: processor time of the client`, ...cpu, unit: 'us/msg' }
  const delay = { ours: ours.worstDelayMs, reference: reference.worstDelayMs }
  yield { case: `${where}: worst event-loop delay`, ...delay, unit: 'ms' }
}

/** As `interleaved`, of several figures: each turn of one contestant gives all of its. */
async function medians<Name extends string>(
  rounds: number,
  contest: Readonly<Partial<Record<Name, () => Promise<Figures>>>>,
): Promise<(name: Name) => Figures> {
  const all = Object.entries<(() => Promise<Figures>) | undefined>(contest)
  const taken = new Map<string, Figures[]>()
  for (let i = 0; i < warmUps; i++) for (const [, turn] of all) await turn?.()
  for (let round = 0; round < rounds; round++) {
    for (const [name, turn] of turned(all, round)) {
      const figures = await turn?.()
      if (figures !== undefined) taken.set(name, [...(taken.get(name) ?? []), figures])
    }
  }
  return (name) => {
    const figures = taken.get(name) ?? []
    return {
      perSecond: median(figures.map(({ perSecond }) => perSecond)),
      cpuMicros: median(figures.map(({ cpuMicros }) => cpuMicros)),
      worstDelayMs: median(figures.map(({ worstDelayMs }) => worstDelayMs)),
    }
  }
}
