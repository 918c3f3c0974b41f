/**
 * What the page of dead letters says, asks for and ticks, without a browser. How it looks and is
 * used, the tests with a browser show.
 */

import should from 'should'
import { Choice } from '../../nodes/sidebar/letter-choice.js'
import * as paths from '../../nodes/sidebar/letter-paths.js'
import {
  fullText,
  isOpenable,
  offsetOf,
  partsOf,
  previewOf,
  readMessage,
} from '../../nodes/sidebar/letter-preview.js'
import type { Failure, Job, Line } from '../../nodes/sidebar/letter-shapes.js'
import * as texts from '../../nodes/sidebar/letter-texts.js'
import type { DropReason } from '../../src/base/event.js'
import { namespace, wordsFor } from '../house/dialogs.js'

const word: texts.Word = (key, values) => wordsFor(`${namespace}/sidebar:${key}`, values) ?? key

describe('the words of dead letters', () => {
  const failure: Failure = {
    ...{ code: 'HTTP_STATUS 503', text: '', at: 0, attempt: 1 },
    node: { id: 'a', type: 'http request' },
  }

  it('tell how and where it failed', () => {
    const told = (changed: Partial<Failure>) => texts.causeText({ ...failure, ...changed }, word)
    told({}).should.equal('HTTP 503 · http request')
    told({ code: 'OUTCOME_TIMEOUT' }).should.equal('timed out · http request')
    told({ code: 'TypeError', node: null }).should.equal('TypeError')
    told({ node: { id: 'a', type: 'b', name: 'ERP' } }).should.equal('HTTP 503 · ERP')
    texts.causeText(null, word).should.equal('no error given')
  })

  it('do not say the name of an error twice', () => {
    const text = (code: string) => texts.failureText({ code, text: 'TypeError: x is not y' })
    text('TypeError').should.equal('x is not y')
    text('NODE_ERROR').should.equal('TypeError: x is not y')
  })

  it('exist for every reason and every code that has a text of its own', () => {
    const reasons: Record<DropReason, true> = {
      ...{ expired: true, overflow: true, 'max-attempts': true, permanent: true, timeout: true },
      ...{ deadline: true, budget: true, refused: true, 'too-large': true, poison: true },
      ...{ 'not-authorised': true, cycle: true, offline: true, superseded: true },
      ...{ unstorable: true, operator: true, damaged: true },
    }
    const keys = Object.keys(reasons).map((reason) => `letters.reason.${reason}`)
    for (const code of texts.codes) keys.push(`letters.code.${code}`)
    keys.filter((key) => word(key) === key).should.eql([])
  })

  it('tell what is worth knowing of a letter', () => {
    const line: Line = {
      ...{ id: 'letters-7e5db86f-12', state: 'waiting', reason: 'permanent', cause: 'c' },
      ...{ lastAt: 0, redrives: 0, topic: '', poison: false, editedFrom: null, failure },
    }
    texts.lineMarks(line, word).should.eql([])
    texts.lineText(line).should.equal('…db86f-12')
    const worse: Line = {
      ...{ ...line, redrives: 2, state: 'given-up', poison: true, editedFrom: 'x' },
      failure: { ...failure, attempt: 5 },
    }
    texts
      .lineMarks(worse, word)
      .should.eql(['5 attempts', 'again 2×', 'given up', 'poison', 'edited'])
  })

  it('tell how far a redrive is, where it would stop, and how it ended', () => {
    const job: Job = {
      ...{ job: 'a', total: 1204, ok: 4, failed: 1, back: 1, out: 3, gone: 2 },
      ...{ stopAbove: 0.2, state: 'running' },
    }
    const told = (changed: Partial<Job>) => texts.jobText({ ...job, ...changed }, word)
    told({}).should.equal('8 of 1,204 · 4 ok · 1 failed · stops at 20%')
    told({ stopAbove: 'off' }).should.equal('8 of 1,204 · 4 ok · 1 failed')
    told({ state: 'cancelled' }).should.equal('Cancelled · 8 of 1,204 · 4 ok · 1 failed')
    told({ state: 'finished', total: 8 }).should.equal('Redriven · 4 ok · 1 failed')
    for (const state of ['failing', 'unreceived', 'source-gone'] as const) {
      told({ state }).should.startWith('Stopped, ')
    }
  })

  it('tell times of today without the day, and ages without a sign', () => {
    const at = new Date(2026, 0, 5, 14, 1).getTime()
    texts.whenText(at, at + 60_000).should.equal('14:01')
    texts.whenText(at, at + 86_400_000).should.match(/5.* 14:01$/)
    texts.ageText(at, at - 5000, (span) => `${span}`).should.equal('1000')
  })
})

