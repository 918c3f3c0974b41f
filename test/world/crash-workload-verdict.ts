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
  /** It was turned away, so that none of it may be found. */
  isRefused?: true
}

export interface Expected {
  /** Messages handed over before the crash: no other may be found. */
  readonly offered: number
  /** Messages counted as dropped without being kept. */
  readonly unstored: number
  /** Messages that ended in one way or another, those included. */
  readonly ended: number
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

export async function readAll(journal: Pick<Journal, 'read'>): Promise<StoredRecord[]> {
  const all: StoredRecord[] = []
  for (let from = 0; ; ) {
    const { records, next } = await journal.read(from, { records: 50, bytes: 200_000 })
    all.push(...records)
    if (next === from) return all
    from = next
  }
}

/** What does not hold in a recovered journal; settled messages may be back, but unaltered. */
export function* wrongIn(
  { offered, unstored, ended, owed }: Expected,
  journal: Pick<Journal, 'totals' | 'waiting'>,
  records: readonly StoredRecord[],
  sent: readonly Sent[],
): Iterable<string> {
  let last: StoredRecord | undefined
  const found = new Set<number>()
  for (const record of records) {
    const { lane, sequence, payload, codec } = record
    const message = lane < offered ? sent[lane] : undefined
    if (message === undefined) yield `foreign message ${sequence} with lane ${lane}`
    else if (message.isRefused === true) yield `message ${lane} was turned away and is there`
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
  if (left > ended) yield `${left} have left instead of ${ended} at most`
  if (accepted > offered + unstored)
    yield `${accepted} accepted of ${offered} and ${unstored} dropped`
}
