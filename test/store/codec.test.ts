/** A message as bytes and back: nothing is lost in silence. */

import { Socket } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import should from 'should'
import { Fault } from '../../src/base/fault.js'
import { decode, encode } from '../../src/store/codec.js'
import { testSeed } from '../world/seeded-random.js'

describe('codec', () => {
  it('gives back whatever it takes', () => {
    fc.assert(fc.property(value, isKept), { seed: testSeed, numRuns: 1500 })
  })

  it('takes what a function node made, whose objects are of a realm of its own', () => {
    const made = runInNewContext('({ a: [1, { b: new Date(5) }], m: new Map([[1, 2]]) })')
    const { codec, bytes } = encode(made)
    const kept = { a: [1, { b: new Date(5) }], m: new Map([[1, 2]]) }
    isDeepStrictEqual(decode(codec, bytes), kept).should.be.true()
    encode(runInNewContext('({ a: [1] })')).codec.should.equal(0)
  })

  it('uses plain JSON exactly when JSON loses nothing', () => {
    fc.assert(
      fc.property(value, (given) => {
        const text = JSON.stringify(given, refuseBigInt)
        const isLossless = text !== undefined && isDeepStrictEqual(JSON.parse(text), given)
        encode({ given }).codec.should.equal(isLossless && !hasReserved(given) ? 0 : 1)
      }),
      { seed: testSeed, numRuns: 1500 },
    )
  })

  const kept: ReadonlyArray<readonly [string, unknown]> = [
    ['NaN', Number.NaN],
    ['-0', -0],
    ['an infinity', Number.NEGATIVE_INFINITY],
    ['undefined', { a: undefined }],
    ['a hole', Array.from({ length: 2 }).fill(1, 1).concat(new Array(2))],
    ['a big integer', 2n ** 80n],
    ['a date', new Date(1_764_000_000_000)],
    ['the first moment of 1970', new Date(0)],
    ['a map in a map', new Map<unknown, unknown>([[new Map([[1, 2]]), new Set([undefined])]])],
    ['an expression', /a\/b/giu],
    ['half a surrogate pair', { '\ud800': 'x\udfff' }],
    ['a key `__proto__`', JSON.parse('{"__proto__":{"polluted":true},"a":1}')],
    ['what looks like a tag', { $: 'date', v: 0 }],
    ['what looks like a hole', [{ $: 'hole' }]],
    ['an empty buffer', Buffer.alloc(0)],
    ['a slice of a buffer', Buffer.from('abcdef').subarray(2, 4)],
    ['aligned numbers', [new Uint8Array(1), new Float64Array([1.5, -0]), new BigInt64Array([-1n])]],
  ]
  for (const [name, given] of kept) it(`keeps ${name}`, () => isKept(given))

  it('keeps an invalid date', () => {
    const date = decode(1, encode(new Date(Number.NaN)).bytes)
    if (!(date instanceof Date)) throw new Error('no date')
    date.getTime().should.be.NaN()
  })

  it('keeps an error with its name, fields and causes', () => {
    const cause = Object.assign(new TypeError('why'), { code: 'E_WHY' })
    const error = decode(1, encode(new Error('what', { cause })).bytes)
    if (!(error instanceof Error) || !(error.cause instanceof Error)) throw new Error('no error')
    ;[error.message, error.cause.name, error.cause.message].should.eql(['what', 'TypeError', 'why'])
    should(Reflect.get(error.cause, 'code')).equal('E_WHY')
    Object.keys(error).should.eql([])
  })

  it('leaves the prototype of what it decodes alone', () => {
    const polluted = Buffer.from('{"a":{"__proto__":{"admin":true}}}')
    const decoded = decode(0, polluted)
    should(decoded).eql({ a: {} })
    should(Reflect.get(Object.prototype, 'admin')).equal(undefined)
  })

  for (const hidden of ['\\u005f_proto__', '__pr\\u006Fto__']) {
    it(`finds that key behind an escape, ${hidden}`, () => {
      const decoded = decode(0, Buffer.from(`{"a":{"${hidden}":{"admin":true}}}`))
      should(Object.hasOwn(Object(decoded).a, '__proto__')).equal(false)
    })
  }

  class Sensor {
    readonly value = 1
  }
  const circular: { list: unknown[] } = { list: [] }
  circular.list.push({ back: circular })
  const refused: ReadonlyArray<readonly [string, unknown, string, string]> = [
    ['a function', { a: { b: () => 1 } }, 'msg.a.b', 'function'],
    ['a symbol', { s: Symbol('s') }, 'msg.s', 'symbol'],
    ['a socket', { req: { socket: new Socket() } }, 'msg.req.socket', 'Socket'],
    ['an object of a class', [new Sensor()], 'msg[0]', 'Sensor'],
    ['a promise', { p: Promise.resolve() }, 'msg.p', 'Promise'],
    ['a view of a kind that is not known', new DataView(new ArrayBuffer(8)), 'msg', 'DataView'],
    ['a circle', circular, 'msg.list[0].back', 'circular reference'],
    ['a function in a map', { m: new Map([['k', () => 1]]) }, 'msg.m.value0', 'function'],
  ]
  for (const [name, given, path, kind] of refused) {
    it(`refuses ${name} with its path`, () => {
      should(faultOf(() => encode(given))).match({
        code: 'PAYLOAD_UNSTORABLE',
        values: { path, kind },
      })
    })
  }

  it('takes the same object twice when it is no circle', () => {
    const shared = { a: 1 }
    isKept({ one: shared, two: [shared] })
  })

  it('refuses a value nested without end instead of running out of stack', () => {
    let deep: unknown = 1
    for (let n = 0; n < 100_000; n++) deep = [deep]
    should(faultOf(() => encode(deep))?.code).equal('PAYLOAD_UNSTORABLE')
  })

  it('puts buffers behind the text as they are', () => {
    const { codec, bytes } = encode({ payload: Buffer.from([1, 2, 250]) })
    codec.should.equal(1)
    bytes.subarray(-3).should.eql(Buffer.from([1, 2, 250]))
  })
})

