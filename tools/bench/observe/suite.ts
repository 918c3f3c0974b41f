/**
 * What it costs to be looked at: a queue at full speed while somebody has the sidebar open and a
 * Prometheus scrapes, beside the same queue that nobody asks; and one scrape of 200 nodes, beside
 * one of none.
 */

import { join } from 'node:path'
import type { Bench } from '../bench.js'
import { ours, wire } from '../queue/contestants.js'
import { atOnce, messageBytes } from '../queue/runtime.js'
import { interleaved } from '../rounds.js'
import { type Measured, type Row, rowOf } from '../row.js'
import { crowd, ObservedScene } from './scene.js'

export async function* observeSuite(bench: Bench): AsyncGenerator<Row> {
  for await (const measured of watchedCases(bench)) yield rowOf('observe', measured)
  for await (const measured of scrapedCases(bench)) yield rowOf('observe', measured)
}

const many = ours('many', { maxInFlight: String(atOnce) })

async function* watchedCases(bench: Bench): AsyncGenerator<Measured> {
  const { directory, rounds, isQuick, progress, note } = bench
  const count = isQuick ? 20_000 : 50_000
  note(
    `Watched: ${count} messages of ${messageBytes} B a turn through a persistent-queue, ${atOnce} under way; processor time of all threads; status every 1 s, metrics every 5 s.`,
  )
  progress('a queue that is watched')
  const scene = await ObservedScene.open(join(directory, 'watched'), [many])
  const turn = (isWatched: boolean) => async () => {
    await scene.loop()
    const leave = isWatched ? scene.watch() : undefined
    await scene.queue.measure(many.name, 'pass', count)
    await leave?.()
    const { processorMs } = await scene.loop()
    return (processorMs * 1000) / count
  }
  try {
    const medians = await interleaved(rounds, {
      alone: turn(false),
      again: turn(false),
      watched: turn(true),
    })
    const reference = medians.get('alone')
    const row = (name: string, key: string): Measured => {
      return { case: name, ours: medians.get(key) ?? Number.NaN, reference, unit: 'µs/message' }
    }
    yield row('the same queue once more, unasked: the noise', 'again')
    yield {
      ...row('a queue with sidebar and Prometheus, of one that nobody asks', 'watched'),
      budget: { of: 'ratio', atMost: 1.05 },
    }
  } finally {
    await scene.queue.close()
  }
}

const crowdSize = 200
/** One is soon over, and much of it is chance. */
const scrapesPerRound = 10

async function* scrapedCases(bench: Bench): AsyncGenerator<Measured> {
  const { directory, rounds, progress, note } = bench
  progress(`a scrape of ${crowdSize} nodes`)
  const full = await ObservedScene.open(join(directory, 'full'), [wire], crowd(crowdSize))
  const empty = await ObservedScene.open(join(directory, 'empty'), [wire])
  let bytes = 0
  try {
    for (const what of ['busyMs', 'longestMs'] as const) {
      const turn = (scene: ObservedScene) => async () => {
        await scene.loop()
        const length = await scene.scrape()
        if (scene === full) bytes = length
        return (await scene.loop())[what]
      }
      const contest = { full: turn(full), empty: turn(empty) }
      const medians = await interleaved(scrapesPerRound * rounds, contest)
      const [ours = Number.NaN, reference] = [medians.get('full'), medians.get('empty')]
      const name = what === 'busyMs' ? 'event loop busy' : 'longest wait of others'
      yield { case: `a scrape of ${crowdSize} nodes: ${name}`, ours, reference, unit: 'ms' }
    }
    note(`Scraped: ${Math.round(bytes / 1024)} KB for ${crowdSize} nodes, beside a scrape of none.`)
  } finally {
    await Promise.all([full.queue.close(), empty.queue.close()])
  }
}