describe('the addresses of dead letters', () => {
  const { unfiltered, matching } = paths

  it('name node, cause, filter and piece', () => {
    const filter = { ...unfiltered, text: 'a&b', isGivenUp: true }
    paths
      .listPath('n/1', { cause: 'c', filter, limit: 50, after: '7' })
      .should.equal('dlq/n%2F1/letters?cause=c&text=a%26b&state=given-up&limit=50&after=7')
    const deleted = { ...unfiltered, isDeleted: true }
    paths
      .listPath('n', { cause: matching, filter: deleted, limit: 50, after: null })
      .should.equal('dlq/n/letters?aside=deleted&limit=50')
  })

  it('of an export leave out what it does not know', () => {
    paths.exportPath('n', matching, unfiltered).should.equal('dlq/n/export')
    paths
      .exportPath('n', 'c', { ...unfiltered, text: 'x', isDeleted: true })
      .should.equal('dlq/n/export?cause=c&text=x')
  })

  it('keep what is written in where it was', () => {
    const how = { keyOf: (item: string) => item, isBusy: (item: string) => item === 'b' }
    paths.kept(['a', 'b', 'c'], ['x', 'c'], how).should.eql(['x', 'b', 'c'])
    paths.kept(['a', 'b'], ['b', 'a'], how).should.eql(['b', 'a'])
  })
})

describe('the choice of dead letters', () => {
  const lists = [
    { cause: 'a', count: 900 },
    { cause: 'b', count: 2 },
  ]

  it('counts whole causes and single letters', () => {
    const choice = new Choice()
    choice.tickList('a', true)
    choice.tick({ id: 'b1', list: 'b' }, true, [])
    should(choice.count(lists)).equal(901)
    should(['a', 'b', 'c'].map((list) => choice.ofList(list))).eql(['all', 'some', 'none'])
    choice.places.should.eql(['a', 'b'])
    should(choice.has({ id: 'any', list: 'a' })).be.true()
  })

  it('keeps the others that are shown when one of a whole cause is taken out', () => {
    const choice = new Choice()
    choice.tickList('a', true)
    choice.tick({ id: 'a2', list: 'a' }, false, ['a1', 'a2', 'a3'])
    choice.ids.should.eql(['a1', 'a3'])
    choice.lists.should.eql([])
  })

  it('takes single letters into the whole cause, and lets go of both', () => {
    const choice = new Choice()
    choice.tick({ id: 'a1', list: 'a' }, true, [])
    choice.tickList('a', true)
    should([choice.ids, choice.lists]).eql([[], ['a']])
    choice.tickList('a', false)
    should(choice.isEmpty).be.true()
  })

  it('forgets causes and letters that are gone', () => {
    const choice = new Choice()
    choice.tickList('a', true)
    for (const id of ['b1', 'b2']) choice.tick({ id, list: 'b' }, true, [])
    choice.forget(['b'], ({ id }) => id === 'b1')
    should([choice.lists, choice.ids]).eql([[], ['b2']])
  })
})

describe('a message in short', () => {
  it('is one line, however large it is', () => {
    previewOf({ order: 4710, lines: [1], at: {} }).should.equal('{order: 4710, lines: […], at: {}}')
    previewOf([1, 'a', null, [], {}, 6]).should.equal('[1, "a", null, [], {}, …]')
    const large = { text: 'x'.repeat(1e6), list: Array.from({ length: 1e5 }, () => 0) }
    previewOf(large).length.should.equal(60)
  })

  it('shows bytes as text where they are text, else in hexadecimal', () => {
    const buffer = (data: number[]) => previewOf({ type: 'Buffer', data })
    buffer([104, 105]).should.equal('Buffer 2 B "hi"')
    buffer([0, 255]).should.equal('Buffer 2 B 00 ff')
  })

  it('has parts in pieces', () => {
    partsOf([7, 8, 9], 1, 5).should.eql([
      { name: '1', value: 8 },
      { name: '2', value: 9 },
    ])
    partsOf({ a: 1, b: 2 }, 1, 5).should.eql([{ name: 'b', value: 2 }])
    should([{}, [], null, 'x', [1]].map(isOpenable)).eql([false, false, false, false, true])
    fullText('a\nb').should.equal('a\nb')
  })

  it('is read from JSON, or it is told where it is none', () => {
    readMessage('{"payload": 1}').should.eql({ msg: { payload: 1 } })
    for (const text of ['7', '[]', 'null'])
      readMessage(text).should.match({ why: 'not-object', line: 1 })
    const text = '{\n  "a": 1,\n}'
    const wrong = readMessage(text)
    wrong.should.match({ why: 'not-json', line: 3, column: 1 })
    should(offsetOf(text, 3, 1)).equal(text.length - 1)
    readMessage('{').should.match({ why: 'not-json', line: 1, column: 2 })
  })
})
