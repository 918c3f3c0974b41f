/**
 * Writes the directories `v1/compacted` and `v1/adopted` with the code of today: segments from
 * which settled messages are left out, and messages that came from another journal. Run once, by
 * hand, as `node dist/test/formats/write-v1-moved.js`; it refuses to write over what is there.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ms } from '../../src/base/units.js'
import { adopt } from '../../src/store/adoption.js'
import { encode } from '../../src/store/codec.js'
import { Journal } from '../../src/store/journal.js'
import { laneOf } from '../../src/store/lane.js'
import { framingBytes } from '../../src/store/record.js'
import { directory, StoreGround } from '../world/store-ground.js'
import { testWorld } from '../world/test-world.js'
import { movedMessagesOfV1, staysInV1 } from './v1.js'

async function write(): Promise<void> {
  const ground = new StoreGround(testWorld({ wall: Date.UTC(2026, 10, 21), seed: 8 }))
  const journal = await ground.open({ segmentBytes: 1500 })
  const encoded = movedMessagesOfV1.map((value) => encode(value))
  for (const [n, { codec, bytes }] of encoded.entries()) {
    const lane = laneOf(`lane ${n % 3}`)
    await ground.finish(journal.append({ payload: bytes, codec, lane }))
    await ground.world.clock.advance(ms(1000))
  }
  for (const [sequence, { bytes }] of encoded.entries()) {
    if (staysInV1(sequence)) continue
    journal.settle({ sequence, bytes: bytes.length + framingBytes }, 'delivered')
    await ground.world.clock.advance(ms(50))
  }
  await ground.world.clock.advance(ms(2000))
  save('compacted', ground.afterKill(), directory)
  await ground.finish(journal.close())
  const durability = { is: 'each' } as const
  const settings = { directory: '/data/q2', queueId: 'q2', durability, ballastBytes: 0 }
  const other = await ground.finish(Journal.open(ground, settings))
  await ground.finish(adopt(ground, directory, other, () => undefined))
  await ground.finish(other.close())
  save('adopted', ground, settings.directory)
}

function save(name: string, ground: StoreGround, from: string): void {
  const target = join('test/formats/v1', name)
  mkdirSync(target, { recursive: true })
  for (const file of ground.disk.namesIn(from)) {
    if (file === 'LOCK') continue
    writeFileSync(join(target, file), ground.disk.bytesOf(`${from}/${file}`), { flag: 'wx' })
  }
}

write().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
