/** What the overview says of nodes: order, signs, figures, balance. Without a browser. */

import fc from 'fast-check'
import should from 'should'
import { countText, sizeText, spanText } from '../../nodes/common/figure-texts.js'
import {
  balanceLine,
  balanceParts,
  differenceOf,
  directCommands,
  factsOf,
  groupsOf,
  jobIn,
  lastTripIn,
  moodOf,
  type NodeRow,
  signs,
} from '../../nodes/sidebar/overview-rows.js'
import { areaPath, linePath, readingOf } from '../../nodes/sidebar/plot.js'
import { filledIn, formOf, isAsked, menuOf } from '../../nodes/sidebar/row-commands.js'
import { figuresOf } from '../../nodes/sidebar/row-figures.js'
import type { Balance, QueueTally, Tally } from '../../src/base/tally.js'
import { ms } from '../../src/base/units.js'
import { textOf } from '../house/sources.js'
import { testSeed } from '../world/seeded-random.js'

const texts = { countText: (count: number) => countText(count), sizeText, spanText }
const words = JSON.parse(textOf('nodes/sidebar/locales/en-US/sidebar.json'))

describe('the overview', () => {
  it('groups nodes by what they are for, by name in each, without empty groups', () => {
    const rows = [
      row({ id: 'c', type: 'dlq', name: 'Letters' }),
      row({ id: 'b', type: 'persistent-queue', name: 'orders' }),
      row({ id: 'z', type: 'resilient-mqtt-out', name: 'line 1' }),
      row({ id: 'a', type: 'persistent-queue', name: 'orders' }),
      row({ id: 'x', type: 'resilience-events', name: '' }),
    ]
    const shown = groupsOf(rows).map(({ name, rows: each }) => [name, each.map(({ id }) => id)])
    shown.should.eql([
      ['delivery', ['z', 'a', 'b']],
      ['letters', ['c']],
      ['other', ['x']],
    ])
  })

  it('keeps each row in its place, whatever its state', () => {
    const order = (text: string) =>
      groupsOf([row({ id: 'a', status: red(text) }), row({ id: 'b' })])[0]?.rows.map(({ id }) => id)
    should(order('full')).eql(order('empty'))
  })

  it('tells how many in a group are not as they should be', () => {
    const rows = [row({ id: 'a', status: red('full') }), row({ id: 'b', status: null })]
    should(groupsOf(rows)[0]?.troubled).equal(1)
  })

  for (const [fill, shape, mood, sign] of [
    ['green', 'dot', 'well', '●'],
    ['blue', 'dot', 'working', '●'],
    ['yellow', 'ring', 'look', '⚠'],
    ['grey', 'ring', 'idle', '◌'],
    ['red', 'ring', 'stopped', '◌'],
    ['red', 'dot', 'trouble', '✕'],
  ] as const) {
    it(`gives ${sign} and a word to a ${fill} ${shape}`, () => {
      const found = moodOf(row({ status: { fill, shape, text: 'x' } }))
      should(found).equal(mood)
      should(signs[found]).equal(sign)
      should(words.mood[found]).be.a.String()
    })
  }

  it('calls a balance that does not hold trouble, whatever the node says', () => {
    const tally = queueOf({ balance: { ...even, delivered: 1 } })
    should(moodOf(row({ tally }))).equal('trouble')
    should(moodOf(row({ tally: queueOf({}) }))).equal('well')
  })

  it('writes the balance as a sum, and what is not accounted for', () => {
    const balance = {
      ...{ accepted: 12_345, delivered: 10_000, waiting: 2_335, deadLettered: 7 },
      dropped: { expired: 2, overflow: 1 },
    }
    should(balanceLine(balance, texts)).eql({
      key: 'balance.holds',
      values: { accepted: '12k', parts: '10k + 2,335 + 7 + 3' },
    })
    should(balanceLine({ ...balance, delivered: 9_990 }, texts)).containDeep({
      key: 'balance.missing',
      values: { count: '10' },
    })
    should(balanceLine({ ...balance, waiting: 2_336 }, texts)).containDeep({
      key: 'balance.extra',
      values: { count: '1' },
    })
    balanceParts(balance)
      .map(({ values }) => values?.['count'])
      .should.eql([...[12_345, 10_000, 2_335, 7, 3], ...[2, 1]])
  })

  it('finds exactly what is missing', () => {
    const count = fc.nat(1e9)
    fc.assert(
      fc.property(count, count, count, count, fc.integer(), (...figures) => {
        const [delivered, waiting, deadLettered, expired, missing] = figures
        const accepted = delivered + waiting + deadLettered + expired + missing
        const balance = { accepted, delivered, waiting, deadLettered, dropped: { expired } }
        return differenceOf(balance) === missing
      }),
      { seed: testSeed },
    )
  })

  it('says pace, age, and when a queue is full or empty, and how many wait only once', () => {
    const now = 1_000_000
    const busy = row({
      ...{ oldestAt: now - 81_000, perSecond: 3.27 },
      status: { fill: 'blue', shape: 'dot', text: '1,204 waiting' },
      tally: queueOf({ waiting: 1_204, fullInMs: ms(10_800_000), emptyInMs: ms(40_000) }),
    })
    said(factsOf(busy, now, texts)).should.eql([
      ...['rate 3.3', 'oldest 81 s', 'fullIn 3 h', 'emptyIn 40 s'],
    ])
    const held = { ...busy, status: { fill: 'yellow', shape: 'ring', text: 'held' } }
    said(factsOf(held, now, texts))[0]?.should.equal('waiting 1,204')
    factsOf(row({}), now, texts).should.eql([])
  })

  it('offers by one press what a person wants in a hurry, of what the node knows', () => {
    const commands = ['status', 'pause', 'resume', 'isolate', 'reset', 'shadow', 'purge']
    const ofType = (type: string, tally: Tally = {}) =>
      directCommands(row({ type, commands, tally }))
    ofType('persistent-queue').should.eql(['pause'])
    ofType('persistent-queue', queueOf({ isPaused: true })).should.eql(['resume'])
    ofType('circuit-breaker').should.eql(['isolate', 'reset', 'shadow'])
    directCommands(row({ type: 'persistent-queue', commands: [] })).should.eql([])
  })

  it('knows a redrive that runs from one that is over', () => {
    const redrive = { total: 9, ok: 2, failed: 1, back: 1, gone: 0, out: 1, state: 'running' }
    should(jobIn({ redrive })).eql({ total: 9, done: 4, failed: 1 })
    should(jobIn({ redrive: { ...redrive, state: 'finished' } })).be.undefined()
    for (const report of [null, undefined, 'x', {}, { redrive: null }]) {
      should(jobIn(report)).be.undefined()
    }
  })

  it('tells why the breaker that opened last is open', () => {
    const call = (is: 'ok' | 'failed', code: string) => ({ at: 1, is, tookMs: 2, code })
    const lastCalls = [call('ok', ''), call('failed', 'A'), call('failed', 'B'), call('ok', '')]
    const opened = (at: number, cause: string) => ({ at, cause, lastCalls, whatIf: [] })
    const report = [
      { key: 'a', state: 'open', lastOpened: opened(1, 'person') },
      { key: 'b', state: 'open', lastOpened: opened(2, 'consecutive') },
      { key: 'c', state: 'closed' },
    ]
    const last = { at: 1, is: 'failed', tookMs: 2, code: 'B' }
    should(lastTripIn(report)).eql({ calls: '●✕✕●', cause: 'consecutive', last })
    const quiet = { key: '', state: 'open', lastOpened: { ...opened(3, 'monitor'), lastCalls: [] } }
    should(lastTripIn([quiet])).eql({ calls: '', cause: 'monitor', last: { code: '' } })
    should(lastTripIn([])).be.undefined()
    should(lastTripIn(null)).be.undefined()
  })

  it('has words for each figure that a node counts', () => {
    const tally: Tally = {
      ...queueOf({ waiting: 3 }),
      breaker: {
        ...{ states: { closed: 1, open: 1, 'half-open': 0, isolated: 0, disabled: 0 }, shadow: 0 },
        ...{ calls: { ok: 3, failed: 0 }, refused: 2, transitions: {}, callTime: spans },
      },
      retry: { trying: 1, waiting: 1, attempts: { ok: 2 }, gaveUp: { timeout: 1 } },
      bulkhead: {
        ...{ inFlight: 1, waiting: 0, limit: 10, admitted: 5, refused: { overflow: 1 } },
        waitTime: spans,
      },
      health: {
        ...{ status: 'healthy', isPaused: false },
        checks: [{ label: 'erp', status: 'healthy', checks: { ok: 4 }, checkTime: spans }],
      },
    }
    const found = figuresOf(row({ tally }), texts)
    found.filter(({ key }) => !wordOf(key).includes('|')).should.eql([])
    const calls = found.filter(({ key }) => key === 'figure.calls')
    calls.map(({ values }) => values).should.eql([{ what: 'ok', count: 3 }])
  })
})

