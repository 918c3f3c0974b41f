/**
 * The ground under a journal or a queue in a test: a world in memory, and note taken of every event
 * and fault. Opening it again is a new process on the same disk.
 */

import type { Event } from '../../src/base/event.js'
import { Fault } from '../../src/base/fault.js'
import type { Message } from '../../src/store/active.js'
import { Budget } from '../../src/store/budget.js'
import { Journal } from '../../src/store/journal.js'
import { framingBytes } from '../../src/store/record.js'
import type { Ground, JournalSettings } from '../../src/store/settings.js'
import type { StoredRecord } from '../../src/store/tail.js'
import type { Operation, OperationKind } from './memory-disk-faults.js'
import { afterKill, type TestWorld, type TestWorldOptions, testWorld } from './test-world.js'

export const directory = '/data/q1'

export class StoreGround implements Ground {
  readonly world: TestWorld
  readonly budget: Budget
  readonly events: Event[] = []
  readonly faults: Fault[] = []

  constructor(world: TestWorld, budget = new Budget()) {
    this.world = world
    this.budget = budget
  }

  readonly emit = (event: Event): void => {
    this.events.push(event)
  }

  readonly failed = (fault: Fault): void => {
    this.faults.push(fault)
  }

  get disk() {
    return this.world.disk
  }

  /** Waits for what needs no time to pass. */
  async finish<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {})
    await this.world.clock.settle()
    return work
  }

  /** Waits for what a slow disk needs. */
  async finishWithin<T>(span: number, work: Promise<T>): Promise<T> {
    work.catch(() => {})
    await this.world.clock.advance(span)
    return work
  }

  open(settings: Partial<JournalSettings> = {}): Promise<Journal> {
    const all = { directory, queueId: 'q1', durability: { is: 'each' }, ballastBytes: 0 } as const
    return this.finish(Journal.open(this, { ...all, ...settings }))
  }

  /** The next process, after this one was killed. */
  afterKill(): StoreGround {
    return new StoreGround(afterKill(this.world))
  }

  /** Lists the operations of these kinds from now on. */
  watch(...kinds: OperationKind[]): Operation[] {
    const seen: Operation[] = []
    this.disk.afterOperation = (operation) => {
      if (kinds.includes(operation.kind)) seen.push(operation)
    }
    return seen
  }

  /** Names of the segment files, in order. */
  get segments(): string[] {
    return this.disk.namesIn(directory).filter((name) => name.endsWith('.seg'))
  }

  path(name: string): string {
    return `${directory}/${name}`
  }
}

/** Drops that were told; `last` is the number of the last message, where it has an id. */
export function dropsIn(events: readonly Event[]) {
  return events.flatMap((event) => {
    if (event.kind !== 'messages.dropped') return []
    const { kind: _, lastId, ...drop } = event
    return [lastId === undefined ? drop : { ...drop, last: Number(lastId.split('-').at(-1)) }]
  })
}

export const groundOf = (options: TestWorldOptions = {}) => new StoreGround(testWorld(options))

export const message = (text: string, lane = 0): Message => ({
  payload: Buffer.from(text),
  codec: 0,
  lane,
})

export const texts = (count: number, prefix = 'm') =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`)

/** Appends all at once and waits for them. */
export const appendAll = (ground: StoreGround, journal: Journal, payloads: readonly string[]) =>
  ground.finish(Promise.all(payloads.map((text) => journal.append(message(text)))))

export async function readAll(ground: StoreGround, journal: Journal): Promise<StoredRecord[]> {
  const all: StoredRecord[] = []
  for (let from = 0; ; ) {
    const reading = journal.read(from, { records: 20, bytes: 100_000 })
    const { records, next } = await ground.finish(reading)
    all.push(...records)
    if (next === from) return all
    from = next
  }
}

export const payloadsOf = (records: readonly StoredRecord[]) =>
  records.map(({ payload }) => Buffer.from(payload).toString())

export const recordOf = (sequence: number, payload: string) => ({
  sequence,
  bytes: Buffer.byteLength(payload) + framingBytes,
})

/** accepted = outcomes + waiting. */
export function isBalanced({ totals, waiting }: Pick<Journal, 'totals' | 'waiting'>): boolean {
  const { accepted, ...outcomes } = totals
  return accepted === Object.values(outcomes).reduce((sum, count) => sum + count, waiting)
}

/** The code of what a promise rejects with, or what it resolved with. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work
  } catch (error) {
    return error instanceof Fault ? error.code : error
  }
}
