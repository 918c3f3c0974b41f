/**
 * What all journals of one process share: two syncs at a time, so that other flows' file calls find
 * a free thread; 64 MB of appends that wait for a stalled disk; 32 MB of recent messages in memory.
 * It only counts and queues; who is refused decides the journal.
 */

import type { Bytes } from '../base/units.js'

const syncsAtOnce = 2

export class Budget {
  readonly appendBytesMax: Bytes
  readonly tailBytesMax: Bytes
  /** Bytes of messages accepted by a journal and not yet durable. */
  appendBytes: Bytes = 0
  /** Bytes of recent messages mirrored in memory. */
  tailBytes: Bytes = 0
  #syncing = 0
  readonly #waiting: (() => void)[] = []

  constructor(appendBytesMax: Bytes = 64 << 20, tailBytesMax: Bytes = 32 << 20) {
    this.appendBytesMax = appendBytesMax
    this.tailBytesMax = tailBytesMax
  }

  /** Runs `sync` when fewer than two run, first come first served. */
  async sync(sync: () => Promise<void>): Promise<void> {
    if (this.#syncing >= syncsAtOnce) await new Promise<void>((go) => this.#waiting.push(go))
    else this.#syncing++
    try {
      await sync()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#syncing--
      else next()
    }
  }
}
