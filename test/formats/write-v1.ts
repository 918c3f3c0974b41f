/**
 * Writes the directories in `v1/` with the code of today. Run once per format, by hand, as
 * `node dist/test/formats/write-v1.js`; what it wrote is kept for ever and read by every later
 * version. It refuses to write over what is there.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ms } from '../../src/base/units.js'
import { encode } from '../../src/store/codec.js'
import type { Journal } from '../../src/store/journal.js'
import { laneOf } from '../../src/store/lane.js'
import { framingBytes } from '../../src/store/record.js'
import { directory, StoreGround } from '../world/store-ground.js'
import { testWorld } from '../world/test-world.js'
import { messagesOfV1, settledOfV1 } from './v1.js'

const settings = { segmentBytes: 1500 }

async function write(): Promise<void> {
  const ground = new StoreGround(testWorld({ wall: Date.UTC(2026, 10, 21), seed: 7 }))
  const journal = await ground.open(settings)
  for (const [n, value] of messagesOfV1.entries()) await append(ground, journal, n, value)
  for (const [n, outcome] of settledOfV1) {
    journal.settle({ sequence: n, bytes: sizeOf(n) }, outcome)
    await ground.world.clock.advance(10)
  }
  journal.dropUnstored('overflow')
  journal.released({ upTo: 12, atMost: 3 })
  await ground.world.clock.advance(2000)
  const running = ground.afterKill()
  save('unclean', running)
  const [last = ''] = running.segments.slice(-1)
  const bytes = running.disk.bytesOf(running.path(last))
  save('torn', running, new Map([[last, Buffer.concat([bytes, bytes.subarray(-100, -30)])]]))
  await ground.finish(journal.close())
  save('clean', ground)
}

async function append(ground: StoreGround, journal: Journal, n: number, value: unknown) {
  const { codec, bytes } = encode(value)
  await ground.finish(journal.append({ payload: bytes, codec, lane: laneOf(`lane ${n % 3}`) }))
  await ground.world.clock.advance(ms(1000))
}

const sizeOf = (n: number) => encode(messagesOfV1[n]).bytes.length + framingBytes

function save(name: string, ground: StoreGround, changed = new Map<string, Buffer>()): void {
  const target = join('test/formats/v1', name)
  mkdirSync(target, { recursive: true })
  for (const file of ground.disk.namesIn(directory)) {
    if (file === 'LOCK') continue
    const bytes = changed.get(file) ?? ground.disk.bytesOf(`${directory}/${file}`)
    writeFileSync(join(target, file), bytes, { flag: 'wx' })
  }
}

write().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
