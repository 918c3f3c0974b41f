/**
 * The process that `kill.test.ts` kills: appends without end to a journal on the real disk and
 * settles out of order, and tells of each through standard output as it happens. Nothing is settled
 * before the line about it is in the kernel, where it outlives a `kill -9`. Ends with its parent.
 */

import { reasonOf } from '../../src/base/fault.js'
import { realWorld } from '../../src/host/world.js'
import { Budget } from '../../src/store/budget.js'
import { Journal } from '../../src/store/journal.js'
import { framingBytes } from '../../src/store/record.js'
import type { JournalSettings } from '../../src/store/settings.js'
import type { StoredRecord } from '../../src/store/tail.js'
import { readAll } from './crash-workload-verdict.js'
import { below, seededRandom } from './seeded-random.js'

const outstanding = 16
const heldMax = 200
const sizeMax = 2500
const noise = seededRandom(1).bytes(1 << 16)

/** Every message is known by its number, which travels as its lane. */
export function payloadOf(number: number): Uint8Array {
  const at = (number * 7919) % (noise.length - sizeMax)
  return noise.subarray(at, at + ((number * 31) % sizeMax))
}

/** Small files, so that many rotations and removals lie in the way of a kill. */
export const settingsFor = (directory: string): JournalSettings => ({
  directory,
  queueId: 'q1',
  durability: { is: 'each' },
  segmentBytes: 32 << 10,
  ballastBytes: 4096,
})

const tell = (text: string) => process.stdout.write(`${text}\n`)

async function work(directory: string, seed: number, first: number): Promise<void> {
  const random = seededRandom(seed)
  const ground = { world: realWorld, budget: new Budget(), emit: () => {}, failed: stop }
  const journal = await Journal.open(ground, settingsFor(directory))
  const held: Pick<StoredRecord, 'sequence' | 'bytes' | 'lane'>[] = await readAll(journal)
  let next = first
  const append = async (): Promise<void> => {
    const lane = next++
    const payload = payloadOf(lane)
    const sequence = await journal.append({ payload, codec: 0, lane })
    tell(`acknowledged ${lane}`)
    held.push({ sequence, bytes: payload.length + framingBytes, lane })
    const count = held.length > heldMax ? 5 : below(random, 3)
    for (let n = 0; n < count; n++) settleOne()
    return append()
  }
  const settleOne = () => {
    // Its parent reads too slowly: what was told last waits in this process, and would die with it.
    if (process.stdout.writableLength > 0) return
    const [record] = held.splice(below(random, held.length), 1)
    if (record === undefined) return
    // Told before it is done: from here on it may be gone.
    tell(`settled ${record.lane}`)
    if (process.stdout.writableLength === 0) journal.settle(record, 'delivered')
  }
  for (let n = 0; n < outstanding; n++) append().catch(stop)
}

function stop(error: unknown): void {
  tell(`stopped: ${reasonOf(error)}`)
  process.exit(1)
}

if (require.main === module) {
  process.stdin.on('end', () => process.exit()).resume()
  const [directory = '', seed, first] = process.argv.slice(2)
  work(directory, Number(seed), Number(first)).catch(stop)
}
