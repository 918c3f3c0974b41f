/**
 * Dead letters over a real journal on a disk in memory: what is accepted is kept once, found again
 * after restarts and crashes, listed and grouped from the index, and leaves with its reason counted.
 */

import should from 'should'
import { Fault } from '../../src/base/fault.js'
import { epochMs } from '../../src/base/units.js'
import {
  began,
  day,
  failed,
  isBalanced,
  Lettering,
  messageIn,
  originalOf,
  textOf,
} from '../world/lettering.js'
import { codeOf } from '../world/store-ground.js'

const page = { limit: 50 }

describe('dead letters', () => {
  it('keep the message untouched, and how it failed', async () => {
    const box = await Lettering.open()
    const msg = { payload: Buffer.from([0, 10, 255]), topic: 'a', at: new Date(5), big: 2n ** 70n }
    const original = originalOf(msg)
    const [id = ''] = await box.accept(failed('', { text: 'order 4711 refused' }, { original }))
    const next = await box.afterKill()
    const letter = await next.finish(next.letters.read(id))
    if (letter === undefined) throw new Error('no letter')
    should(messageIn(letter)).eql(msg)
    const { reason, redrives, hops, state, path, flow, failures, isPoison } = letter
    should({ reason, redrives, hops, state, path, flow, isPoison }).eql({
      ...{ reason: 'max-attempts', redrives: 0, hops: 1, state: 'waiting' },
      ...{ path: ['n1', 'n2'], flow: 'line 1', isPoison: false },
    })
    failures
      .map(({ text, code, attempt, node }) => [text, code, attempt, node?.id])
      .should.eql([['order 4711 refused', 'HTTP_STATUS 503', 5, 'n2']])
  })

  it('make one letter of a message that is handed in twice', async () => {
    const box = await Lettering.open()
    const twice = failed('a', {}, { id: 'q1-abc-7' })
    const both = [box.letters.accept(twice), box.letters.accept(twice)]
    const arrived = await box.finish(Promise.all(both))
    arrived.map(({ is }) => is).should.eql(['new', 'known'])
    const next = await box.afterKill()
    should(await next.finish(next.letters.accept(twice))).eql({ letter: 'q1-abc-7', is: 'known' })
    next.letters.totals.should.eql(totals({ accepted: 1, stored: 1 }))
  })

  it('are the same letter when a redriven one comes back', async () => {
    const box = await Lettering.open()
    const [id = ''] = await box.accept(failed('a'))
    const before = { id, redrives: 1, hops: 1 }
    const again = failed('changed', { text: 'timed out', code: 'OUTCOME_TIMEOUT' }, { before })
    should(await box.finish(box.letters.accept(again))).eql({ letter: id, is: 'returned' })
    const [letter] = await box.all()
    textOf(letter ?? fail()).should.equal('a')
    letter?.failures.length.should.equal(2)
    should(letter?.redrives).equal(1)
    box.letters.totals.should.eql(totals({ accepted: 1, stored: 1 }))
    isBalanced(box.letters).should.be.true()
  })

  it('give up a message that has gone round for ever, and say why', async () => {
    const box = await Lettering.open()
    const rounds = (hops: number, redrives: number) =>
      failed('a', {}, { before: { id: `gone-${hops}`, redrives, hops } })
    await box.accept(rounds(4, 0), rounds(5, 0), rounds(1, 5))
    const letters = await box.all()
    letters
      .map(({ reason, state, hops, redrives }) => [reason, state, hops, redrives])
      .should.eql([
        ['max-attempts', 'waiting', 5, 0],
        ['cycle', 'given-up', 6, 0],
        ['max-attempts', 'given-up', 2, 5],
      ])
  })

  it('hold ten failures at most, the first among them', async () => {
    const box = await Lettering.open()
    const [id = ''] = await box.accept(failed('a', { text: 'first' }))
    for (let n = 1; n <= 20; n++) {
      const before = { id, redrives: n, hops: 1 }
      await box.accept(
        failed('a', { text: `try ${n}`, stack: 'Error: x\n    at f (/a/b.js:1:2)' }, { before }),
      )
    }
    const [letter] = await box.all()
    const texts = letter?.failures.map(({ text }) => text)
    should(texts).eql(['first', ...Array.from({ length: 9 }, (_, n) => `try ${n + 12}`)])
    should(letter?.failures.at(-1)?.stack).match(/^[0-9a-f]{12}$/)
  })

  describe('in groups', () => {
    it('are together when they failed of the same cause', async () => {
      const box = await Lettering.open()
      const texts = ['order 1 refused', 'order 2 refused', 'not allowed']
      for (const [n, text] of texts.entries()) {
        await box.accept(failed(text, { text, at: epochMs(began + n) }))
      }
      const { items, total } = await box.finish(box.letters.groups(page))
      total.should.equal(2)
      items
        .map(({ count, firstAt, lastAt, example }) => [
          count,
          firstAt - began,
          lastAt - began,
          example.failure?.text,
        ])
        .should.eql([
          [1, 2, 2, 'not allowed'],
          [2, 0, 1, 'order 2 refused'],
        ])
      box.letters.stats.causes.should.equal(2)
    })

    it('carry the note that a person wrote, over restarts', async () => {
      const box = await Lettering.open()
      await box.accept(failed('a'))
      const { cause = '' } = (await box.all())[0] ?? {}
      await box.finish(box.letters.note(cause, 'ERP update at 14:30'))
      const next = await box.afterKill()
      const { items } = await next.finish(next.letters.groups(page))
      items.map(({ note }) => note).should.eql(['ERP update at 14:30'])
      await next.finish(next.letters.note(cause, ''))
      const { items: later } = await next.finish(next.letters.groups(page))
      later.map(({ note }) => note).should.eql([''])
    })

    it('are given page by page', async () => {
      const box = await Lettering.open()
      const words = ['one', 'two', 'three', 'four', 'five']
      for (const text of words) await box.accept(failed(text, { text }))
      const first = await box.finish(box.letters.groups({ limit: 3 }))
      const rest = await box.finish(box.letters.groups({ limit: 3, after: first.next ?? '' }))
      const texts = [...first.items, ...rest.items].map(({ example }) => example.failure?.text)
      should(texts.toSorted()).eql(words.toSorted())
      should(rest.next).equal(undefined)
    })
  })

  describe('in lists', () => {
    it('come page by page, the newest first, while others come and go', async () => {
      const box = await Lettering.open()
      const ids = await box.accept(...Array.from({ length: 7 }, (_, n) => failed(`m${n}`)))
      const first = await box.finish(box.letters.list({}, { limit: 3 }))
      should(first.total).equal(7)
      await box.accept(failed('new'))
      await box.finish(box.letters.delete([ids[4] ?? '', ids[3] ?? '']))
      const second = await box.finish(box.letters.list({}, { limit: 3, after: first.next ?? '' }))
      const shown = [...first.items, ...second.items].map(({ id }) => ids.indexOf(id))
      shown.should.eql([6, 5, 4, 2, 1, 0])
      should(second.next).equal(undefined)
      should(Object.keys(first.items[0] ?? {})).not.containEql('original')
    })

    it('pass a filter by cause, reason, state and plain text', async () => {
      const box = await Lettering.open()
      await box.accept(
        failed('a', { text: 'timed out (.*)+$' }, { reason: 'timeout' }),
        failed('b', { text: 'Refused' }, { topic: 'line/9' }),
        failed('c', { text: 'refused' }, { before: { id: 'x', redrives: 5, hops: 1 } }),
      )
      const found = async (filter: object) => {
        const { items } = await box.finish(box.letters.list(filter, page))
        const letters = await box.all()
        return items.map(({ id }) => textOf(letters.find((each) => each.id === id) ?? fail()))
      }
      should(await found({ text: '(.*)+$' })).eql(['a'])
      should(await found({ text: 'refused' })).eql(['c', 'b'])
      should(await found({ text: 'LINE/9' })).eql(['b'])
      should(await found({ reason: 'timeout' })).eql(['a'])
      should(await found({ state: 'given-up' })).eql(['c'])
      should(await found({ state: 'waiting' })).eql(['b', 'a'])
      should(await found({ text: '.*', reason: 'timeout' })).eql(['a'])
    })
  })

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

  it('refuse what a later version wrote', async () => {
    const box = await Lettering.open()
    await box.accept(failed('a'))
    const { ground } = box
    await ground.finish(box.letters.close())
    const journal = await ground.open({ queueId: 'dlq' })
    const payload = Buffer.from('{"format":2}\n{}')
    await ground.finish(journal.append({ payload, codec: 0, lane: 0 }))
    await ground.finish(journal.close())
    const opening = Lettering.open({}, ground)
    should(await ground.finish(codeOf(opening))).equal('DISK_UNWRITABLE')
  })

  it('take over what another kind of node kept', async () => {
    const box = await Lettering.open()
    const { ground } = box
    await ground.finish(box.letters.close())
    const journal = await ground.open({ queueId: 'dlq' })
    const payload = originalOf({ payload: 'backlog' }).bytes
    await ground.finish(journal.append({ payload, codec: 0, lane: 0 }))
    await ground.finish(journal.close())
    const next = await Lettering.open({}, ground)
    ;(await next.texts()).should.eql(['backlog'])
    should((await next.all())[0]?.reason).equal('operator')
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
