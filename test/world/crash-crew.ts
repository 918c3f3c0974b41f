/**
 * The crash simulator on all cores: lives with the seeds from a first one on, a thread for each
 * core, until so many states are judged. Every life begun is lived to its end, so that what it
 * reports depends on its seed alone; how many lives there are may differ by one per core.
 */

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { kindOf } from './crash-lives.js'
import type { CrashReport } from './crash-settings.js'

export interface Life extends CrashReport {
  readonly seed: number
  readonly kind: string
}

export interface CrewSettings {
  /** Seed of the first life; the next one has the next. */
  readonly seed: number
  /** Judge at least so many states. */
  readonly states: number
  /** Called after each life. */
  readonly lived?: (life: Life) => void
}

/** Most of what a state allocates is dead before the next one: room for that spares the marking. */
const resourceLimits = { maxYoungGenerationSizeMb: 96 }

export async function crashOnAllCores(settings: CrewSettings): Promise<Life[]> {
  const lives: Life[] = []
  let next = settings.seed
  let states = 0
  const work = async (worker: Worker) => {
    while (states < settings.states) {
      const seed = next++
      const life = { ...(await live(worker, seed)), seed, kind: kindOf(seed) }
      states += life.states
      lives.push(life)
      settings.lived?.(life)
    }
  }
  const workers = Array.from({ length: availableParallelism() }, hired)
  try {
    await Promise.all(workers.map(work))
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  return lives.sort((a, b) => a.seed - b.seed)
}

/** How to see one life again. */
export const repeatWith = (seed: number) => `npm run soak -- --seed ${seed} --states 1`

/** What was wrong in these lives, each with the way to see it again. */
export function complaintsOf(lives: readonly Life[]): string[] {
  return lives.flatMap(({ seed, complaints }) =>
    complaints.map((complaint) => `${complaint} (again: ${repeatWith(seed)})`),
  )
}

function hired(): Worker {
  return new Worker(join(__dirname, 'crash-worker.js'), { resourceLimits })
}

function live(worker: Worker, seed: number): Promise<CrashReport> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`the thread of seed ${seed} ended`))
    worker.once('error', reject).once('exit', ended)
    worker.once('message', (report: CrashReport) => {
      worker.off('error', reject).off('exit', ended)
      resolve(report)
    })
    worker.postMessage(seed)
  })
}
