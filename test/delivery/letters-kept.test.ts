/**
 * Dead letters in the hands of people and under their limits: edited, deleted and restored, pushed
 * out by newer ones, carried from one node to another as JSON lines.
 */

import should from 'should'
import { Fault } from '../../src/base/fault.js'
import { day, failed, Lettering, messageIn, originalOf, textOf } from '../world/lettering.js'
import { codeOf } from '../world/store-ground.js'

const page = { limit: 50 }

describe('dead letters', () => {
  describe('that a person changes', () => {
    it('are resolved by an edited copy with a link to them', async () => {
      const box = await Lettering.open()
      const [id = ''] = await box.accept(failed('a'))
      const copy = await box.finish(box.letters.edit(id, originalOf({ payload: 'mended' })))
      const letters = await box.all()
      letters.map((each) => [textOf(each), each.editedFrom]).should.eql([['mended', id]])
      const first = await box.finish(box.letters.read(id))
      should([first?.state, textOf(first ?? fail())]).eql(['resolved', 'a'])
      should(await box.finish(codeOf(box.letters.edit(id, originalOf({}))))).equal('LETTER_GONE')
      copy.should.not.equal(id)
      await box.passes(day + 5000)
      box.letters.totals.should.eql(totals({ accepted: 2, delivered: 1, stored: 1 }))
    })

    it('are resolved also when the process ends before that is noted', async () => {
      const box = await Lettering.open()
      const [id = ''] = await box.accept(failed('a'))
      await box.finish(box.letters.edit(id, originalOf({ payload: 'mended' })))
      const unmarked = box.ground.afterKill()
      unmarked.disk.put('/data/q1/LETTERS.json', Buffer.from('{}'))
      const next = await Lettering.open({}, unmarked)
      ;(await next.texts()).should.eql(['mended'])
      should((await next.finish(next.letters.read(id)))?.state).equal('resolved')
    })

    it('can be restored for a day after they were deleted', async () => {
      const box = await Lettering.open()
      const ids = await box.accept(failed('a'), failed('b'), failed('c'))
      const [a = '', b = ''] = ids
      should(await box.finish(box.letters.delete([a, b, b, 'none']))).equal(2)
      ;(await box.texts()).should.eql(['c'])
      const next = await box.afterKill()
      ;(await next.texts()).should.eql(['c'])
      should(await next.finish(next.letters.restore([a, 'none']))).equal(1)
      ;(await next.texts()).should.eql(['a', 'c'])
      await next.passes(day + 5000)
      should(await next.finish(next.letters.restore([b]))).equal(0)
      const operator = { operator: 1 }
      next.letters.totals.should.eql(totals({ accepted: 3, dropped: operator, stored: 2 }))
    })

    it('are cleared by a filter, given up ones apart, and come back the same way', async () => {
      const box = await Lettering.open()
      const spent = { before: { id: 'x', redrives: 5, hops: 1 } }
      const ids = await box.accept(failed('a'), failed('b', {}, spent), failed('c'))
      should(await box.finish(box.letters.clear({ state: 'given-up' }))).equal(1)
      ;(await box.texts()).should.eql(['a', 'c'])
      should(await box.finish(box.letters.clear({}, 1))).equal(1)
      ;(await box.texts()).should.eql(['c'])
      const { items } = await box.finish(box.letters.list({ aside: 'deleted' }, page))
      items.length.should.equal(2)
      should(await box.finish(box.letters.restore(ids))).equal(2)
      ;(await box.texts()).should.eql(['a', 'b', 'c'])
    })

    it('are gone for good when they are purged', async () => {
      const box = await Lettering.open()
      const [a = ''] = await box.accept(failed('a'), failed('b'))
      await box.finish(box.letters.delete([a]))
      should(await box.finish(box.letters.purge())).equal(2)
      const next = await box.afterKill()
      const dropped = { operator: 2 }
      next.letters.totals.should.eql(totals({ accepted: 2, dropped, stored: 0 }))
    })

    it('are new only until a person has looked', async () => {
      const box = await Lettering.open()
      await box.accept(failed('a'), failed('b'))
      box.letters.stats.fresh.should.equal(2)
      await box.finish(box.letters.seen())
      await box.accept(failed('c'))
      box.letters.stats.fresh.should.equal(1)
      const next = await box.afterKill()
      next.letters.stats.fresh.should.equal(1)
      should(await next.finish(next.letters.purge())).equal(3)
      const empty = await next.reopen()
      await empty.accept(failed('d'))
      empty.letters.stats.fresh.should.equal(1)
    })
  })

  describe('at a limit', () => {
    it('go one for each that comes, also when several come at once', async () => {
      const box = await Lettering.open({ limits: { maxMessages: 10 } })
      const texts = Array.from({ length: 13 }, (_, n) => `${n}`)
      await box.accept(...texts.slice(0, 5).map((text) => failed(text)))
      const together = texts.slice(5).map((text) => box.letters.accept(failed(text)))
      await box.finish(Promise.all(together))
      should(await box.texts()).eql(texts.slice(3))
    })

    it('lose the oldest first, those that were deleted before', async () => {
      const box = await Lettering.open({ limits: { maxMessages: 3 } })
      const [, b = ''] = await box.accept(failed('a'), failed('b'), failed('c'))
      await box.finish(box.letters.delete([b]))
      await box.accept(failed('d'))
      ;(await box.texts()).should.eql(['a', 'c', 'd'])
      await box.accept(failed('e'))
      ;(await box.texts()).should.eql(['c', 'd', 'e'])
      const dropped = { operator: 1, overflow: 1 }
      box.letters.totals.should.eql(totals({ accepted: 5, dropped, stored: 3 }))
      await box.passes(1000)
      box.kinds().should.containEql('messages.dropped')
    })

    it('are told of before it comes to that', async () => {
      const box = await Lettering.open({ limits: { maxMessages: 10 } })
      for (let n = 0; n < 7; n++) await box.accept(failed(`m${n}`))
      box.letters.stats.isNearlyFull.should.be.false()
      box.kinds().should.not.containEql('letters.expiring')
      await box.accept(failed('m7'))
      box.letters.stats.isNearlyFull.should.be.true()
      box
        .kinds()
        .filter((kind) => kind === 'letters.expiring')
        .length.should.equal(1)
      box.kinds().should.not.containEql('queue.warned')
    })

    it('age out after 14 days, and are told of before', async () => {
      const box = await Lettering.open()
      await box.accept(failed('a'))
      await box.calendarMoves(12 * day)
      box.kinds().should.containEql('letters.expiring')
      await box.accept(failed('b'))
      await box.calendarMoves(2 * day)
      ;(await box.texts()).should.eql(['b'])
      box.letters.totals.should.eql(totals({ accepted: 2, dropped: { expired: 1 }, stored: 1 }))
    })

    it('refuse a message that is larger than a quarter of it', async () => {
      const box = await Lettering.open({ limits: { maxBytes: 4096 } })
      const large = failed('x'.repeat(1025))
      should(await box.finish(codeOf(box.letters.accept(large)))).equal('PAYLOAD_TOO_LARGE')
      box.letters.stats.waiting.should.equal(0)
    })
  })

  it('arrive in one event a second', async () => {
    const box = await Lettering.open()
    await box.accept(failed('a'), failed('b'))
    await box.passes(1000)
    const arrived = box.ground.events.filter(({ kind }) => kind === 'letters.arrived')
    arrived.map((event) => Reflect.get(event, 'count')).should.eql([2])
  })

  describe('as JSON lines', () => {
    it('come into another node as they left', async () => {
      const box = await Lettering.open()
      const original = originalOf({ payload: Buffer.from([1, 2]), topic: 't' })
      await box.accept(failed('a'), failed('', {}, { original }), failed('c', {}, { id: 'q-1' }))
      const lines = await exported(box)
      const other = await Lettering.open({ queueId: 'other' })
      const first = await other.finish(other.letters.import(inChunks(lines, 7)))
      first.should.eql({ imported: 3, known: 0, wrong: 0, wrongLines: [] })
      const again = await other.finish(other.letters.import(inChunks(lines, 1000)))
      again.should.eql({ imported: 0, known: 3, wrong: 0, wrongLines: [] })
      const kept = (await other.all()).map((each) => [each.id, messageIn(each), each.failures])
      const sent = (await box.all()).map((each) => [each.id, messageIn(each), each.failures])
      kept.should.eql(sent)
    })

    it('are skipped where they cannot be read', async () => {
      const box = await Lettering.open()
      await box.accept(failed('a'))
      const [line = ''] = (await exported(box)).toString().split('\n')
      const wrong = ['{', '[]', 'null', '{"format":1}', line.replace('"format":1', '"format":0')]
      const other = await Lettering.open()
      const text = Buffer.from(['', ...wrong, line].join('\n'))
      const report = await other.finish(other.letters.import(inChunks(text, 64)))
      report.should.eql({ imported: 1, known: 0, wrong: 5, wrongLines: [2, 3, 4, 5, 6] })
    })

    it('stop at a line that is longer than any letter', async () => {
      const box = await Lettering.open({ limits: { maxBytes: 4096 } })
      const endless = inChunks(Buffer.alloc(40_000, 'x'), 1000)
      const code = await box.finish(codeOf(box.letters.import(endless)))
      should(code).equal('PAYLOAD_TOO_LARGE')
    })
  })
})

const totals = (changes: object) => ({
  ...{ accepted: 0, delivered: 0, deadLettered: 0, dropped: {}, stored: 0 },
  ...changes,
})

function fail(): never {
  throw new Fault('LETTER_GONE')
}

async function exported(box: Lettering): Promise<Buffer> {
  const parts: Uint8Array[] = []
  const reading = (async () => {
    for await (const line of box.letters.export()) parts.push(line)
  })()
  await box.finish(reading)
  return Buffer.concat(parts)
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
