/**
 * Holds a thread of the pool for a while, as a slow fsync does, without load on the processor: a
 * read from a named pipe into which nothing is written until the time is over. Where there are no
 * named pipes it only waits, and says so.
 */

import { execFileSync } from 'node:child_process'
import { closeSync, openSync, read, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** As many as the pool has threads; made beforehand, because making one stops the event loop. */
const pipeCount = 4

export class HeldThread {
  /** How long `hold` takes; may be changed at any time. */
  spanMs = 0
  readonly #pipes: number[]
  readonly #free: number[]

  constructor(directory: string) {
    this.#pipes = pipesIn(directory)
    this.#free = [...this.#pipes]
  }

  /** False when `hold` waits without a thread. */
  get holdsThreads(): boolean {
    return this.#pipes.length > 0
  }

  async hold(): Promise<void> {
    if (this.spanMs === 0) return
    const pipe = this.#free.pop()
    if (pipe === undefined) await sleep(this.spanMs)
    else {
      setTimeout(() => writeSync(pipe, '.'), this.spanMs)
      await new Promise<void>((resolve, reject) => {
        read(pipe, Buffer.alloc(1), 0, 1, null, (error) => (error ? reject(error) : resolve()))
      })
      this.#free.push(pipe)
    }
  }

  /** Only when nothing is held any more. */
  close(): void {
    for (const pipe of this.#pipes.splice(0)) closeSync(pipe)
    this.#free.length = 0
  }
}

/** None on a system without them. */
function pipesIn(directory: string): number[] {
  try {
    return Array.from({ length: pipeCount }, (_, n) => {
      const path = join(directory, `pipe-${n}`)
      execFileSync('mkfifo', [path], { stdio: 'ignore' })
      return openSync(path, 'r+')
    })
  } catch {
    return []
  }
}
