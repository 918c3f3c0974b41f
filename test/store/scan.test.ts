/**
 * A segment read from its bytes: a torn tail is told from bit rot by what later records prove about
 * what was synced before them.
 */

import 'should'
import { epochMs } from '../../src/base/units.js'
import { frame, framingBytes, type Kind, seedsOf } from '../../src/store/record.js'
import { type Scanned, scan } from '../../src/store/scan.js'

const seeds = seedsOf('00000001', 0)

describe('scan of a segment', () => {
  it('finds all records of a sound one', () => {
    const bytes = segment(['C'], ['M', 'M'], ['A', 'M'])
    const { found, end, count, damage } = scanned(bytes)
    found.should.eql(['C0', 'M0', 'M1', 'A2', 'M2'])
    end.should.equal(bytes.length)
    count.should.equal(3)
    damage.should.eql([])
  })

  it('takes a bad record without a proof behind it for a torn tail', () => {
    const bytes = spoiled(segment(['C'], ['M', 'M']), 2)
    const { found, end, count, damage } = scanned(bytes)
    found.should.eql(['C0', 'M0'])
    end.should.equal(offset(2))
    count.should.equal(1)
    damage.should.eql([])
  })

  it('does so when the sectors of one group came to the disk out of order', () => {
    const bytes = spoiled(segment(['C'], ['M', 'M', 'M', 'M']), 2)
    const { found, end } = scanned(bytes)
    found.should.eql(['C0', 'M0'])
    end.should.equal(offset(2))
  })

  it('takes a bad record for bit rot when a later one was framed after its sync', () => {
    const bytes = spoiled(segment(['C'], ['M', 'M', 'M'], ['M']), 2)
    const { found, end, count, damage } = scanned(bytes)
    found.should.eql(['C0', 'M0', 'M2', 'M3'])
    end.should.equal(bytes.length)
    count.should.equal(4)
    damage.should.eql([{ from: offset(2), to: offset(3), messages: 1 }])
  })

  it('needs a proof for that very place, not for an earlier one', () => {
    const bytes = spoiled(segment(['C'], ['M'], ['M', 'M']), 2)
    const { found, damage } = scanned(bytes)
    found.should.eql(['C0', 'M0'])
    damage.should.eql([])
  })

  it('tells several damages and a torn tail apart', () => {
    const bytes = segment(['C'], ['M'], ['M'], ['M'], ['M'], ['M'], ['M', 'M'])
    for (const n of [1, 4, 7]) spoiled(bytes, n)
    const { found, end, count, damage } = scanned(bytes)
    found.should.eql(['C0', 'M1', 'M2', 'M4', 'M5'])
    end.should.equal(offset(7))
    count.should.equal(6)
    damage
      .map(({ from, messages }) => [from, messages])
      .should.eql([
        [offset(1), 1],
        [offset(4), 1],
      ])
  })

  it('takes a bad checkpoint for bit rot only when something was synced behind it', () => {
    scanned(spoiled(segment(['C'], ['M']), 0)).damage.length.should.equal(1)
    scanned(spoiled(segment(['C']), 0)).should.eql({ found: [], end: 0, count: 0, damage: [] })
  })

  it('finds no torn tail in what is known to be durable', () => {
    const bytes = spoiled(segment(['C'], ['M', 'M', 'M', 'M']), 2)
    const { found, damage } = scanned(bytes, bytes.length)
    found.should.eql(['C0', 'M0', 'M2', 'M3'])
    damage.length.should.equal(1)
  })

  it('goes on where ordinals jump, and refuses to go back', () => {
    const jumped = Buffer.concat([record('C', 0, 0), record('M', 0, 62), record('M', 9, 62)])
    scanned(jumped).found.should.eql(['C0', 'M0', 'M9'])
    scanned(jumped).count.should.equal(10)
    const back = Buffer.concat([record('C', 0, 0), record('M', 5, 62), record('M', 5, 62)])
    scanned(back).found.should.eql(['C0', 'M5'])
    scanned(back).end.should.equal(offset(2))
  })

  it('does not take records that a message carries for records of the segment', () => {
    const inner = segment(['C'], ['M', 'M'], ['M'])
    const outer = record('M', 3, inner.length, inner)
    const bytes = Buffer.concat([inner, outer, record('M', 4, inner.length)])
    spoiled(bytes, 4)
    const { found, damage } = scanned(bytes)
    found.should.eql(['C0', 'M0', 'M1', 'M2'])
    damage.should.eql([])
  })
})

/** Every record but that of the last test has an empty payload. */
const offset = (nth: number) => nth * framingBytes

function record(
  kind: Kind,
  ordinal: number,
  batch: number,
  payload: Uint8Array = new Uint8Array(0),
) {
  const bytes = Buffer.alloc(payload.length + framingBytes)
  const header = { kind, ordinal, batch, time: epochMs(0), codec: 0, flags: 0, lane: 0 }
  frame(bytes, 0, seeds, header, payload)
  return bytes
}

/** Records by groups: each was framed when all before its group was synced. */
function segment(...groups: Kind[][]): Buffer<ArrayBuffer> {
  const records: Buffer<ArrayBuffer>[] = []
  let ordinal = 0
  for (const group of groups) {
    const batch = offset(records.length)
    for (const kind of group) records.push(record(kind, kind === 'M' ? ordinal++ : ordinal, batch))
  }
  return Buffer.concat(records)
}

function spoiled(bytes: Buffer<ArrayBuffer>, nth: number): Buffer<ArrayBuffer> {
  bytes.writeUInt8(bytes.readUInt8(offset(nth) + 30) ^ 1, offset(nth) + 30)
  return bytes
}

function scanned(bytes: Buffer, durable = 0): Scanned & { found: string[] } {
  const found: string[] = []
  const take = ({ kind, ordinal }: { kind: Kind; ordinal: number }) => found.push(kind + ordinal)
  return { ...scan(bytes, seeds, take, durable), found }
}
