/**
 * One file of the crash simulator: its content as of the last sync and every change since. It
 * samples what a power cut may leave of it; which of its names survive is not its business.
 */

import type { Random } from '../../src/base/ports.js'
import { Content } from './memory-disk-content.js'
import { below, seededRandom } from './seeded-random.js'

export const sectorBytes = 512

/** A write of `data` from `from` to `to`; without data a cut or growth to the length `from`. */
interface Change {
  readonly number: number
  readonly from: number
  readonly to: number
  readonly data?: Uint8Array
  /** A sync of it failed: the system forgets that it must still be written. */
  forgotten?: true
}

/** What stood in sectors that are free again: `bytes` began at `from` of their file. */
export interface Recycled {
  readonly from: number
  readonly bytes: Uint8Array
}

/** How much of what was not synced arrives, and what else stands there. */
interface Weather {
  readonly random: Random
  /** Share of the changed sectors that reach the disk. */
  readonly arriving: number
  /** Share of the changed sectors that hold something else altogether. */
  readonly garbage: number
  readonly recycled: Recycled | undefined
  /** Whole sectors by which the recycled bytes have moved. */
  readonly shift: number
}

const noise = seededRandom(1).bytes(1 << 16)

export class MemoryFile {
  #synced: Content
  #current: Content
  #changes: Change[] = []
  #count = 0
  modifiedAt = 0

  constructor(synced: Content = Content.empty(), current: Content = synced.share()) {
    this.#synced = synced
    this.#current = current
  }

  get length(): number {
    return this.#current.length
  }

  get current(): Content {
    return this.#current
  }

  get isSynced(): boolean {
    return this.#changes.length === 0
  }

  /** Number of the last change; a sync covers the changes up to the number at its start. */
  get changes(): number {
    return this.#count
  }

