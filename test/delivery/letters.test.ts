/**
 * Dead letters over a real journal on a disk in memory: what is accepted is kept once, found again
 * after restarts and crashes, listed and grouped from the index, and leaves with its reason
 * counted.
 */

import should from 'should'
import { Fault } from '../../src/base/fault.js'
import { epochMs } from '../../src/base/units.js'
import {
  began,
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
    await box.accept(rounds(4, 0))
    should(await box.finish(box.letters.accept(rounds(5, 0)))).match({ givenUp: { hops: 6 } })
    should(await box.finish(box.letters.accept(rounds(1, 5)))).match({ givenUp: { redrives: 5 } })
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
