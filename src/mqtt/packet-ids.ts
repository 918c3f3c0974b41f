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
    if (this.#slots[this.#slotOf(id)]?.id !== id) return
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

/**
 * Lends ids to MQTT.js for what it sends itself, in the words of its option `messageIdProvider`:
 * SUBSCRIBE, UNSUBSCRIBE and PUBLISH have them in common (MQTT 5, 2.2.1). It frees none but these.
 */
export class LentIds {
  readonly #ids: PacketIds<unknown>
  readonly #lent = new Set<number>()
  #last: number | null = null

  constructor(ids: PacketIds<unknown>) {
    this.#ids = ids
  }

  allocate(): number {
    this.#last = this.#ids.add(undefined)
    this.#lent.add(this.#last)
    return this.#last
  }

  getLastAllocated(): number | null {
    return this.#last
  }

  /** Asked for what an earlier session left, of which there is nothing. */
  register(_id: number): boolean {
    return false
  }

  deallocate(id: number): void {
    if (this.#lent.delete(id)) this.#ids.delete(id)
  }

  clear(): void {
    for (const id of this.#lent) this.deallocate(id)
  }
}
