/**
 * Persistent queues in real Node-REDs for as long as wanted: first every kind of work through every
 * kind of accident, then lives with settings and accidents that the seed draws, clock jumps among
 * them. Each must lose nothing, keep its order, repeat only what was in flight, and balance.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import type { Random } from '../../src/base/ports.js'
import { type Accident, QueueLife } from '../world/queue-life.js'
import { livesFlow } from '../world/queue-lives.js'
import { worksLife } from '../world/queue-works-life.js'
import { below, seededRandom } from '../world/seeded-random.js'

export interface NodesOptions {
  readonly seed: number
  /** Lives after the matrix. */
  readonly lives: number
  readonly told: (what: string) => void
}

const day = 86_400_000
const matrix: readonly Accident[] = ['kill', 'term', 'full', 'flows', 'nodes']
const messages = 2000
const accidentsMax = 12

/** Rejects with the first promise that was broken, and with what is needed to see it again. */
export async function soakNodes({ seed, lives, told }: NodesOptions): Promise<void> {
  for (const accident of matrix) {
    const lines = await inDirectory((directory) => worksLife(directory, [accident, accident]))
    for (const line of lines) told(`${nameOf(accident)} twice, ${line}`)
  }
  for (let n = 0; n < lives; n++) told(await oneLife(seededRandom(seed + n)))
}

async function oneLife(random: Random): Promise<string> {
  const isStrict = random.fraction() < 0.5
  const queue = {
    ...(isStrict ? { keyType: 'none', maxInFlight: '1' } : {}),
    outcomeMode: pick(random, ['downstream', 'watch']),
    watchNodes: ['lives-end'],
    durability: pick(random, ['each', '50ms', 'system']),
  }
  const accidents = Array.from({ length: 1 + below(random, accidentsMax) }, () => drawn(random))
  const told = `${JSON.stringify(queue)} through ${accidents.map(nameOf).join(', ')}`
  try {
    return `${told}: ${await inDirectory((directory) => lived(directory, queue, accidents))}`
  } catch (error) {
    throw new Error(`${told}: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}

async function lived(directory: string, queue: object, accidents: readonly Accident[]) {
  const isStrict = 'maxInFlight' in queue
  const key = 'lives'
  const life = await QueueLife.open({ directory, keys: [key], flow: livesFlow(queue), isStrict })
  try {
    const judge = life.judge(key)
    await life.order(key, { command: 'pause' })
    await life.feed(key, messages)
    await life.order(key, { command: 'resume' })
    for (const [at, accident] of accidents.entries()) {
      const share = (messages * (at + 1)) / (accidents.length + 1)
      await life.until(() => judge.arrived.size >= share)
      await life.happens(accident)
    }
    await life.until(() => judge.arrived.size === messages)
    should({ missing: judge.missing, complaints: judge.complaints, aside: judge.aside }).eql({
      ...{ missing: 0, complaints: [], aside: [] },
    })
    const { balance, waiting } = await life.settled(key)
    should({ balance, waiting }).match({
      ...{ waiting: 0, balance: { accepted: messages, delivered: messages, dropped: {} } },
    })
    return judge.summary
  } finally {
    await life.close()
  }
}

function drawn(random: Random): Accident {
  if (random.fraction() < 0.7) return pick(random, matrix)
  return { jumpMs: pick(random, [-30 * day, -day, -3_600_000, 3_600_000, day]) }
}

const pick = <T>(random: Random, values: readonly T[]): T =>
  values[below(random, values.length)] as T

const nameOf = (accident: Accident): string =>
  typeof accident === 'string' ? accident : `clock ${accident.jumpMs / 3_600_000} h`

async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-soak-'))
  try {
    return await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
  }
}
