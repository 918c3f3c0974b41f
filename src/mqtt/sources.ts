/**
 * The sources of a link, asked in turn, so that none waits for the loudest. It keeps nothing of
 * what they hand out.
 */

import type { Outgoing, Source } from './in-flight.js'

export class Sources {
  readonly #all: Source[] = []
  /** The source whose turn it is. */
  #turn = 0

  /** As far as they know, nothing waits behind any of them. */
  get areEmpty(): boolean {
    return this.#all.every((source) => source.isEmpty?.() !== false)
  }

  add(source: Source): void {
    this.#all.push(source)
  }

  /** False when it is not one of them. */
  remove(source: Source): boolean {
    const at = this.#all.indexOf(source)
    if (at < 0) return false
    this.#all.splice(at, 1)
    if (at < this.#turn) this.#turn -= 1
    return true
  }

  next(): { readonly source: Source; readonly outgoing: Outgoing } | undefined {
    for (let asked = this.#all.length; asked > 0; asked--) {
      const index = this.#turn % this.#all.length
      const source = this.#all[index]
      if (source === undefined) return undefined
      this.#turn = index + 1
      const outgoing = source.next()
      if (outgoing !== undefined) return { source, outgoing }
    }
    return undefined
  }
}
