/** Publishing: this package beside MQTT.js and a bare socket, and the whole node beside core's. */

import { join } from 'node:path'
import type { Bench } from '../bench.js'
import { median, turned } from '../rounds.js'
import { type Budget, type Measured, type Row, rowOf } from '../row.js'
import { Child } from './child.js'
import type { ContestantName, Figures } from './client-child.js'
import { startMosquitto } from './mosquitto.js'
import { mosquittoPub } from './mosquitto-pub.js'
import { NodeRedScene } from './node-red-scene.js'
import type { Listening } from './perfect-broker.js'
import { messageBytes, type Race } from './workload.js'

export async function* mqttSuite(bench: Bench): AsyncGenerator<Row> {
  const usual = `QoS 1 and ${messageBytes} B where nothing else is said`
  bench.note(`${usual}; MQTT 5 (raw, core and mosquitto_pub: 3.1.1), each in its own process.`)
  bench.note('The perfect broker acknowledges everything at once and keeps nothing.')
  for await (const measured of cases(bench)) yield rowOf('mqtt', measured)
}

async function* cases(bench: Bench): AsyncGenerator<Measured> {
  const { directory, note, signal } = bench
  const { child, said } = await Child.start<Listening>('perfect-broker.js', [], signal)
  try {
    const perfect = raceOf(said.port, 100, join(directory, 'perfect'))
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
    yield* mosquittoCases(bench, mosquitto.port)
  } finally {
    await mosquitto.stop()
  }
}

const raceOf = (port: number, window: number, directory: string): Race => ({
  ...{ port, window, directory },
  qos: 1,
  bytes: messageBytes,
})

async function* mosquittoCases(bench: Bench, port: number): AsyncGenerator<Measured> {
  const race = raceOf(port, 20, join(bench.directory, 'mosquitto'))
  const where = 'mosquitto, window 20'
  yield* clientCases(bench, where, race, 0.65)
  const others = [
    ['QoS 0', { qos: 0 }],
    ['QoS 2', { qos: 2 }],
    ['1 KB', { bytes: 1024 }],
  ] as const
  for (const [what, change] of others) {
    const directory = join(race.directory, what)
    yield* shortCases(bench, `${where}, ${what}`, { ...race, ...change, directory })
  }
  yield* programCases(bench, where, race)
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
  const of = await raced(bench, where, race, names)
  yield row(`${where}: with the store, of MQTT.js`, of('store'), of('plain'), atLeast)
  yield row(`${where}: without, of MQTT.js`, of('link'), of('plain'))
  yield row(`${where}: with the store, of raw`, of('store'), of('raw'))
  yield row(`${where}: MQTT.js, of raw`, of('plain'), of('raw'))
  yield* costs(where, of('store'), of('plain'))
}

/** The bare socket knows QoS 1 only. */
async function* shortCases(bench: Bench, where: string, race: Race): AsyncGenerator<Measured> {
  const of = await raced(bench, where, race, ['plain', 'link', 'store'])
  yield row(`${where}: with the store, of MQTT.js`, of('store'), of('plain'))
  yield row(`${where}: without, of MQTT.js`, of('link'), of('plain'))
}

async function* programCases(bench: Bench, where: string, race: Race): AsyncGenerator<Measured> {
  const publish = mosquittoPub(race, bench.signal)
  if (publish === undefined) {
    const how = 'it is not installed here (apt-get install mosquitto-clients)'
    return bench.note(`mosquitto_pub is not measured: ${how}`)
  }
  const count = bench.isQuick ? 10_000 : 30_000
  const program = async () => ({ ...nothing, perSecond: await publish(count) })
  const directory = join(race.directory, 'program')
  const of = await raced(bench, `${where}, mosquitto_pub`, { ...race, directory }, ['store'], {
    program,
  })
  yield row(`${where}: with the store, of mosquitto_pub -l`, of('store'), of('program'), 1)
}

/** Each in a process of its own, in turns, with others that have their own. */
async function raced(
  bench: Bench,
  where: string,
  race: Race,
  contestants: readonly ContestantName[],
  others: Contest = {},
): Promise<(name: string) => Figures> {
  bench.progress(where)
  const spanMs = bench.isQuick ? 300 : 1000
  const children: Child[] = []
  try {
    const contest: Record<string, () => Promise<Figures>> = { ...others }
    for (const name of contestants) {
      const directory = join(race.directory, name)
      const args = [name, JSON.stringify({ ...race, directory })]
      const { child } = await Child.start('client-child.js', args, bench.signal)
      children.push(child)
      contest[name] = () => child.ask<Figures>(spanMs)
    }
    return await medians(bench.rounds, contest)
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

type Contest = Readonly<Record<string, () => Promise<Figures>>>

const nothing: Figures = { perSecond: Number.NaN, cpuMicros: Number.NaN, worstDelayMs: Number.NaN }

/** As `interleaved`, of several figures: each turn of one contestant gives all of its. */
async function medians(rounds: number, contest: Contest): Promise<(name: string) => Figures> {
  const all = Object.entries(contest)
  const taken = new Map<string, Figures[]>()
  for (let i = 0; i < warmUps; i++) for (const [, turn] of all) await turn()
  for (let round = 0; round < rounds; round++) {
    for (const [name, turn] of turned(all, round)) {
      taken.set(name, [...(taken.get(name) ?? []), await turn()])
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
