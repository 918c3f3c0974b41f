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

  constructor(released: Released) {
    this.now = released
    this.#written = released
    this.#taken = released
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
  }
}
