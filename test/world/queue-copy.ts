/**
 * What the disk says that waits in a queue whose process is gone: read from a copy, so that the
 * next process finds everything as it was left.
 */

import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { restored } from '../../nodes/common/content.js'
import { realWorld } from '../../src/host/world.js'
import { Budget } from '../../src/store/budget.js'
import { Journal } from '../../src/store/journal.js'

/** Numbers of the messages that wait. */
export async function waitingOnDisk(directory: string): Promise<Set<number>> {
  const copy = mkdtempSync(join(tmpdir(), 'holdfast-copy-'))
  try {
    cpSync(directory, copy, { recursive: true })
    const ground = { world: realWorld, budget: new Budget(), emit: () => {}, failed: () => {} }
    const settings = { directory: copy, queueId: 'copy', ballastBytes: 0 }
    const journal = await Journal.open(ground, { ...settings, durability: { is: 'system' } })
    const numbers = new Set<number>()
    for (let at = 0; ; ) {
      const { records, next } = await journal.read(at, { records: 1000, bytes: 1 << 20 })
      for (const record of records) numbers.add(Number(restored(record)['n']))
      if (next === at) break
      at = next
    }
    await journal.close()
    return numbers
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
