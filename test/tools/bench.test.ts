/**
 * The bench's own honesty: medians, turns, verdicts, and the answers to a mistyped command line.
 * The figures themselves are measured by `npm run bench`, never here.
 */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import should from 'should'
import { parseOptions } from '../../tools/bench/options.js'
import { interleaved, median, quantile, turned } from '../../tools/bench/rounds.js'
import { type Measured, rowOf, table } from '../../tools/bench/row.js'
import { countingPages } from '../../tools/bench/sizing/pages.js'
import { countingDisk, nothingPassed } from '../../tools/bench/store/disks.js'
import { encoded, messageBytes } from '../../tools/bench/store/workload.js'
import { checkout } from '../../tools/common/user-dir.js'
import { MemoryDisk } from '../world/memory-disk.js'

describe('the command line of the bench', () => {
  it('names a suite, and how hard to try', () => {
    parseOptions(['store']).should.eql(run(5, false))
    parseOptions(['store', '--quick']).should.eql(run(3, true))
    parseOptions(['--rounds', '7', 'store']).should.eql(run(7, false))
  })

  for (const args of [[], ['stor'], ['store', 'mqtt'], ['store', '--rounds', '0'], ['--fast']]) {
    it(`that says '${args.join(' ')}' is answered with the suites`, () => {
      const parsed = parseOptions(args)
      should(parsed.is).equal('wrong')
      should(parsed.is === 'wrong' && parsed.why).match(/^[^\n]*-- store\|[^\n]*$/)
    })
  }

  it('ends with 2 when it is wrong', () => {
    const program = join(checkout, 'dist', 'tools', 'bench', 'bench.js')
    const { status, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' })
    should(status).equal(2)
    stderr.trim().split('\n').length.should.equal(1)
  })
})

describe('a row', () => {
  const rows: readonly [title: string, Measured, ratio: number | null, met: boolean | null][] = [
    ['at its floor', of(55, 100, { of: 'ratio', atLeast: 0.55 }), 0.55, true],
    ['below its floor', of(54, 100, { of: 'ratio', atLeast: 0.55 }), 0.54, false],
    ['at its ceiling', of(108, 100, { of: 'ratio', atMost: 1.08 }), 1.08, true],
    ['above a ceiling of ours', of(16, 100, { of: 'ours', atMost: 15 }), 0.16, false],
    ['with no budget', of(16, 100), 0.16, null],
    ['with nothing to compare with', of(16, undefined), null, null],
    ['with a ratio promised of nothing', of(16, 0, { of: 'ratio', atMost: 1 }), null, null],
    [
      'with a figure promised of ours alone',
      of(1, undefined, { of: 'ours', atMost: 1 }),
      null,
      true,
    ],
  ]
  for (const [title, measured, ratio, met] of rows) {
    it(`${title} is judged by the budget alone`, () => {
      const row = rowOf('store', measured)
      should(row.ratio).equal(ratio)
      should(row.met).equal(met)
    })
  }

  it('has the fields that machines read', () => {
    const row = rowOf('store', of(54, 100, { of: 'ratio', atLeast: 0.55 }))
    const fields = 'suite case ours reference unit ratio budget met'.split(' ')
    Object.keys(row).should.eql(fields)
    should(row.budget).equal('>= 0.55')
    should(rowOf('store', of(1, undefined, { of: 'ours', atMost: 15 })).budget).equal('<= 15 ms')
  })

  it('is a line of the table', () => {
    const lines = table([rowOf('store', of(54_321, 100_000))]).split('\n')
    lines.length.should.equal(2)
    should(lines[1]).match(/a case\s+54,321\s+100,000\s+ms\s+0\.543/)
  })
})

describe('rounds', () => {
  it('have a median, between two in the middle', () => {
    median([3, 1, 2]).should.equal(2)
    median([4, 1, 2, 3]).should.equal(2.5)
    median([]).should.be.NaN()
    quantile([1, 2, 3, 4, 5], 1).should.equal(5)
  })

  it('give every contestant every place in the order', () => {
    const orders = [0, 1, 2, 3].map((round) => turned(['a', 'b', 'c'], round).join(''))
    orders.should.eql(['abc', 'cba', 'bca', 'acb'])
  })

  it('run contestants by turns, once for nothing, and give the median of each', async () => {
    const seen: string[] = []
    const contest = {
      a: async () => seen.push('a'),
      b: async () => seen.push('b'),
    }
    const medians = await interleaved(3, contest)
    seen.should.eql(['a', 'b', 'a', 'b', 'b', 'a', 'b', 'a'])
    medians.should.eql(
      new Map([
        ['a', 6],
        ['b', 5],
      ]),
    )
  })
})

describe('a message of the bench', () => {
  it('is 1 KB of JSON, another one each time', () => {
    const messages = [0, 1, 999_999].map(encoded)
    for (const message of messages) message.length.should.equal(messageBytes)
    new Set(messages.map((message) => JSON.parse(message.toString()).id)).size.should.equal(3)
  })
})

describe('the counting disk', () => {
  it('counts what is read and listed', async () => {
    const passed = nothingPassed()
    const disk = countingDisk(passed)
    const file = await disk.open(join(checkout, 'LICENSE'), 'read')
    await file.read(Buffer.alloc(100), 0)
    await file.close()
    const names = await disk.list(join(checkout, 'src'))
    passed.should.eql({ written: 0, read: 100, listed: names.join('\n').length, syncs: 0 })
  })

  it('counts each page once that was touched between two syncs', async () => {
    const count = { pages: 0 }
    const disk = countingPages(new MemoryDisk(), count)
    const file = await disk.open('/file', 'create')
    await file.write([Buffer.alloc(10)], 0)
    await file.write([Buffer.alloc(10)], 4090)
    await file.sync()
    count.pages.should.equal(2)
    await file.write([Buffer.alloc(1)], 20)
    await file.close()
    count.pages.should.equal(3)
  })
})

function run(rounds: number, isQuick: boolean) {
  return { is: 'run', suite: 'store', effort: { rounds, isQuick } }
}

function of(ours: number, reference: number | undefined, budget?: Measured['budget']): Measured {
  return {
    case: 'a case',
    ours,
    reference,
    unit: 'ms',
    ...(budget === undefined ? {} : { budget }),
  }
}
