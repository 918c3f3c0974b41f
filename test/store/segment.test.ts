/** What is known of a segment in memory, and how it survives in a checkpoint. */

import fc from 'fast-check'
import should from 'should'
import { epochMs } from '../../src/base/units.js'
import { checkpointBytes, checkpointFrom, SegmentIndex } from '../../src/store/payloads.js'
import { framingBytes } from '../../src/store/record.js'
import { Segment, segmentNamed } from '../../src/store/segment.js'
import { testSeed } from '../world/seeded-random.js'

describe('segment', () => {
  it('comes back from a checkpoint with the same messages settled', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 700 }), (settled) => {
        const segment = filled(settled.length)
        settled.forEach((isSettled, ordinal) => {
          if (isSettled && segment.settle(ordinal)) segment.release(10 + framingBytes)
        })
        const back = throughCheckpoint(segment)
        settled.map((_, ordinal) => back.isSettled(ordinal)).should.eql(settled)
        back.waiting.should.equal(settled.filter((isSettled) => !isSettled).length)
        back.liveBytes.should.equal(back.waiting * (10 + framingBytes))
        back.oldestAt.should.equal(500)
      }),
      { seed: testSeed, numRuns: 200 },
    )
  })

  it('spends at most about one bit per message on who is settled', () => {
    const segment = filled(8000)
    for (let n = 0; n < 8000; n += 2) segment.settle(n)
    segment.entry().settled.length.should.be.belowOrEqual(1400)
  })

  it('settles a message once, and none that it does not hold', () => {
    const segment = filled(3)
    segment.settle(1).should.be.true()
    segment.settle(1).should.be.false()
    segment.settle(3).should.be.false()
    segment.settle(-1).should.be.false()
    segment.waiting.should.equal(2)
  })

  it('applies the same outcome twice as if it were once', () => {
    const segment = filled(5)
    const settled = { base: 100, liveBytes: 2 * (10 + framingBytes), ranges: '1-2' }
    segment.apply(settled).should.equal(2)
    segment.apply(settled).should.equal(0)
    segment.liveBytes.should.equal(3 * (10 + framingBytes))
  })

  it('is told from other files by its name alone', () => {
    filled(0).name.should.equal('0000000000000100-00c0ffee.seg')
    should(segmentNamed('0000000000000100-00c0ffee.seg')).eql({ base: 100, salt: '00c0ffee' })
    for (const name of ['100-00c0ffee.seg', '0000000000000100-00c0ffee.seg.bad', 'LOCK']) {
      should(segmentNamed(name)).equal(undefined)
    }
  })
})

describe('segment index', () => {
  it('reads back what was set, and 0 for what was left out', () => {
    const index = new SegmentIndex(1)
    index.set(0, 61, 7)
    index.set(200, 0xffff_fff0, 0xffff_ffff)
    const back = SegmentIndex.fromBytes(index.toBytes())
    back.count.should.equal(201)
    ;[back.offset(0), back.lane(0), back.offset(100)].should.eql([61, 7, 0])
    ;[back.offset(200), back.lane(200)].should.eql([0xffff_fff0, 0xffff_ffff])
  })
})

function filled(count: number): Segment {
  const segment = new Segment(100, '00c0ffee')
  for (let n = 0; n < count; n++) segment.add(10, epochMs(500 + n))
  return segment
}

function throughCheckpoint(segment: Segment): Segment {
  const rest = { queue: 'q', boot: 'b', released: { upTo: 0, atMost: 0 }, totals: { accepted: 0 } }
  const bytes = checkpointBytes({ format: 1, ...rest, segments: [segment.entry()] })
  const [entry] = checkpointFrom(bytes)?.segments ?? []
  if (entry === undefined) throw new Error('the checkpoint is not understood')
  return Segment.from(entry)
}
