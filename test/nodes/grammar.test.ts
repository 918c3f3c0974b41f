/**
 * The grammar of figures, as a table of what people write and what is understood, and by its
 * properties: what is accepted can be written back, and what was written back means the same.
 */

import fc from 'fast-check'
import should from 'should'
import * as grammar from '../../nodes/common/grammar.js'
import { cronFault } from '../../src/delivery/cron.js'
import { testSeed } from '../world/seeded-random.js'

const anyTime = { min: '1ms', max: '3650d' }
const anySize = { min: '1B', max: '1000GB' }
const anyCount = { min: '0', max: '100000000' }

/** What is written, its value (undefined: refused) and its canonical spelling when it differs. */
type Row = readonly [written: unknown, value: unknown, canonical?: string]

const tables: Readonly<Record<string, [(input: unknown) => grammar.Figure<unknown>, Row[]]>> = {
  'a duration': [
    (input) => grammar.duration(input, anyTime),
    [
      ['500ms', 500],
      ['30s', 30_000],
      ['1.5h', 5_400_000],
      ['7d', 604_800_000],
      ['30 S', 30_000, '30s'],
      [' 5\tM ', 300_000, '5m'],
      ['010.50s', 10_500, '10.5s'],
      ['0.4ms', undefined],
      ['4000d', undefined],
      ['30', undefined],
      [30, undefined],
      ['', undefined],
      ['s', undefined],
      ['-5s', undefined],
      ['1,5s', undefined],
      ['1e3s', undefined],
      ['1 0s', undefined],
      ['1h30m', undefined],
      ['5w', undefined],
      ['1.s', undefined],
      [undefined, undefined],
      [null, undefined],
      [{}, undefined],
      [`${'9'.repeat(300)}s`, undefined],
    ],
  ],
  'a size': [
    (input) => grammar.size(input, anySize),
    [
      ['1B', 1],
      ['256MB', 268_435_456],
      ['1.5 kb', 1536, '1.5KB'],
      ['1000gb', 1000 * 1024 ** 3, '1000GB'],
      ['256M', undefined],
      ['256', undefined],
      ['1001GB', undefined],
      ['1TB', undefined],
    ],
  ],
  'a rate': [
    grammar.rate,
    [
      ['50/s', { messagesPerSecond: 50 }],
      ['30/m', { messagesPerSecond: 0.5 }],
      ['36/H', { messagesPerSecond: 0.01 }, '36/h'],
      ['512KB/s', { bytesPerSecond: 524_288 }],
      ['100/s, 512KB/s', { messagesPerSecond: 100, bytesPerSecond: 524_288 }],
      ['512 kb/s ,100 / s', { messagesPerSecond: 100, bytesPerSecond: 524_288 }, '100/s, 512KB/s'],
      ['Unlimited', {}, 'unlimited'],
      ['50', undefined],
      ['0/s', undefined],
      ['0KB/s', undefined],
      ['512KB/m', undefined],
      ['50/s, 60/s', undefined],
      ['50/s,', undefined],
      ['50/d', undefined],
    ],
  ],
  'a share': [
    grammar.share,
    [
      ['0%', 0],
      ['50%', 0.5],
      ['12.50 %', 0.125, '12.5%'],
      ['100%', 1],
      ['100.1%', undefined],
      ['50', undefined],
      [0.5, undefined],
      ['-1%', undefined],
    ],
  ],
  'a count': [
    (input) => grammar.count(input, anyCount),
    [
      ['100000', 100_000],
      ['007', 7, '7'],
      [5000, 5000, '5000'],
      ['100 000', undefined],
      ['100,000', undefined],
      ['1.5', undefined],
      [1.5, undefined],
      [Number.NaN, undefined],
      [1e21, undefined],
      ['-1', undefined],
      ['1e3', undefined],
      [true, undefined],
    ],
  ],
  'a number': [
    (input) => grammar.number(input, { min: '1', max: '10' }),
    [
      ['2', 2],
      ['1.50', 1.5, '1.5'],
      [2.5, 2.5, '2.5'],
      ['0.9', undefined],
      ['11', undefined],
      ['two', undefined],
    ],
  ],
  'a status list': [
    grammar.statusList,
    [
      ['5xx,429', [range(500, 599), range(429, 429)]],
      ['400-499', [range(400, 499)]],
      ['4XX, 503', [range(400, 499), range(503, 503)], '4xx,503'],
      ['Off', [], 'off'],
      ['6xx', undefined],
      ['99', undefined],
      ['499-400', undefined],
      ['5xx,', undefined],
      ['', undefined],
    ],
  ],
}

