/** From a flow's message to a packet, to bytes, and back. */

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import should from 'should'
import { epochMs } from '../../src/base/units.js'
import {
  decodePacket,
  encodePacket,
  type FlowMessage,
  messageFrom,
  messageOf,
  type PublicationSettings,
  packetFrom,
  publicationOf,
  withTimeLeft,
} from '../../src/delivery/publication.js'
import type { Packet } from '../../src/mqtt/wire.js'
import { testSeed } from '../world/seeded-random.js'

describe('publication', () => {
  it('comes back from the disk as the packet that it was', () => {
    fc.assert(
      fc.property(packet, (given) => {
        const { codec, bytes } = encodePacket(given)
        isDeepStrictEqual(plain(decodePacket(codec, bytes)), plain(given)).should.be.true()
      }),
      { seed: testSeed, numRuns: 500 },
    )
  })

  it('is plain text on the disk when its payload is', () => {
    const { codec, bytes } = encodePacket({ topic: 't', payload: 'ü', qos: 1, retain: false })
    should([codec, bytes.toString()]).eql([2, 't\nü'])
  })

  for (const [topic, payload] of [
    ['t', '\ud800'],
    ['t', 'first\nsecond'],
    ['two\nlines', 'p'],
    ['t', ''],
  ] as const) {
    it(`comes back as it was with ${JSON.stringify([topic, payload])}`, () => {
      const given = { topic, payload, qos: 1, retain: false } as const
      const { codec, bytes } = encodePacket(given)
      should(decodePacket(codec, bytes)).eql(given)
    })
  }

  it('goes on as it came while it is in memory, if nobody can change it', () => {
    const text: Packet = { topic: 't', payload: 'p', qos: 1, retain: false }
    const message = messageOf(text)
    const record = { ...message, sequence: 0, id: 'q-1', storedAt: 0, bytes: 0 }
    publicationOf(record).should.equal(text)
    should(publicationOf({ ...record, value: undefined })).eql(text)
    const bytes = new Uint8Array([1])
    for (const change of [{ payload: bytes }, { properties: { correlationData: bytes } }]) {
      should(messageOf({ ...text, ...change }).value).equal(undefined)
    }
  })

  const rows: ReadonlyArray<readonly [string, FlowMessage, object, object]> = [
    [
      'takes topic, QoS and retain of the message',
      { topic: 'm', qos: '2', retain: 'true' },
      {},
      { topic: 'm', qos: 2, retain: true },
    ],
    [
      'lets the dialog win',
      { topic: 'm', qos: 2, retain: true },
      { topic: 'd', qos: 0, retain: false },
      { topic: 'd', qos: 0, retain: false },
    ],
    ['has QoS 1 and no retain when nobody says', { topic: 'm' }, {}, { qos: 1, retain: false }],
    ['has QoS 1 for what is no QoS', { topic: 'm', qos: 'most' }, {}, { qos: 1 }],
  ]
  for (const [name, msg, changes, expected] of rows) {
    it(name, () => {
      packetFrom({ payload: 'p', ...msg }, { ...fromMessage, ...changes }).should.match(expected)
    })
  }

  it('keeps the properties of MQTT 5 that are of the right type, and no others', () => {
    const right = {
      contentType: 'text/plain',
      responseTopic: 'answers',
      correlationData: Buffer.from('c'),
      userProperties: { a: 'b', list: ['c', 'd'] },
      messageExpiryInterval: 60,
    }
    const msg = { topic: 't', payload: 'p' }
    should(packetFrom({ ...msg, ...right }, fromMessage).properties).eql(right)
    const wrong = {
      contentType: 5,
      responseTopic: 'a/#',
      correlationData: 'text',
      userProperties: { a: 1 },
      messageExpiryInterval: 'soon',
    }
    should(packetFrom({ ...msg, ...wrong }, fromMessage).properties).equal(undefined)
  })

  const again: ReadonlyArray<readonly [string, unknown, unknown]> = [
    ['a number', 21.5, 21.5],
    ['a truth value', false, false],
    ['no number', Number.NaN, 'NaN'],
    ['a text of digits', '0815', '0815'],
    ['a text of truth', 'true', 'true'],
    ['an object', { a: [1] }, { a: [1] }],
    ['the text of an object', ' {"a":1}', { a: 1 }],
    ['text that begins like one', '{a}', '{a}'],
    ['bytes', Buffer.from('{"a":1}'), Buffer.from('{"a":1}')],
  ]
  for (const [name, payload, expected] of again) {
    it(`becomes a message again whose payload is ${name}`, () => {
      const given = packetFrom({ payload, topic: 't', contentType: 'x' }, formedLater)
      const { codec, bytes } = encodePacket(given)
      const msg = messageFrom(decodePacket(codec, bytes))
      should(msg).eql({ topic: 't', payload: expected, qos: 1, retain: false, contentType: 'x' })
    })
  }

  it('says that it was a number only where somebody will ask', () => {
    should(packetFrom({ payload: 1, topic: 't' }, fromMessage)).not.have.property('isLiteral')
    should(packetFrom({ payload: 1, topic: 't' }, formedLater)).have.property('isLiteral', true)
  })

  it('prefers the properties of the dialog, and joins the user properties', () => {
    const msg = {
      topic: 't',
      payload: 'p',
      contentType: 'of/message',
      responseTopic: 'of/message',
      userProperties: { a: 'message', b: 'message' },
    }
    const properties = { contentType: 'of/dialog', userProperties: { b: 'dialog', c: 'dialog' } }
    should(packetFrom(msg, { ...fromMessage, properties }).properties).eql({
      contentType: 'of/dialog',
      responseTopic: 'of/message',
      userProperties: { a: 'message', b: 'dialog', c: 'dialog' },
    })
    const bare = packetFrom({ topic: 't', payload: 'p' }, { ...fromMessage, properties })
    should(bare.properties).eql(properties)
    const none = packetFrom({ topic: 't', payload: 'p' }, { ...fromMessage, properties: {} })
    should(none.properties).equal(undefined)
  })

  it('does not change the message', () => {
    const msg = Object.freeze({ topic: 't', payload: Object.freeze({ a: 1 }) })
    packetFrom(msg, fromMessage).payload.should.equal('{"a":1}')
  })

  it('has the time left that it had less the time it was stored, however clocks go', () => {
    const given: Packet = { topic: 't', payload: '', qos: 1, retain: false }
    const expiring = { ...given, properties: { messageExpiryInterval: 60 } }
    const left = (now: number) =>
      withTimeLeft(expiring, 1_000_000, epochMs(now))?.properties?.messageExpiryInterval
    should(left(1_000_000)).equal(60)
    should(left(1_059_999)).equal(1)
    should(left(1_060_000)).equal(undefined)
    should(left(0)).equal(60)
    should(withTimeLeft(given, 0, epochMs(1e15))).equal(given)
  })

  for (const bytes of ['[]', 'null', '5', '{"topic":"t"}', 'no text']) {
    it(`refuses to read \`${bytes}\` as a packet`, () => {
      should(() => decodePacket(0, Buffer.from(bytes))).throw()
    })
  }
})

const fromMessage: PublicationSettings = { topic: '', qos: 'message', retain: 'message' }
const formedLater: PublicationSettings = { ...fromMessage, isFormedLater: true }

const text = fc.string({ unit: 'binary' })
const raw = fc.uint8Array({ maxLength: 50 })
const packet = fc.record(
  {
    topic: text,
    payload: fc.oneof(text, raw),
    qos: fc.constantFrom(0, 1, 2),
    retain: fc.boolean(),
    properties: fc.record(
      {
        contentType: text,
        correlationData: raw,
        userProperties: fc.dictionary(text, fc.oneof(text, fc.array(text))),
        messageExpiryInterval: fc.nat(),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['topic', 'payload', 'qos', 'retain'] },
)

/** Generated dictionaries have no prototype; that is no part of a packet. */
function plain(given: object): unknown {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const isPlain = key === 'properties' || key === 'userProperties'
      return [key, isPlain ? plain(value) : value]
    }),
  )
}
