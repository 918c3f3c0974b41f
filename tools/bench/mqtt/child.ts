/**
 * A process of the bench that is asked one thing at a time. One that ends by itself makes the
 * question fail; one that is no longer needed is ended, and so is it when the bench ends.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export class Child {
  readonly #child: ChildProcess
  readonly #ended: Promise<never>

  private constructor(program: string, args: readonly string[], signal: AbortSignal) {
    this.#child = fork(join(__dirname, program), [...args], { signal })
    this.#ended = new Promise((_, reject) => {
      this.#child.once('error', reject)
      this.#child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)))
    })
    this.#ended.catch(() => {}) // only a question that waits must hear of it
  }

  /** With the first thing that it says. */
  static async start<T>(
    program: string,
    args: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly child: Child; readonly said: T }> {
    const child = new Child(program, args, signal)
    return { child, said: await child.#heard<T>() }
  }

  tell(what: number): void {
    this.#child.send(what)
  }

  /** Resolves with the answer to what it was last told. */
  ask<T>(what: number): Promise<T> {
    const answer = this.#heard<T>()
    this.tell(what)
    return answer
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill()
    await gone
  }

  /** The programs are ours, and say what their types say. */
  async #heard<T>(): Promise<T> {
    const [said] = await Promise.race([once(this.#child, 'message'), this.#ended])
    return said as T
  }
}
