/**
 * Holds a thread of the pool for a while, as a slow fsync does, without load on the processor: a
 * read from a named pipe into which nothing is written until the time is over. Where there are no
 * named pipes it only waits, and says so.
 */

import { execFileSync } from 'node:child_process'
import { closeSync, openSync, read, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export class HeldThread {
  /** How long `hold` takes; may be changed at any time. */
  spanMs = 0
  readonly #directory: string
  readonly #pipes: number[] = []
  readonly #free: number[] = []
  #hasPipes = true

  constructor(directory: string) {
    this.#directory = directory
  }

  /** False when `hold` waits without a thread. */
  get holdsThreads(): boolean {
    return this.#hasPipes
  }

  async hold(): Promise<void> {
    if (this.spanMs === 0) return
    const pipe = this.#free.pop() ?? this.#make()
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

  #make(): number | undefined {
    if (!this.#hasPipes) return undefined
    const path = join(this.#directory, `pipe-${this.#pipes.length}`)
    try {
      execFileSync('mkfifo', [path], { stdio: 'ignore' })
    } catch {
      this.#hasPipes = false // a system without them
      return undefined
    }
    const pipe = openSync(path, 'r+')
    this.#pipes.push(pipe)
    return pipe
  }
}
