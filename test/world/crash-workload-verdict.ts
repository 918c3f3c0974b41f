/**
 * What must hold in a journal that was opened after a crash, judged by its promises alone: what it
 * was given, what it acknowledged, what it shows. It does not look into files.
 */

import type { Journal } from '../../src/store/journal.js'
import type { StoredRecord } from '../../src/store/tail.js'

/** One message that was handed to the journal; its place in the list travels as its lane. */
export interface Sent {
  readonly payload: Uint8Array
  readonly codec: number
  sequence?: number
  isSettled: boolean
}

export interface Expected {
  /** Messages handed over before the crash: no other may be found. */
  readonly offered: number
  /** Messages counted as dropped without being kept. */
  readonly dropped: number
  /** Lanes of those acknowledged and not settled. */
  readonly owed: readonly number[]
}

/** Lanes of the messages that are acknowledged and not settled. */
export function owedOf(sent: readonly Sent[]): number[] {
  const owed: number[] = []
  sent.forEach(({ sequence, isSettled }, lane) => {
    if (sequence !== undefined && !isSettled) owed.push(lane)
  })
  return owed
}

export async function readAll(journal: Journal): Promise<StoredRecord[]> {
  const all: StoredRecord[] = []
  for (;;) {
    const from = (all.at(-1)?.sequence ?? -1) + 1
    const next = await journal.read(from, { records: 50, bytes: 200_000 })
    if (next.length === 0) return all
    all.push(...next)
  }
}

/** What does not hold in a recovered journal; settled messages may be back, but unaltered. */
export function* wrongIn(
  { offered, dropped, owed }: Expected,
  journal: Journal,
  records: readonly StoredRecord[],
  sent: readonly Sent[],
): Iterable<string> {
  let last: StoredRecord | undefined
  const found = new Set<number>()
  for (const record of records) {
    const { lane, sequence, payload, codec } = record
    const message = lane < offered ? sent[lane] : undefined
    if (message === undefined) yield `foreign message ${sequence} with lane ${lane}`
    else if (codec !== message.codec || Buffer.compare(payload, message.payload) !== 0) {
      yield `message ${lane} is altered`
    } else if (message.sequence !== undefined && message.sequence !== sequence) {
      yield `message ${lane} has number ${sequence} instead of ${message.sequence}`
    }
    if (last !== undefined && (last.lane >= lane || last.sequence >= sequence)) {
      yield `message ${lane} comes after ${last.lane}`
    }
    found.add(lane)
    last = record
  }
  for (const lane of owed) if (!found.has(lane)) yield `message ${lane} is lost`
  const { accepted, ...outcomes } = journal.totals
  const left = Object.values(outcomes).reduce((sum, count) => sum + count, 0)
  if (journal.waiting !== records.length)
    yield `${journal.waiting} wait, ${records.length} are read`
  if (accepted !== left + records.length) {
    yield `${accepted} accepted are not ${left} that left and ${records.length} that wait`
  }
  const overflow = journal.totals.overflow ?? 0
  if (overflow > dropped) yield `${overflow} dropped instead of ${dropped}`
  if (accepted > offered + dropped)
    yield `${accepted} accepted of ${offered} and ${dropped} dropped`
}