const bytes = fc.uint8Array({ maxLength: 30 })
const key = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.constantFrom('$', '__proto__', 'v', 'constructor', 'toString', '0', '\ud800'),
)
const leaf = fc.oneof(
  { weight: 8, arbitrary: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 2, arbitrary: fc.double() },
  fc.bigInt(),
  fc.constantFrom(undefined, -0, '\ud83d', Number.NaN),
  fc.date({ noInvalidDate: true }),
  bytes.map((array) => Buffer.from(array)),
  bytes,
  fc.int16Array({ maxLength: 9 }),
  fc.float64Array({ maxLength: 9 }),
  fc.bigUint64Array({ maxLength: 3 }),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 5, arbitrary: leaf },
    { weight: 3, arbitrary: fc.array(tie('value'), { maxLength: 4 }) },
    { weight: 3, arbitrary: fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map(plain) },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }).map((all) => new Set(all)) },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 })
        .map((all) => new Map(all)),
    },
  ),
}))

/** An object with these own keys, `__proto__` among them. */
function plain(entries: ReadonlyArray<readonly [string, unknown]>): object {
  return Object.fromEntries(entries)
}

function isKept(given: unknown): void {
  const { codec, bytes } = encode(given)
  const back = decode(codec, bytes)
  if (!isDeepStrictEqual(back, given)) should(back).eql(given)
  if (!isDeepStrictEqual(back, given)) throw new Error('not the same')
}

/** Keys that plain JSON could say, but that would be taken for tags or for prototypes. */
function hasReserved(given: unknown): boolean {
  if (typeof given !== 'object' || given === null) return false
  const isReserved = Object.hasOwn(given, '$') || Object.hasOwn(given, '__proto__')
  return isReserved || Object.values(given).some(hasReserved)
}

const refuseBigInt = (_: string, v: unknown) => (typeof v === 'bigint' ? undefined : v)

function faultOf(act: () => unknown): Fault | undefined {
  try {
    act()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  return undefined
}
