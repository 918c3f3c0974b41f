/**
 * The packet ids of one connection (MQTT 5, 2.2.1): each is used once at a time, and again as late
 * as can be. The library's own keep the free ones in a tree of ranges, which for each message is
 * changed twice and made anew in part.
 */

const idMax = 65_535

export class PacketIds {
  readonly #isUsed = new Uint8Array(idMax + 1)
  #last = 0

  /** Null when all are in use. */
  allocate(): number | null {
    for (let tried = 0; tried < idMax; tried++) {
      this.#last = this.#last === idMax ? 1 : this.#last + 1
      if (this.register(this.#last)) return this.#last
    }
    return null
  }

  getLastAllocated(): number | null {
    return this.#last === 0 ? null : this.#last
  }

  /** False when it is in use. */
  register(id: number): boolean {
    if (this.#isUsed[id] === 1) return false
    this.#isUsed[id] = 1
    return true
  }

  deallocate(id: number): void {
    this.#isUsed[id] = 0
  }

  clear(): void {
    this.#isUsed.fill(0)
  }
}
