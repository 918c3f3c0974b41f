/** One record: what was framed is read back whole or not at all. */

import fc from 'fast-check'
import should from 'should'
import { epochMs } from '../../src/base/units.js'
import {
  frame,
  framingBytes,
  type Header,
  isMessageAt,
  recordAt,
  seedsOf,
} from '../../src/store/record.js'
import { testSeed } from '../world/seeded-random.js'

const seeds = seedsOf('0a1b2c3d', 4096)
const ordinal = 7

describe('record', () => {
  it('is read back as it was framed, wherever it lies', () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 300 }), fc.nat(100), (given, payload, at) => {
        const bytes = Buffer.alloc(at + payload.length + framingBytes + 5, 0x33)
        const end = frame(bytes, at, seeds, given, payload)
        end.should.equal(at + payload.length + framingBytes)
        const found = recordAt(bytes, at, seeds)
        should(found).not.equal(undefined)
        const { payload: read, ...rest } = found ?? { payload: Buffer.alloc(0) }
        rest.should.eql({ ...given, length: payload.length, offset: at, end })
        Buffer.compare(read, payload).should.equal(0)
      }),
      { seed: testSeed, numRuns: 500 },
    )
  })

  it('is refused when any bit of it is flipped', () => {
    const bytes = framed('a payload with a line\nfeed')
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(bytes)
        flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << bit), at)
        should(recordAt(flipped, 0, seeds)).equal(undefined, `byte ${at}, bit ${bit}`)
        isMessageAt(flipped, 0, seeds, ordinal).should.equal(false, `byte ${at}, bit ${bit}`)
      }
    }
  })

  it('is refused when it is cut short anywhere', () => {
    const bytes = framed('payload')
    for (let length = 0; length < bytes.length; length++) {
      should(recordAt(bytes.subarray(0, length), 0, seeds)).equal(undefined)
      isMessageAt(bytes.subarray(0, length), 0, seeds, ordinal).should.be.false()
    }
  })

  it('of a segment with another salt or base is refused', () => {
    const bytes = framed('payload')
    should(recordAt(bytes, 0, seedsOf('0a1b2c3e', 4096))).equal(undefined)
    should(recordAt(bytes, 0, seedsOf('0a1b2c3d', 4097))).equal(undefined)
    should(recordAt(bytes, 0, seeds)).not.equal(undefined)
  })

  it('is a message of its ordinal and of no other', () => {
    const bytes = framed('payload')
    isMessageAt(bytes, 0, seeds, ordinal).should.be.true()
    isMessageAt(bytes, 0, seeds, ordinal + 1).should.be.false()
    isMessageAt(bytes, -1, seeds, ordinal).should.be.false()
    const note = {
      kind: 'A',
      ordinal,
      batch: 0,
      time: epochMs(0),
      codec: 0,
      flags: 0,
      lane: 0,
    } as const
    frame(bytes, 0, seeds, note, Buffer.from('payload'))
    isMessageAt(bytes, 0, seeds, ordinal).should.be.false()
  })

  it('is one line of text and the payload as it is', () => {
    framed('{"t":21.5}')
      .toString()
      .replace(/^M [0-9a-f]{8}/, 'M crc')
      .should.equal('M crc 000000a 0000007 00001f4 0019c8b7f00 0 00 deadbeef\n{"t":21.5}\n')
  })
})

const bits = (count: number) => fc.nat(2 ** count - 1)
const header: fc.Arbitrary<Omit<Header, 'length'>> = fc.record({
  kind: fc.constantFrom('C', 'M', 'A', 'L', 'S'),
  ordinal: bits(28),
  batch: bits(28),
  time: fc.maxSafeNat().map((time) => epochMs(time % 2 ** 44)),
  codec: bits(4),
  flags: bits(8),
  lane: fc.nat(0xffff_ffff),
})

function framed(text: string): Buffer {
  const payload = Buffer.from(text)
  const bytes = Buffer.alloc(payload.length + framingBytes)
  const lane = 0xdeadbeef
  const time = epochMs(0x19c8b7f00)
  const given = { kind: 'M', ordinal, batch: 500, time, codec: 0, flags: 0, lane } as const
  frame(bytes, 0, seeds, given, payload)
  return bytes
}
