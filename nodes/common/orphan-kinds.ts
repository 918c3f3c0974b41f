/**
 * What lies in a directory that no node owns any more, told from what is in it: nothing else says
 * for which type of node it was made. It opens nothing and changes nothing.
 */

import { isLetter } from '../../src/delivery/letter-record.js'
import { fieldOf } from '../../src/policy/plain-data.js'
import type { Survey } from '../../src/store/survey.js'
import type { StoredRecord } from '../../src/store/tail.js'
import { restored } from './content.js'

/** Type of the node that it was made for; `unknown` where nothing is left that would tell. */
export type OrphanKind =
  | 'persistent-queue'
  | 'resilient-mqtt-out'
  | 'dlq'
  | 'circuit-breaker'
  | 'health-monitor'
  | 'unknown'

/** Files that one type of node alone writes. */
const files: readonly (readonly [string, OrphanKind])[] = [
  ['REDRIVE.json', 'dlq'],
  ['LETTERS.json', 'dlq'],
  ['ATTEMPTS.json', 'persistent-queue'],
  ['NUMBERS.log', 'resilient-mqtt-out'],
  ['BREAKER.json', 'circuit-breaker'],
  ['MONITOR.json', 'health-monitor'],
]

/** Rejects with the system's error when the first message cannot be read. */
export async function kindOf(names: readonly string[], survey: Survey): Promise<OrphanKind> {
  for await (const record of survey.read()) return kindOfRecord(record)
  return files.find(([name]) => names.includes(name))?.[1] ?? 'unknown'
}

/** A queue notes with each message when it was accepted; a packet has nothing of ours. */
function kindOfRecord(record: StoredRecord): OrphanKind {
  if (isLetter(record)) return 'dlq'
  const isQueued = fieldOf(fieldOf(restored(record), 'resilience'), 'firstAt') !== undefined
  return isQueued ? 'persistent-queue' : 'resilient-mqtt-out'
}
