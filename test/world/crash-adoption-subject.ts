/**
 * Two directories judged as if they were one journal: a message that is in both, as a crash in the
 * middle of an adoption leaves it, counts once, and what was moved has neither left nor come. It
 * checks that ids stay and that each directory keeps its order; the rest is the verdict's.
 */

import type { Message } from '../../src/store/active.js'
import { Journal } from '../../src/store/journal.js'
import type { Outcome, Totals } from '../../src/store/payloads.js'
import type { Ground, JournalSettings } from '../../src/store/settings.js'
import type { StoredRecord } from '../../src/store/tail.js'
import type { Subject } from './crash-subject.js'
import { readAll } from './crash-workload-verdict.js'

export interface Directories {
  readonly owned: string
  readonly orphan: string
}

export class UnionSubject implements Subject {
  readonly #journals: readonly Journal[]
  readonly #ids: ReadonlyMap<number, string>
  /** Messages found in both. */
  #doubles = 0

  private constructor(journals: readonly Journal[], ids: ReadonlyMap<number, string>) {
    this.#journals = journals
    this.#ids = ids
  }

  static settingsFor(directory: string): JournalSettings {
    const queueId = directory.slice('/data/'.length)
    const durability = { is: 'each' } as const
    return { directory, queueId, durability, segmentBytes: 3000, ballastBytes: 512 }
  }

  /** `ids`: under which each lane was known first, if it is known. */
  static async open(
    ground: Ground,
    { owned, orphan }: Directories,
    ids: ReadonlyMap<number, string>,
  ): Promise<UnionSubject> {
    const journals = [await Journal.open(ground, UnionSubject.settingsFor(owned))]
    // A directory that was emptied, or never was, is opened as an empty journal.
    journals.push(await Journal.open(ground, UnionSubject.settingsFor(orphan)))
    return new UnionSubject(journals, ids)
  }

  get waiting(): number {
    return this.#sum(({ waiting }) => waiting) - this.#doubles
  }

  get totals(): Readonly<Totals> {
    const moved = this.#sum(({ totals }) => totals.operator ?? 0)
    const accepted = this.#sum(({ totals }) => totals.accepted) - moved - this.#doubles
    return { accepted, delivered: this.#sum(({ totals }) => totals.delivered ?? 0) }
  }

  async append(message: Message): Promise<number | undefined> {
    return this.#journals[0]?.append(message)
  }

  settle(_lane: number, _sent: unknown, _outcome: Outcome): boolean {
    return false
  }

  /** All that waits, by lane, which stands for the number; throws on what a union would hide. */
  async readAll(): Promise<StoredRecord[]> {
    const byLane = new Map<number, StoredRecord>()
    this.#doubles = 0
    for (const journal of this.#journals) {
      const records = await readAll(journal)
      mustBeInOrder(records)
      for (const record of records) {
        const { lane, id, storedAt, codec, payload, bytes } = record
        const first = this.#ids.get(lane) ?? byLane.get(lane)?.id ?? id
        if (first !== id) throw new Error(`message ${lane} has id ${id} instead of ${first}`)
        if (byLane.has(lane)) this.#doubles++
        byLane.set(lane, { sequence: lane, lane, id, storedAt, codec, payload, bytes })
      }
    }
    return [...byLane.values()].sort((a, b) => a.lane - b.lane)
  }

  async close(): Promise<void> {
    for (const journal of this.#journals) await journal.close()
  }

  #sum(figure: (journal: Journal) => number): number {
    return this.#journals.reduce((sum, journal) => sum + figure(journal), 0)
  }
}

/** Lanes ascend among messages of one origin: their ids but for the number are the same. */
function mustBeInOrder(records: readonly StoredRecord[]): void {
  const last = new Map<string, number>()
  for (const { id, lane } of records) {
    const origin = id.slice(0, id.lastIndexOf('-'))
    if ((last.get(origin) ?? -1) >= lane) throw new Error(`message ${lane} is out of order`)
    last.set(origin, lane)
  }
}
