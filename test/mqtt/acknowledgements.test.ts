/** Acknowledgements are taken out of whatever chunks they come in; nothing else is touched. */

import fc from 'fast-check'
import should from 'should'
import { Acknowledgements } from '../../src/mqtt/acknowledgements.js'
import { testSeed } from '../world/seeded-random.js'

describe('acknowledgements', () => {
  const yes: ReadonlyArray<readonly [string, number[]]> = [
    ['3.1.1', [0x40, 2, 1, 7]],
    ['MQTT 5 with a reason code', [0x40, 3, 1, 7, 0]],
    ['a broker without subscribers', [0x40, 3, 1, 7, 0x10]],
    ['MQTT 5 with no properties', [0x40, 4, 1, 7, 0, 0]],
  ]
  for (const [name, bytes] of yes) {
    it(`of ${name} are taken`, () => {
      should(taken([bytes])).eql({ ids: [0x107], left: [] })
    })
  }

  const others: ReadonlyArray<readonly [string, number[]]> = [
    ['a refusal', [0x40, 3, 1, 7, 0x87]],
    ['a yes with properties', [0x40, 7, 1, 7, 0, 3, 0x1f, 0, 0]],
    ['PUBREC', [0x50, 2, 1, 7]],
    ['PINGRESP', [0xd0, 0]],
    ['a malformed length', [0x40, 0xff, 0xff, 0xff, 0xff, 1, 7]],
  ]
  for (const [name, bytes] of others) {
    it(`are not looked for in ${name}`, () => {
      should(taken([bytes])).eql({ ids: [], left: bytes })
    })
  }

  it('that nobody waits for are handed on', () => {
    const acknowledgements = new Acknowledgements(() => false)
    const bytes = Buffer.from([0x40, 2, 0, 9])
    acknowledgements.takeFrom(bytes).should.eql(bytes)
  })

  it('do not overtake an answer that was handed on', () => {
    const ids: number[] = []
    const acknowledgements = new Acknowledgements((id) => ids.push(id) > 0)
    const refusal = [0x40, 3, 0, 1, 0x97]
    const second = [0x40, 2, 0, 2]
    const left = acknowledgements.takeFrom(Buffer.from([...refusal, ...second]))
    should([...left]).eql([...refusal, ...second])
    acknowledgements.told()
    acknowledgements.takeFrom(Buffer.from([0x40, 2, 0, 3])).length.should.equal(4)
    acknowledgements.told()
    acknowledgements.told()
    acknowledgements.takeFrom(Buffer.from([0x40, 2, 0, 4])).length.should.equal(0)
    ids.should.eql([4])
  })

  it('are the same however the bytes are cut', () => {
    const packet = fc.oneof(
      fc.integer({ min: 1, max: 65_535 }).map((id) => [0x40, 2, id >> 8, id & 255]),
      fc.uint8Array({ maxLength: 300 }).map((body) => [0x30, ...lengthOf(body), ...body]),
      fc.constant([0xd0, 0]),
    )
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 })
    const property = fc.property(fc.array(packet), cuts, (packets, sizes) => {
      const bytes = packets.flat()
      taken(inPieces(bytes, sizes)).should.eql({
        ids: packets.flatMap(([type, , high = 0, low = 0]) =>
          type === 0x40 ? [high * 256 + low] : [],
        ),
        left: packets.filter(([type]) => type !== 0x40).flat(),
      })
    })
    fc.assert(property, { seed: testSeed, numRuns: 300 })
  })
})

function taken(chunks: readonly number[][]): { ids: number[]; left: number[] } {
  const ids: number[] = []
  const acknowledgements = new Acknowledgements((id) => ids.push(id) > 0)
  const left = chunks.flatMap((chunk) => [...acknowledgements.takeFrom(Buffer.from(chunk))])
  return { ids, left }
}

function lengthOf(body: Uint8Array): number[] {
  return body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7]
}

function inPieces(bytes: readonly number[], sizes: readonly number[]): number[][] {
  const pieces: number[][] = []
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = sizes[n % sizes.length] ?? 1
    pieces.push(bytes.slice(at, at + size))
    at += size
  }
  return pieces
}
