/**
 * The messages that are out, by number. A hash table of its own, because a Map that is emptied
 * again and again makes a new table each time, and each old one keeps the next from being
 * collected: a drain took a third longer and four times the memory. It holds what may be out.
 */

import type { Sequence } from '../base/units.js'
import type { StoredRecord } from './tail.js'

const none = -1
const slotsMin = 64

export class Leases {
  size = 0
  #numbers = new Float64Array(slotsMin).fill(none)
  #records: (StoredRecord | undefined)[] = new Array(slotsMin).fill(undefined)

  has(sequence: Sequence): boolean {
    return this.#numbers[this.#slotOf(sequence)] === sequence
  }

  get(sequence: Sequence): StoredRecord | undefined {
    return this.#records[this.#slotOf(sequence)]
  }

  add(record: StoredRecord): void {
    if ((this.size + 1) * 2 > this.#numbers.length) this.#grow()
    const slot = this.#slotOf(record.sequence)
    if (this.#numbers[slot] === none) this.size++
    this.#numbers[slot] = record.sequence
    this.#records[slot] = record
  }

  /** False when it was not out. */
  delete(sequence: Sequence): boolean {
    let slot = this.#slotOf(sequence)
    if (this.#numbers[slot] !== sequence) return false
    this.size--
    // Those behind move up, or a search would stop at the gap.
    for (let next = this.#after(slot); this.#numbers[next] !== none; next = this.#after(next)) {
      const home = this.#homeOf(this.#numbers[next] ?? 0)
      const isBetween = slot <= next ? slot < home && home <= next : slot < home || home <= next
      if (isBetween) continue
      this.#put(slot, this.#numbers[next] ?? none, this.#records[next])
      slot = next
    }
    this.#put(slot, none, undefined)
    return true
  }

  /** Of all that are out, in no order. */
  values(): StoredRecord[] {
    return this.#records.filter((record) => record !== undefined)
  }

  #put(slot: number, sequence: Sequence, record: StoredRecord | undefined): void {
    this.#numbers[slot] = sequence
    this.#records[slot] = record
  }

  #homeOf(sequence: Sequence): number {
    return sequence % this.#numbers.length
  }

  #after(slot: number): number {
    return (slot + 1) % this.#numbers.length
  }

  /** Where this number is, or would be put. */
  #slotOf(sequence: Sequence): number {
    let slot = this.#homeOf(sequence)
    while (this.#numbers[slot] !== sequence && this.#numbers[slot] !== none) {
      slot = this.#after(slot)
    }
    return slot
  }

  #grow(): void {
    const records = this.values()
    this.#numbers = new Float64Array(this.#numbers.length * 2).fill(none)
    this.#records = new Array(this.#numbers.length).fill(undefined)
    this.size = 0
    for (const record of records) this.add(record)
  }
}
