/**
 * Queues before work of many kinds in one Node-RED, through the accidents of a plan: nothing is
 * lost, only what was in flight comes twice, order is kept and the balance is exact.
 */

import should from 'should'
import { EmbeddedBroker } from '../../tools/common/embedded-broker.js'
import { freePort } from '../../tools/common/ports.js'
import type { Flow } from '../../tools/common/user-dir.js'
import { writeProbePackage } from './outcome-scene.js'
import { type Accident, QueueLife } from './queue-life.js'
import { sceneFlow } from './queue-scene.js'
import { beside, queueWorks } from './queue-works.js'

/** Messages of each queue. */
export const worksMessages = 200
/** Its arrivals tell when the next accident is due. */
const measure = 'call'
/** Its node never answers: nothing of it is finished, and nothing is lost. */
const silent = 'silent'

/** Resolves with a line for each queue; rejects with the first promise that was broken. */
export async function worksLife(
  directory: string,
  accidents: readonly Accident[],
): Promise<string[]> {
  const port = await freePort()
  const scenes = queueWorks(port, directory)
  const keys = scenes.map(({ key }) => key)
  let life: QueueLife | undefined
  const broker = await EmbeddedBroker.open(await freePort(), (_topic, payload) =>
    life?.hear(['got', 'mqtt', ...payload.toString().split(' ')]),
  )
  try {
    const packages = [writeProbePackage(directory)]
    const flow = (version: number): Flow => [
      ...scenes.flatMap(sceneFlow),
      ...beside(broker.port, version),
    ]
    life = await QueueLife.open({ directory, keys, flow, isStrict: true, packages, port })
    for (const key of keys) await life.feed(key, worksMessages)
    await through(life, accidents)
    const finite = keys.filter((key) => key !== silent)
    const lines = await verdicts(life, finite)
    await silentVerdict(life, accidents)
    return lines
  } finally {
    await life?.close()
    await broker.close()
  }
}

async function through(life: QueueLife, accidents: readonly Accident[]): Promise<void> {
  const { arrived } = life.judge(measure)
  for (const [at, accident] of accidents.entries()) {
    const share = (worksMessages * (at + 1)) / (accidents.length + 1)
    await life.until(() => arrived.size >= share)
    await life.happens(accident)
  }
}

async function verdicts(life: QueueLife, keys: readonly string[]): Promise<string[]> {
  await life.until(() => keys.every((key) => life.judge(key).arrived.size === worksMessages))
  const lines: string[] = []
  for (const key of keys) {
    const judge = life.judge(key)
    lines.push(`${key}: ${judge.summary}`)
    should(judge.complaints).eql([], key)
    should(judge.aside).eql([], key)
    const { balance, waiting } = await life.settled(key)
    should(balance).match({ accepted: worksMessages, delivered: worksMessages, dropped: {} }, key)
    should(waiting).equal(0, key)
  }
  return lines
}

/** A message that was out alone in two kills is set aside as poison (design.md 9.3). */
async function silentVerdict(life: QueueLife, accidents: readonly Accident[]): Promise<void> {
  const kills = accidents.filter((accident) => accident === 'kill').length
  const { balance, waiting } = await life.order(silent, { command: 'status' })
  const { poison = 0, ...others } = balance.dropped
  should(others).eql({})
  should(poison).be.belowOrEqual(Math.max(0, kills - 1))
  should(waiting).equal(worksMessages - poison)
  should(balance).match({ accepted: worksMessages, delivered: 0 })
  // A crash uses an attempt, and a restart forgets how many time-outs came in a row: so many more
  // may have been tried as a control.
  should(life.judge(silent).arrived.size).be.belowOrEqual(1 + accidents.length)
}
