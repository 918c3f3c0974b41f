/**
 * Journals written by released versions of the format are opened by the code of today: every
 * message, total and outcome is there. The bytes in `v1/` are never written again.
 */

import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import should from 'should'
import { realWorld } from '../../src/host/world.js'
import { Budget } from '../../src/store/budget.js'
import { decode } from '../../src/store/codec.js'
import { Journal } from '../../src/store/journal.js'
import { laneOf } from '../../src/store/lane.js'
import { readAll } from '../world/crash-workload-verdict.js'
import { messagesOfV1, movedMessagesOfV1, settledOfV1, staysInV1, totalsOfV1 } from './v1.js'

describe('format 1', () => {
  let directory = ''
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'holdfast-format-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  for (const name of ['clean', 'unclean', 'torn']) {
    it(`is read whole from a journal that was left ${name}`, async () => {
      await cp(join('test/formats/v1', name), directory, { recursive: true })
      const before = await readdir(directory)
      before.filter((file) => file.endsWith('.seg')).length.should.be.above(2)
      const journal = await open(directory)
      const records = await readAll(journal)
      const left = messagesOfV1.flatMap((_, n) => (settledOfV1.has(n) ? [] : [n]))
      records.map(({ sequence }) => sequence).should.eql(left)
      for (const { sequence, codec, payload, lane, id, storedAt } of records) {
        const kept = decode(codec, payload)
        isDeepStrictEqual(kept, messagesOfV1[sequence]).should.be.true(`message ${sequence}`)
        lane.should.equal(laneOf(`lane ${sequence % 3}`))
        id.should.match(new RegExp(`^q1-[0-9a-f]{8}-${sequence}$`))
        storedAt.should.be.within(Date.UTC(2026, 10, 21), Date.UTC(2026, 10, 22))
      }
      new Set(records.map(({ codec }) => codec)).should.eql(new Set([0, 1]))
      journal.totals.should.eql(totalsOfV1)
      journal.opening.damaged.should.equal(0)
      journal.opening.quarantined.should.equal(0)
      const suspects = { upTo: 12, atMost: 3, isSameBoot: false }
      should(journal.opening.suspects).eql(name === 'clean' ? undefined : suspects)
      await journal.close()
      ;(await readdir(directory)).filter((file) => file.endsWith('.bad')).should.eql([])
    })
  }

  for (const name of ['compacted', 'adopted']) {
    it(`is read whole from a journal whose messages were ${name}`, async () => {
      await cp(join('test/formats/v1', name), directory, { recursive: true })
      const [first = ''] = (await readdir(directory)).sort()
      first.should.startWith('0000000000000000-')
      ;(await readFile(join(directory, first))).includes('"n":0,').should.be.false()
      const journal = await open(directory)
      const records = await readAll(journal)
      const left = movedMessagesOfV1.flatMap((_, n) => (staysInV1(n) ? [n] : []))
      const found = records.map(({ id }) => Number(/^q1-[0-9a-f]{8}-(\d+)$/.exec(id)?.[1]))
      found.should.eql(left)
      for (const [place, { codec, payload, lane, storedAt }] of records.entries()) {
        const n = left[place] ?? 0
        const isSame = isDeepStrictEqual(decode(codec, payload), movedMessagesOfV1[n])
        isSame.should.be.true(`message ${n}`)
        lane.should.equal(laneOf(`lane ${n % 3}`))
        storedAt.should.equal(Date.UTC(2026, 10, 21) + n * 1000)
      }
      const all = movedMessagesOfV1.length
      const compacted = { accepted: all, delivered: all - left.length }
      journal.totals.should.eql(name === 'compacted' ? compacted : { accepted: left.length })
      should([journal.opening.damaged, journal.opening.quarantined]).eql([0, 0])
      await journal.close()
      ;(await readdir(directory)).filter((file) => file.endsWith('.bad')).should.eql([])
    })
  }
})

function open(directory: string): Promise<Journal> {
  const ground = { world: realWorld, budget: new Budget(), emit: () => {}, failed: () => {} }
  const durability = { is: 'system' } as const
  return Journal.open(ground, { directory, queueId: 'q1', durability, ballastBytes: 0 })
}