describe('the plot', () => {
  const size = { width: 100, height: 10 }

  it('draws the highest point at the top and 0 at the bottom', () => {
    linePath([0, 5, 10], size).should.equal('M0,10L50,5L100,0')
    areaPath([0, 5, 10], size).should.equal('M0,10L50,5L100,0L100,10L0,10Z')
  })

  it('draws nothing where there is nothing to see', () => {
    for (const points of [[], [3], [0, 0, 0]]) {
      linePath(points, size).should.equal('')
      areaPath(points, size).should.equal('')
      should(readingOf(points)).be.undefined()
    }
  })

  it('stays inside its frame, whatever the points', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e9), { maxLength: 60 }), (points) => {
        const places = [...linePath(points, size).matchAll(/(-?[\d.]+),(-?[\d.]+)/g)]
        return places.every(
          ([, x, y]) => +`${x}` >= 0 && +`${x}` <= 100 && +`${y}` >= 0 && +`${y}` <= 10,
        )
      }),
      { seed: testSeed },
    )
  })

  it('is read out as what it goes from and to, and what is now', () => {
    should(readingOf([3, 1, 7, 2])).eql({ from: 1, to: 7, last: 2 })
  })
})

describe('the commands of a row', () => {
  it('ask before anything is lost for good', () => {
    for (const command of ['purge', 'redrive']) {
      formOf(command, 'dlq').isGrave.should.be.true()
      should(words.commandAsk[command]).be.a.String()
      should(words.commandSure[command]).be.a.String()
    }
    should(filledIn(formOf('purge', 'persistent-queue'), {})).eql({ confirm: true })
    should(filledIn(formOf('redrive', 'dlq'), {})).eql({ all: true })
  })

  it('ask for what a command needs, and refuse what is none', () => {
    const drop = formOf('drop', 'persistent-queue')
    should(filledIn(drop, { count: ' 12 ' })).eql({ count: 12 })
    for (const count of ['', '0', '-1', '1.5', 'x', '1e3']) {
      should(filledIn(drop, { count })).be.undefined()
    }
    const forget = formOf('drop', 'circuit-breaker')
    should(filledIn(forget, { key: 'press-3' })).eql({ key: 'press-3' })
    should(filledIn(forget, { key: ' ' })).be.undefined()
  })

  it('do the rest at once', () => {
    for (const command of ['pause', 'resume', 'flush', 'isolate', 'reset', 'status', 'check']) {
      isAsked(formOf(command, 'persistent-queue')).should.be.false()
    }
  })

  it('stand in the menu with the grave ones last', () => {
    menuOf(['purge', 'status', 'pause'], 'dlq').should.eql(['status', 'pause', 'purge'])
  })

  it('have words, each with a tip', () => {
    const all = ['status', 'pause', 'resume', 'flush', 'peek', 'drop', 'purge', 'open', 'isolate']
    for (const command of [...all, 'disable', 'shadow', 'reset', 'check', 'redrive', 'cancel']) {
      should(words.command[command]).be.a.String()
      should(words.commandTip[command]).be.a.String()
    }
  })
})