  write(position: number, data: Uint8Array): void {
    if (data.length === 0) return
    this.#current.write(position, data)
    this.#changes.push({
      number: ++this.#count,
      from: position,
      to: position + data.length,
      data,
    })
  }

  /** Returns what was cut off, if anything: its sectors may be used again. */
  truncate(length: number): Recycled | undefined {
    const cut = { from: length, bytes: this.#current.view(length).slice() }
    this.#current.truncate(length)
    this.#changes.push({ number: ++this.#count, from: length, to: Number.POSITIVE_INFINITY })
    return cut.bytes.length === 0 ? undefined : cut
  }

  /**
   * Makes the changes up to that number durable, except those that a failed sync made forget;
   * unless a later one has taken the place of such a change, for good.
   */
  sync(upTo: number): void {
    let rest: Change[] = []
    for (const change of this.#changes) {
      if (change.number > upTo || change.forgotten === true) rest.push(change)
      else {
        apply(this.#synced, change)
        rest = rest.filter((older) => !isWithin(older, change))
      }
    }
    this.#changes = rest
  }

  /** A sync failed: no later one will write these changes. */
  forget(): void {
    for (const change of this.#changes) change.forgotten = true
  }

  /** Changes durable bytes behind everybody's back. */
  rot(position: number, data: Uint8Array): void {
    this.#synced.write(position, data)
    this.#current.write(position, data)
  }

  /** The same file with the same past, to go its own way from here. */
  copy(): MemoryFile {
    const copy = new MemoryFile(this.#synced.share(), this.#current.share())
    copy.#changes = this.#changes.map((change) => ({ ...change }))
    copy.#count = this.#count
    copy.modifiedAt = this.modifiedAt
    return copy
  }

  /** One state in which a power cut may leave it. */
  afterPowerCut(random: Random, recycled: readonly Recycled[]): MemoryFile {
    const left = this.isSynced ? this.#synced.share() : this.#sample(random, recycled)
    const file = new MemoryFile(left)
    file.modifiedAt = this.modifiedAt
    return file
  }

  #sample(random: Random, recycled: readonly Recycled[]): Content {
    const bytes = new Uint8Array(this.#sampleLength(random))
    bytes.set(this.#synced.view(0, bytes.length))
    const weather = weatherFrom(random, recycled)
    let first = Number.POSITIVE_INFINITY
    for (const change of this.#changes) first = Math.min(first, change.from)
    const start = Math.floor(first / sectorBytes) * sectorBytes
    for (let at = start; at < bytes.length; at += sectorBytes)
      this.#sampleSector(bytes, at, weather)
    return Content.of(bytes)
  }

  /** Any length between the shortest and the longest it had since the sync; the ends more often. */
  #sampleLength(random: Random): number {
    let length = this.#synced.length
    let [shortest, longest] = [length, length]
    for (const { data, from, to } of this.#changes) {
      length = data === undefined ? from : Math.max(length, to)
      shortest = Math.min(shortest, length)
      longest = Math.max(longest, length)
    }
    const any = shortest + below(random, longest - shortest + 1)
    const whole = Math.max(shortest, any - (any % sectorBytes))
    return [this.#synced.length, length, length, longest, any, whole][below(random, 6)] ?? any
  }

  /** Old, new up to one of the changes, or garbage. */
  #sampleSector(bytes: Uint8Array, at: number, weather: Weather): void {
    const end = Math.min(at + sectorBytes, bytes.length)
    const touching = this.#changes.filter(({ from, to }) => from < end && to > at)
    const { random, arriving, garbage } = weather
    const lot = random.fraction()
    if (garbage > 0 && random.fraction() < garbage) {
      spoil(bytes, Math.max(at, this.#synced.length), end, lot, weather)
      for (const { from, to, data } of touching) {
        if (data !== undefined) spoil(bytes, Math.max(at, from), Math.min(end, to), lot, weather)
      }
      return
    }
    if (lot >= arriving) return
    // Mostly the last state of the sector; it may also have been written out on the way there.
    const arrived = lot * 4 < arriving ? below(random, touching.length + 1) : touching.length
    for (let i = 0; i < arrived; i++) {
      const change = touching[i]
      if (change !== undefined) applyWithin(bytes, at, end, change)
    }
  }
}

function apply(content: Content, change: Change): void {
  if (change.data === undefined) content.truncate(change.from)
  else content.write(change.from, change.data)
}

/** A cut is never taken back by what lay behind it; a write may be, by one over all of it. */
function isWithin(older: Change, { from, to }: Change): boolean {
  return older.data !== undefined && older.from >= from && older.to <= to
}

function applyWithin(bytes: Uint8Array, at: number, end: number, change: Change): void {
  const from = Math.max(at, change.from)
  const to = Math.min(end, change.to)
  if (change.data === undefined) bytes.fill(0, from, to)
  else bytes.set(change.data.subarray(from - change.from, to - change.from), from)
}

function weatherFrom(random: Random, recycled: readonly Recycled[]): Weather {
  const any = random.fraction()
  return {
    random,
    arriving: [0, 1, 1, 0.5, any][below(random, 5)] ?? any,
    garbage: [0, 0, 0.1, 0.5, 1][below(random, 5)] ?? 0,
    recycled: recycled[below(random, recycled.length)],
    // Unmoved is the worst case: old records lie just where new ones are looked for.
    shift: random.fraction() < 0.5 ? 0 : below(random, 16) * sectorBytes,
  }
}

/** Fills with zeros, noise or the bytes of an older file. */
function spoil(bytes: Uint8Array, from: number, to: number, lot: number, weather: Weather): void {
  if (from >= to) return
  const { recycled, shift } = weather
  if (lot < 0.25) bytes.fill(0, from, to)
  else if (lot < 0.5 || recycled === undefined) {
    const place = Math.floor(((lot * 4096) % 1) * (noise.length - sectorBytes))
    bytes.set(noise.subarray(place, place + to - from), from)
  } else {
    bytes.fill(0, from, to)
    const begin = from + shift - recycled.from
    const until = Math.max(0, begin + to - from)
    if (until > 0) {
      bytes.set(recycled.bytes.subarray(Math.max(0, begin), until), from + Math.max(0, -begin))
    }
  }
}
