/** PUBLISH on the wire is as long as it was said to be, and reads back as what was sent. */

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import should from 'should'
import { encodedSize, writePublish } from '../../src/mqtt/publish-packet.js'
import type { Packet } from '../../src/mqtt/wire.js'
import { PacketReader } from '../world/mqtt-bytes.js'
import { testSeed } from '../world/seeded-random.js'
import { anyPacket } from './packets.js'

describe('a PUBLISH packet', () => {
  for (const version of [4, 5] as const) {
    it(`of version ${version} reads back as it was, in as many bytes as were announced`, () => {
      const property = fc.property(anyPacket, fc.integer({ min: 1, max: 65_535 }), (sent, id) => {
        const size = encodedSize(sent, version)
        const bytes = Buffer.alloc(size + 2, 0xee)
        writePublish(bytes, 1, { packet: sent, size, id }, version)
        should([bytes[0], bytes[size + 1]]).eql([0xee, 0xee])
        const reader = new PacketReader()
        reader.read(connectOf(version))
        const [heard] = reader.read(bytes.subarray(1, size + 1))
        isDeepStrictEqual(heard, whole(sent, id, version)).should.be.true()
      })
      fc.assert(property, { seed: testSeed, numRuns: 400 })
    })
  }

  for (const length of [127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
    it(`says its length when ${length} bytes follow`, () => {
      const sent: Packet = { topic: 't', payload: Buffer.alloc(length - 3), qos: 0, retain: false }
      const size = encodedSize(sent, 4)
      const bytes = Buffer.alloc(size)
      writePublish(bytes, 0, { packet: sent, size, id: 0 }, 4)
      const [heard] = new PacketReader().read(bytes)
      should(heard?.is === 'publish' && heard.payload.length).equal(length - 3)
    })
  }

  for (const length of [127, 128, 16_383, 16_384]) {
    it(`says the length of ${length} bytes of properties`, () => {
      const properties = { userProperties: { n: 'v'.repeat(length - 6) } }
      const sent: Packet = { topic: 't', payload: 'p', qos: 0, retain: false, properties }
      const size = encodedSize(sent, 5)
      const bytes = Buffer.alloc(size)
      writePublish(bytes, 0, { packet: sent, size, id: 0 }, 5)
      const reader = new PacketReader()
      reader.read(connectOf(5))
      const [heard] = reader.read(bytes)
      isDeepStrictEqual(heard, whole(sent, 0, 5)).should.be.true()
    })
  }
})

/** What a broker makes of it. */
function whole({ payload, properties: given = {}, ...rest }: Packet, id: number, version: 4 | 5) {
  const { contentType, responseTopic, correlationData, userProperties = {} } = given
  const { payloadFormatIndicator: format, messageExpiryInterval: expiry } = given
  const pairs = Object.entries(userProperties).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}=${value}`),
  )
  const lines = [
    ...(format === undefined ? [] : [`payload format ${format ? 1 : 0}`]),
    ...(expiry === undefined ? [] : [`expiry ${expiry}`]),
    ...(contentType === undefined ? [] : [`content type ${contentType}`]),
    ...(responseTopic === undefined ? [] : [`response topic ${responseTopic}`]),
    ...(correlationData === undefined ? [] : [`correlation ${Buffer.from(correlationData)}`]),
    ...pairs,
  ]
  return {
    is: 'publish',
    id: rest.qos === 0 ? 0 : id,
    topic: rest.topic,
    payload: Buffer.from(payload),
    qos: rest.qos,
    retain: rest.retain,
    dup: false,
    properties: version === 5 ? lines : [],
  }
}

/** Enough of a CONNECT to tell the version. */
const connectOf = (version: 4 | 5): Buffer =>
  Buffer.from(
    [0x10, version === 5 ? 13 : 12, 0, 4, ...Buffer.from('MQTT'), version, 2, 0, 0].concat(
      version === 5 ? [0] : [],
      [0, 0],
    ),
  )