const even: Balance = { accepted: 0, delivered: 0, waiting: 0, deadLettered: 0, dropped: {} }
const spans = { count: 0, sumMs: 0, buckets: [] }
const red = (text: string) => ({ fill: 'red', shape: 'ring', text })

function row(more: Partial<NodeRow>): NodeRow {
  return {
    ...{ id: 'a', type: 'persistent-queue', name: '', flow: 'Plant', commands: [], tally: {} },
    ...{ status: { fill: 'green', shape: 'dot', text: 'empty' }, oldestAt: null },
    ...{ perSecond: null, plot: null },
    ...more,
  }
}

function queueOf(more: Partial<QueueTally>): Tally {
  const queue: QueueTally = {
    ...{ waiting: 0, bytes: 0, inFlight: 0, isPaused: false, isFull: false, limitRatio: 0 },
    ...{ perSecond: 0, fullInMs: undefined, emptyInMs: undefined, redelivered: 0, balance: even },
    store: { directory: '/data', syncs: spans, freeBytes: 1e9, quarantined: 0 },
    counted: even,
    ...more,
  }
  return { queue }
}

const said = (all: readonly { key: string; values?: object }[]): string[] =>
  all.map(({ key, values }) => `${key.replace('fact.', '')} ${Object.values(values ?? {})[0]}`)

function wordOf(key: string): string {
  const [group = '', name = ''] = key.split('.')
  return words[group]?.[name] ?? ''
}
