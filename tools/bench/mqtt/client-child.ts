/**
 * The process of one contestant, so that none runs in code or memory that another has warmed up or
 * filled. It connects, says that it is ready, and publishes for as long as it is told each time;
 * its figures are those of this process alone.
 */

import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { ourLink, ourStore } from './ours.js'
import { plain } from './plain.js'
import { raw } from './raw.js'
import type { Contestant, Race } from './workload.js'

const contestants = { raw, plain, link: ourLink, store: ourStore } as const
export type ContestantName = keyof typeof contestants

export interface Figures {
  readonly perSecond: number
  /** Processor time of the whole process, all its threads. */
  readonly cpuMicros: number
  readonly worstDelayMs: number
}

/** What the histogram adds to every delay. */
const resolutionMs = 1

async function measured(contestant: Contestant, spanMs: number): Promise<Figures> {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  const cpu = process.cpuUsage()
  const begin = performance.now()
  delays.enable()
  const count = await contestant.deliver(spanMs)
  delays.disable()
  const tookMs = performance.now() - begin
  const { user, system } = process.cpuUsage(cpu)
  return {
    perSecond: (count / tookMs) * 1000,
    cpuMicros: (user + system) / count,
    worstDelayMs: Math.max(0, delays.max / 1e6 - resolutionMs),
  }
}

async function compete(name: ContestantName, race: Race): Promise<void> {
  const contestant = await contestants[name](race)
  process.on('message', (spanMs: number) => {
    measured(contestant, spanMs).then((figures) => process.send?.(figures), stop)
  })
  process.send?.('ready')
}

function stop(error: unknown): void {
  console.error(error)
  process.exit(1)
}

if (require.main === module) {
  process.on('disconnect', () => process.exit())
  const [, , name = '', race = ''] = process.argv
  compete(name as ContestantName, JSON.parse(race) as Race).catch(stop)
}