describe('the grammar of figures', () => {
  for (const [name, [read, rows]] of Object.entries(tables)) {
    describe(name, () => {
      for (const [written, value, canonical] of rows) {
        const what = JSON.stringify(written)?.slice(0, 40)
        if (value === undefined)
          it(`refuses ${what}`, () => read(written).should.eql({ ok: false }))
        else
          it(`understands ${what}`, () =>
            read(written).should.eql({ ok: true, value, canonical: canonical ?? written }))
      }
    })
  }

  it('takes both ends of a range and nothing beyond', () => {
    const range = { min: '1s', max: '20m' }
    const verdicts = ['999ms', '1s', '1200s', '20m', '1200001ms'].map(
      (written) => grammar.duration(written, range).ok,
    )
    verdicts.should.eql([false, true, true, true, false])
  })

  it('lets a word stand for a figure, in any case', () => {
    const read = (input: unknown) =>
      grammar.orWord('unlimited', input, (other) => grammar.duration(other, anyTime))
    read(' UnLimited').should.eql({ ok: true, value: 'unlimited', canonical: 'unlimited' })
    read('7d').should.eql({ ok: true, value: 604_800_000, canonical: '7d' })
    read('off').should.eql({ ok: false })
  })

  const schedules: ReadonlyArray<readonly [unknown, string | undefined]> = [
    ['5m', '5m'],
    [' OFF ', 'off'],
    ['0 6 * * 1-5', '0 6 * * 1-5'],
    ['  0  06 * *   mon-fri', '0 6 * * MON-FRI'],
    ['*/5 8-18/2 1,15 JAN,jul *', '*/5 8-18/2 1,15 JAN,JUL *'],
    ['9s', undefined],
    ['31d', undefined],
    ['5', undefined],
    ['0 6 * *', undefined],
    ['0 6 * * * *', undefined],
    ['60 6 * * *', undefined],
    ['0 24 * * *', undefined],
    ['0 6 0 * *', undefined],
    ['0 6 * 13 *', undefined],
    ['0 6 * * 8', undefined],
    ['5-1 6 * * *', undefined],
    ['*/0 6 * * *', undefined],
    ['5/2 6 * * *', undefined],
    ['0 6 * * *; rm', undefined],
    [7, undefined],
  ]
  for (const [written, canonical] of schedules) {
    it(`reads ${JSON.stringify(written)} as ${canonical ?? 'no schedule'}`, () => {
      const figure = grammar.schedule(written, { min: '10s', max: '30d' })
      should(figure.ok ? figure.canonical : undefined).equal(canonical)
    })
  }

  it('understands no cron line that the schedule does not', () => {
    const part = fc.constantFrom(
      '*',
      '5',
      '1-5',
      '*/2',
      '1,3',
      '2-6/2',
      'MON',
      'JAN',
      '0',
      '59',
      'x',
    )
    const line = fc.array(part, { minLength: 5, maxLength: 5 }).map((parts) => parts.join(' '))
    holds(
      fc.property(line, (text) => {
        const figure = grammar.schedule(text, { min: '10s', max: '30d' })
        return !figure.ok || cronFault(figure.canonical) === undefined
      }),
    )
  })

  it('finds the name of a variable only where it is the whole value', () => {
    should(grammar.environmentName(`\${PLANT}`)).equal('PLANT')
    should(grammar.environmentName('$(PLANT)')).equal('PLANT')
    for (const other of [`a \${PLANT}`, '$PLANT', 'PLANT', 5, undefined])
      should(grammar.environmentName(other)).equal(undefined)
  })
})

describe('a canonical spelling', () => {
  it('means the same as what was written, and is its own canonical spelling', () => {
    for (const [read, units] of withUnits) {
      const written = fc.tuple(digits, spaces, fc.constantFrom(...units))
      holds(
        fc.property(written, ([number, space, unit]) => {
          const figure = read(number + space + unit)
          return !figure.ok || same(read(figure.canonical), figure)
        }),
      )
    }
  })

  it('exists for no text at all that makes the reader throw', () => {
    const readers = Object.values(tables).map(([read]) => read)
    holds(
      fc.property(fc.anything(), fc.constantFrom(...readers), (input, read) => {
        const figure = read(input)
        return !figure.ok || same(read(figure.canonical), figure)
      }),
    )
  })
})

const digits = fc
  .tuple(fc.nat(99_999), fc.option(fc.nat(9999)))
  .map(([whole, fraction]) => (fraction === null ? `${whole}` : `${whole}.${fraction}`))
const spaces = fc.constantFrom('', ' ', '\t')

const withUnits: [(input: unknown) => grammar.Figure<number>, string[]][] = [
  [(input) => grammar.duration(input, anyTime), ['ms', 's', 'M', 'h', 'D']],
  [(input) => grammar.size(input, anySize), ['B', 'KB', 'mb', 'Gb']],
  [grammar.share, ['%']],
]

const holds = <T>(property: fc.IProperty<T>) =>
  fc.assert(property, { seed: testSeed, numRuns: 1000 })

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

function range(from: number, to: number): grammar.StatusRange {
  return { from, to }
}
