/** The JSON text of a payload, or the path of what JSON would lose without a word. */

import { runInNewContext } from 'node:vm'
import should from 'should'
import { Fault } from '../../src/base/fault.js'
import { jsonText } from '../../src/delivery/json-text.js'

describe('JSON text', () => {
  it('takes objects at their word', () => {
    const payload = {
      at: new Date(0),
      raw: Buffer.from([1]),
      list: [null, undefined],
      u: undefined,
    }
    jsonText(payload, 'payload').should.equal(JSON.stringify(payload))
  })

  it('takes what a function node made, whose objects are of a realm of its own', () => {
    const payload = runInNewContext('({ a: [1, { b: new Date(0) }] })')
    jsonText(payload, 'payload').should.equal('{"a":[1,{"b":"1970-01-01T00:00:00.000Z"}]}')
  })

  class Sensor {}
  const circular: { a: unknown[] } = { a: [] }
  circular.a.push(circular)
  const refused: ReadonlyArray<readonly [string, object, string, string]> = [
    ['a function', { a: [{ f: () => 1 }] }, 'payload.a[0].f', 'function'],
    ['a symbol', { s: Symbol('s') }, 'payload.s', 'symbol'],
    ['a big integer', [1n], 'payload[0]', 'bigint'],
    ['an object of a class', { s: new Sensor() }, 'payload.s', 'Sensor'],
    ['a map', { m: new Map() }, 'payload.m', 'Map'],
    ['a circle', circular, 'payload', 'circular reference'],
    ['what has no text', { toJSON: () => undefined }, 'payload', 'object without a JSON text'],
  ]
  for (const [name, payload, path, kind] of refused) {
    it(`refuses ${name} with its path`, () => {
      try {
        jsonText(payload, 'payload')
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        should([error.code, error.values]).eql(['PAYLOAD_UNSTORABLE', { path, kind }])
        return
      }
      throw new Error('was not refused')
    })
  }
})
