/**
 * Writes `v1/letters` with the code of today: dead letters of every kind, and a redrive that a kill
 * broke off. Run once per format, by hand, as `node dist/test/formats/write-v1-letters.js`; what it
 * wrote is kept for ever. It refuses to write over what is there.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { originalOf } from '../world/lettering.js'
import { Redriving } from '../world/redriving.js'
import { directory, type StoreGround } from '../world/store-ground.js'
import { arrivalsOfV1, editedOfV1, lettersOfV1, noteOfV1 } from './v1-letters.js'

async function write(): Promise<void> {
  const round = await Redriving.open({ stopAbove: 'off', ...lettersOfV1 })
  const { box } = round
  const ids = await round.accept(...arrivalsOfV1)
  const [given = '', deleted = '', edited = ''] = ids
  await round.start({ selection: { ids: [given] } })
  await round.drain(() => 'failed')
  await box.finish(box.letters.delete([deleted]))
  await box.finish(box.letters.edit(edited, originalOf(editedOfV1)))
  const { cause = '' } = (await box.finish(box.letters.read(given))) ?? {}
  await box.finish(box.letters.note(cause, noteOfV1))
  await box.finish(box.letters.seen())
  await round.accept(...arrivalsOfV1.slice(0, 1).map((each) => ({ ...each, id: 'q1-0a-9' })))
  await round.start({ selection: { filter: { text: 'refused' } }, rate: { messagesPerSecond: 1 } })
  await round.ends('m3', 'ok')
  await box.passes(1500)
  save(box.ground.afterKill())
}

function save(ground: StoreGround): void {
  const target = join('test/formats/v1', 'letters')
  mkdirSync(target, { recursive: true })
  for (const file of ground.disk.namesIn(directory)) {
    if (file === 'LOCK') continue
    const bytes = ground.disk.bytesOf(`${directory}/${file}`)
    writeFileSync(join(target, file), bytes, { flag: 'wx' })
  }
}

write().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
