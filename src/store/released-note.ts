/**
 * How far the reader has let messages go, and whether the file says so: only a change is written,
 * and it is written again when a write of it has failed.
 */

import type { Note } from './active.js'
import { type Released, releasedBytes } from './payloads.js'

export class ReleasedNote {
  /** What holds now. */
  now: Released
  /** What the last L in the file says, and the one being written. */
  #written: Released
  #taken: Released
  #waiters: (() => void)[] = []

  constructor(released: Released) {
    this.now = released
    this.#written = released
    this.#taken = released
  }

  /** Resolves when this is in the file, or nobody can write it now. */
  tell(released: Released): Promise<void> {
    this.now = released
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /** The note to write, if any; the same again until `written`. */
  take(): Note[] {
    if (this.now === this.#written) return []
    this.#taken = this.now
    return [{ kind: 'L', payload: releasedBytes(this.#taken), flags: 0 }]
  }

  /** What was taken is in the file. */
  written(): void {
    this.#written = this.#taken
    if (this.#written === this.now) this.giveUp()
  }

  /** It cannot be written now: whoever waits for it goes on without. */
  giveUp(): void {
    for (const resolve of this.#waiters.splice(0)) resolve()
  }
}
