/**
 * One thread of the crash simulator: is told a seed, lives that life to its end, reports, and waits
 * for the next one. It decides nothing.
 */

import { parentPort } from 'node:worker_threads'
import { reasonOf } from '../../src/base/fault.js'
import { live } from './crash-lives.js'
import type { CrashReport } from './crash-settings.js'

// Stacks of expected errors, and an allocation for every read, take longer than the judging.
Error.stackTraceLimit = 0
Buffer.poolSize = 1 << 18

parentPort?.on('message', (seed: number) => {
  live(seed)
    .catch((error: unknown) => stopped(seed, error))
    .then((report) => parentPort?.postMessage(report))
})

/** A life that cannot go on is a complaint like any other. */
function stopped(seed: number, error: unknown): CrashReport {
  const complaints = [`seed ${seed}, the life stopped: ${reasonOf(error)}`]
  return {
    states: 0,
    largeStates: 0,
    acknowledged: 0,
    compactions: 0,
    adopted: 0,
    ended: {},
    complaints,
  }
}
