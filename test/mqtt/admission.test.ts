/** What a session rules out is refused before it is sent, and sizes are those of the real wire. */

import fc from 'fast-check'
import should from 'should'
import { refusalOf } from '../../src/mqtt/admission.js'
import { encodedSize } from '../../src/mqtt/publish-packet.js'
import { type Packet, packetBytesMax, type Session } from '../../src/mqtt/wire.js'
import { testSeed } from '../world/seeded-random.js'

describe('admission', () => {
  it('lets an ordinary packet through', () => {
    should(refused({})).equal(undefined)
  })

  it('refuses a topic that nothing can be published to', () => {
    should(refused({ topic: 'a/#' })).eql({ code: 'TOPIC_INVALID', values: { topic: 'a/#' } })
  })

  it('refuses a packet over the size that the broker takes', () => {
    const size = encodedSize(packet({}), 5)
    should(refused({}, { maximumPacketSize: size })).equal(undefined)
    should(refused({}, { maximumPacketSize: size - 1 })).eql({
      code: 'PAYLOAD_TOO_LARGE',
      values: { size, limit: size - 1, who: 'plc:1883' },
    })
  })

  it('refuses a QoS that the broker does not offer instead of lowering it', () => {
    should(refused({ qos: 2 }, { maximumQoS: 1 })).eql({
      code: 'PUBLISH_REFUSED',
      values: { reason: 'QoS not supported', code: '9b' },
    })
  })

  it('refuses to retain where the broker cannot', () => {
    should(refused({ retain: true }, { retainAvailable: false })).eql({
      code: 'PUBLISH_REFUSED',
      values: { reason: 'Retain not supported', code: '9a' },
    })
  })

  it('refuses a property that does not fit into its two bytes of length', () => {
    const userProperties = { note: ['x', 'y'.repeat(65_536)] }
    should(refused({ properties: { userProperties } })).eql({
      code: 'PAYLOAD_TOO_LARGE',
      values: { size: 65_536, limit: 65_535, who: 'MQTT' },
    })
  })

  for (const messageExpiryInterval of [-1, 1.5, Number.NaN, 2 ** 32]) {
    it(`refuses an expiry of ${messageExpiryInterval}`, () => {
      should(refused({ properties: { messageExpiryInterval } })).have.property(
        'code',
        'PUBLISH_REFUSED',
      )
    })
  }
})

describe('encoded size', () => {
  const rows: Array<[string, Partial<Packet>, 4 | 5, number]> = [
    ['QoS 0 has no packet id', { qos: 0, topic: 'ab', payload: 'xyz' }, 4, 2 + 2 + 2 + 3],
    ['QoS 1 has one', { qos: 1, topic: 'ab', payload: 'xyz' }, 4, 2 + 2 + 2 + 2 + 3],
    ['MQTT 5 counts its properties', { qos: 1, topic: 'ab', payload: 'xyz' }, 5, 2 + 4 + 2 + 1 + 3],
    ['text is counted in UTF-8', { qos: 0, topic: 'é', payload: '🌡' }, 4, 2 + 2 + 2 + 4],
    ['128 bytes need a longer length', { qos: 0, topic: 'a', payload: 'x'.repeat(125) }, 4, 131],
  ]
  for (const [fact, change, version, size] of rows) {
    it(fact, () => {
      encodedSize(packet(change), version).should.equal(size)
    })
  }

  it('leaves properties out on 3.1.1', () => {
    const properties = { contentType: 'text/plain' }
    encodedSize(packet({ properties }), 4).should.equal(encodedSize(packet({}), 4))
  })

  it('grows with the payload, by one byte or with its length field', () => {
    fc.assert(
      fc.property(fc.nat(200_000), (length) => {
        const size = (bytes: number) => encodedSize(packet({ payload: new Uint8Array(bytes) }), 5)
        const step = size(length + 1) - size(length)
        return step === 1 || step === 2
      }),
      { seed: testSeed, numRuns: 200 },
    )
  })
})

const packet = (change: Partial<Packet>): Packet => ({
  topic: 'line/1',
  payload: 'on',
  qos: 1,
  retain: false,
  ...change,
})

function refused(change: Partial<Packet>, limits: Partial<Session> = {}) {
  const session: Session = {
    receiveMaximum: 65_535,
    maximumPacketSize: packetBytesMax,
    maximumQoS: 2,
    retainAvailable: true,
    ...limits,
  }
  return refusalOf(packet(change), encodedSize(packet(change), 5), session, 'plc:1883')
}
