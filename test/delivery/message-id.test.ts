/** The id by which receivers know what came twice, and all that must not be touched for it. */

import fc from 'fast-check'
import should from 'should'
import { identified } from '../../src/delivery/message-id.js'
import type { Packet } from '../../src/mqtt/wire.js'
import { testSeed } from '../world/seeded-random.js'

const id = 'q1-5f-12'

describe('message id', () => {
  it('is left out when it is not wanted', () => {
    const given = packet('{}')
    should(identified(given, id, 'off')).equal(given)
  })

  it('is a user property beside those that are there', () => {
    const given = { ...packet('x'), properties: { contentType: 't', userProperties: { a: 'b' } } }
    should(identified(given, id, 'property').properties).eql({
      contentType: 't',
      userProperties: { a: 'b', 'resilience-id': id },
    })
    should(identified(packet('x'), id, 'property').properties).eql({
      userProperties: { 'resilience-id': id },
    })
  })

  it('does not overwrite a user property of its name', () => {
    const given = { ...packet('x'), properties: { userProperties: { 'resilience-id': 'mine' } } }
    should(identified(given, id, 'property')).equal(given)
  })

  const inside: ReadonlyArray<readonly [string, string]> = [
    ['{}', `{"resilienceId":"${id}"}`],
    ['{"a":1}', `{"resilienceId":"${id}","a":1}`],
    [' {\n "a" : 1.50 }\n', ` {"resilienceId":"${id}",\n "a" : 1.50 }\n`],
    ['{"a":{"resilienceId":1}}', `{"resilienceId":"${id}","a":{"resilienceId":1}}`],
  ]
  for (const [payload, expected] of inside) {
    it(`stands in ${JSON.stringify(payload)} as a key, and the rest stays as it was`, () => {
      should(identified(packet(payload), id, 'payload').payload).equal(expected)
    })
  }

  const untouched = ['', 'on', '[1]', '5', 'null', '"{}"', '{', '{} {}', '{"resilienceId":null}']
  for (const payload of untouched) {
    it(`leaves ${JSON.stringify(payload)} alone`, () => {
      const given = packet(payload)
      should(identified(given, id, 'payload')).equal(given)
    })
  }

  it('leaves bytes alone', () => {
    const given = { ...packet(''), payload: Buffer.from('{}') }
    should(identified(given, id, 'payload')).equal(given)
  })

  it('adds one key to any object, and changes none', () => {
    const property = fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const { payload } = identified(packet(JSON.stringify(object)), id, 'payload')
      const { resilienceId, ...rest } = JSON.parse(String(payload))
      should(resilienceId).eql(Object.hasOwn(object, 'resilienceId') ? object['resilienceId'] : id)
      const { resilienceId: _was, ...given } = JSON.parse(JSON.stringify(object))
      should(rest).eql(given)
    })
    fc.assert(property, { seed: testSeed, numRuns: 300 })
  })
})

const packet = (payload: string): Packet => ({ topic: 't', payload, qos: 1, retain: false })
