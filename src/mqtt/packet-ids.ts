/**
 * Packet ids in use and what each stands for (MQTT 5, 2.2.1). A table of its own, because a Map
 * that is filled and emptied again and again makes a new table each time, and each old one keeps
 * what was in it from being collected. It forgets nothing by itself.
 */

const idMax = 65_535
const slotsMin = 256

export class PacketIds<T> {
  /** By the last bits of the id: no two in use have the same. */
  #slots: ({ readonly id: number; readonly value: T } | undefined)[] = emptied(slotsMin)
  #count = 0
  #lastId = 0

  /** Takes the next free id. At most 32,768 may be in use. */
  add(value: T): number {
    if (this.#count * 2 >= this.#slots.length) this.#grow()
    let id = this.#lastId
    do id = id === idMax ? 1 : id + 1
    while (this.#slots[this.#slotOf(id)] !== undefined)
    this.#slots[this.#slotOf(id)] = { id, value }
    this.#lastId = id
    this.#count++
    return id
  }

  get(id: number): T | undefined {
    const found = this.#slots[this.#slotOf(id)]
    return found?.id === id ? found.value : undefined
  }

  /** It can be used again. */
  delete(id: number): void {
    if (this.get(id) === undefined) return
    this.#slots[this.#slotOf(id)] = undefined
    this.#count--
  }

  #slotOf(id: number): number {
    return id & (this.#slots.length - 1)
  }

  /** What differs in its last bits differs in one more. */
  #grow(): void {
    const used = this.#slots
    this.#slots = emptied(used.length * 2)
    for (const each of used) if (each !== undefined) this.#slots[this.#slotOf(each.id)] = each
  }
}

const emptied = (length: number): undefined[] => new Array<undefined>(length).fill(undefined)
