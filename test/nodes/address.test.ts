/** Servers, topics and client ids as people write them; on topics the link's own rule agrees. */

import fc from 'fast-check'
import should from 'should'
import { type Address, isClientId, isSecure, isTopic, servers } from '../../nodes/common/address.js'
import { isTopicName } from '../../src/mqtt/topic.js'
import { testSeed } from '../world/seeded-random.js'

type Scheme = Address['scheme']

const understood: readonly [string, ...[Scheme, string, number, string][]][] = [
  ['localhost', ['mqtt', 'localhost', 1883, '']],
  ['mqtt://192.168.0.10:1883', ['mqtt', '192.168.0.10', 1883, '']],
  ['MQTTS://Broker.Example', ['mqtts', 'broker.example', 8883, '']],
  ['ws://plant/', ['ws', 'plant', 80, '/']],
  ['wss://plant:8443/mqtt?x=1', ['wss', 'plant', 8443, '/mqtt?x=1']],
  ['wss://plant', ['wss', 'plant', 443, '/']],
  ['mqtt://plant/', ['mqtt', 'plant', 1883, '']],
  ['[fe80::1]:1884', ['mqtt', 'fe80::1', 1884, '']],
  ['bücher.example', ['mqtt', 'bücher.example', 1883, '']],
  [' one , mqtts://two,', ['mqtt', 'one', 1883, ''], ['mqtts', 'two', 8883, '']],
]

const refused = [
  '',
  ' , ',
  'http://plant',
  'mqtt://',
  'mqtt://user:secret@plant',
  'mqtt://plant:0',
  'mqtt://plant:65536',
  'mqtt://plant:x',
  'mqtt://plant/topic',
  'mqtt:plant',
  'two hosts',
  'fe80::1',
  'one, http://two',
]

describe('servers', () => {
  for (const [written, ...expected] of understood) {
    it(`understands ${JSON.stringify(written)}`, () => {
      const addresses = expected.map(([scheme, host, port, path]) => ({ scheme, host, port, path }))
      should(servers(written)).eql(addresses)
    })
  }

  for (const written of refused) {
    it(`refuses ${JSON.stringify(written)}`, () => should(servers(written)).equal(undefined))
  }

  it('are secure with mqtts and wss only', () => {
    const all = servers('mqtt://a, mqtts://a, ws://a, wss://a') ?? []
    all.map(isSecure).should.eql([false, true, false, true])
  })
})

describe('a topic', () => {
  it('is what the link can publish to, and nothing else', () => {
    const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('+', '#'))
    fc.assert(
      fc.property(anyText, (text) => isTopic(text) === isTopicName(text)),
      { seed: testSeed, numRuns: 1000 },
    )
  })

  it('is at most 65,535 bytes long', () => {
    isTopic('x'.repeat(65_535)).should.be.true()
    isTopic('x'.repeat(65_536)).should.be.false()
    isTopic('ü'.repeat(32_768)).should.be.false()
  })
})

describe('a client id', () => {
  it('is at most 128 characters long and has no / + #', () => {
    const ids = ['', 'press 3', 'x'.repeat(128), 'x'.repeat(129), 'a/b', 'a+b', 'a#b']
    ids.map(isClientId).should.eql([true, true, true, false, false, false, false])
  })
})
