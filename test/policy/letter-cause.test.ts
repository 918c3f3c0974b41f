/** Fingerprints of causes: equal for the same failure, different for another, and quick. */

import 'should'
import fc from 'fast-check'
import { causeOf, stackPrint, withoutNumbers } from '../../src/policy/letter-cause.js'
import { testSeed } from '../world/seeded-random.js'

const runs = { seed: testSeed, numRuns: 300 }

describe('cause of a dead letter', () => {
  const texts: ReadonlyArray<readonly [string, string]> = [
    ['order 4711 refused', 'order # refused'],
    ['connect ECONNREFUSED 127.0.0.1:1880', 'connect ECONNREFUSED #'],
    ['no node c3d4-77 at 2026-11-21T10:00:00.123Z', 'no node # at #'],
    ['id 9f1c2d3e-0a0b-4c4d-8e8f-001122334455 is unknown', 'id # is unknown'],
    ['value_12 of line/9, line/10', '# of line/#, line/#'],
    ['  two\n lines\t', 'two lines'],
    ['Größe ungültig', 'Größe ungültig'],
    ['', ''],
  ]
  for (const [text, plain] of texts) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(plain)}`, () => {
      withoutNumbers(text).should.equal(plain)
    })
  }

  it('is the same over processes and versions', () => {
    const failing = { code: 'HTTP_STATUS 503', text: 'order 4711 refused', node: { id: 'n2' } }
    causeOf(failing).should.equal('5850b6458aaa')
    causeOf({ code: '', text: '' }).should.equal('878f56752b7a')
  })

  it('differs by code, text and node', () => {
    const base = { code: 'E', text: 'refused', node: { id: 'n1' } }
    const others = [
      { ...base, code: 'F' },
      { ...base, text: 'lost' },
      { ...base, node: { id: 'n2' } },
    ]
    new Set([base, ...others].map(causeOf)).size.should.equal(4)
  })

  it('does not depend on the numbers in the text, whatever they are', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.string(), (a, b, rest) => {
        const cause = (n: number) => causeOf({ code: 'E', text: `line ${n} of ${rest}` })
        cause(a).should.equal(cause(b))
      }),
      runs,
    )
  })

  it('is 12 hex digits for any text, however long', () => {
    const long = fc.string({ minLength: 0, maxLength: 5000, unit: 'binary' })
    fc.assert(
      fc.property(long, long, (code, text) => {
        causeOf({ code, text }).should.match(/^[0-9a-f]{12}$/)
        stackPrint(text).should.match(/^[0-9a-f]{12}$/)
      }),
      { ...runs, numRuns: 30 },
    )
  })

  it('has no two alike among 20,000 words', () => {
    const words = Array.from({ length: 20_000 }, (_, n) => `word ${letters(n)}`)
    new Set(words.map((text) => causeOf({ code: 'E', text }))).size.should.equal(words.length)
  })

  it('of a stack is that of its topmost frames, whatever line and folder they are in', () => {
    const stack = (folder: string, line: number, text: string) =>
      `TypeError: ${text}\n    at read (${folder}/a.js:${line}:3)\n    at ${folder}/b.js:1:1\n`
    stackPrint(stack('/data', 12, 'x is undefined')).should.equal(stackPrint(stack('/opt', 7, 'y')))
    stackPrint(stack('/data', 12, 'x')).should.not.equal(
      stackPrint(stack('/data', 12, 'x').replace('read', 'write')),
    )
  })
})

/** A word without digits for each number. */
const letters = (n: number): string =>
  n.toString(26).replace(/\d/g, (d) => 'qrstuvwxyz'[Number(d)] ?? '')
