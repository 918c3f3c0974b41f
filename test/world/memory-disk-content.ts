/**
 * The bytes of one file in memory. Contents share their bytes until one of them changes, so a
 * thousand states of a disk cost little more than one. It knows nothing of sectors or syncs.
 */

const nothing = new Uint8Array(0)

export class Content {
  #bytes: Uint8Array
  #length: number
  /** Bytes below this are also somebody else's and are copied before they change. */
  #sharedBelow: number

  private constructor(bytes: Uint8Array, length: number, sharedBelow: number) {
    this.#bytes = bytes
    this.#length = length
    this.#sharedBelow = sharedBelow
  }

  static empty(): Content {
    return new Content(nothing, 0, 0)
  }

  /** Takes the bytes over; the caller must not change them any more. */
  static of(bytes: Uint8Array): Content {
    return new Content(bytes, bytes.length, 0)
  }

  get length(): number {
    return this.#length
  }

  /** Not to be written to. */
  view(from = 0, to = this.#length): Uint8Array {
    return this.#bytes.subarray(from, Math.min(to, this.#length))
  }

  /** The same bytes again, for somebody who may change them. */
  share(): Content {
    this.#sharedBelow = Math.max(this.#sharedBelow, this.#length)
    // Only the first owner may use what lies behind the length.
    return new Content(this.#bytes, this.#length, Number.POSITIVE_INFINITY)
  }

  read(into: Uint8Array, position: number): number {
    const bytes = this.view(position, position + into.length)
    into.set(bytes)
    return bytes.length
  }

  write(position: number, data: Uint8Array): void {
    this.#makeOwn(Math.min(position, this.#length), position + data.length)
    if (position > this.#length) this.#bytes.fill(0, this.#length, position)
    this.#bytes.set(data, position)
    this.#length = Math.max(this.#length, position + data.length)
  }

  truncate(length: number): void {
    if (length > this.#length) {
      this.#makeOwn(this.#length, length)
      this.#bytes.fill(0, this.#length, length)
    }
    this.#length = length
  }

  /** Sees to it that bytes from `from` to `to` exist and belong to nobody else. */
  #makeOwn(from: number, to: number): void {
    if (from >= this.#sharedBelow && to <= this.#bytes.length) return
    const room = to <= this.#bytes.length ? to : Math.ceil(to * 1.5)
    const own = new Uint8Array(Math.max(room, this.#length))
    own.set(this.view())
    this.#bytes = own
    this.#sharedBelow = 0
  }
}
