/**
 * `resilient-mqtt-out` in Node-RED's own test helper, with a broker in this process: every kind of
 * message that cannot be published is refused so that a Catch node hears of it; nothing of it is
 * stored, and nothing behind it waits.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { hallOf, realWorld } from '../../nodes/common/hall.js'
import broker from '../../nodes/resilient-mqtt-broker/resilient-mqtt-broker.js'
import out from '../../nodes/resilient-mqtt-out/resilient-mqtt-out.js'
import { EmbeddedBroker } from '../../tools/common/embedded-broker.js'
import { freePort } from '../../tools/common/ports.js'
import { Arrivals } from '../world/arrivals.js'
import { catcher, helper, runtime } from '../world/flow-helper.js'

interface Caught {
  readonly error: { readonly code: string; readonly source: { readonly id: string } }
}

const circular: Record<string, unknown> = { list: [] }
circular['self'] = circular

const refused: ReadonlyArray<readonly [string, object, string]> = [
  ['has no topic', { payload: 'bad' }, 'TOPIC_INVALID'],
  ['has an empty topic', { topic: '', payload: 'bad' }, 'TOPIC_INVALID'],
  ['has a topic that is no text', { topic: 5, payload: 'bad' }, 'TOPIC_INVALID'],
  ['has a topic with +', { topic: 'a/+/b', payload: 'bad' }, 'TOPIC_INVALID'],
  ['has a topic with #', { topic: 'a/#', payload: 'bad' }, 'TOPIC_INVALID'],
  ['has a topic with NUL', { topic: 'a\0b', payload: 'bad' }, 'TOPIC_INVALID'],
  ['has half a surrogate pair as topic', { topic: '\ud800', payload: 'x' }, 'TOPIC_INVALID'],
  ['has a topic of 64 KB', { topic: 'a'.repeat(65_536), payload: 'bad' }, 'TOPIC_INVALID'],
  ['has no payload', { topic: 't' }, 'PAYLOAD_UNSTORABLE'],
  ['has a function in it', { topic: 't', payload: { f: () => 1 } }, 'PAYLOAD_UNSTORABLE'],
  ['has a socket in it', { topic: 't', payload: { s: new Socket() } }, 'PAYLOAD_UNSTORABLE'],
  ['has a circle in it', { topic: 't', payload: circular }, 'PAYLOAD_UNSTORABLE'],
  ['has no JSON text', { topic: 't', payload: { toJSON: () => undefined } }, 'PAYLOAD_UNSTORABLE'],
  ['is over the limit', { topic: 't', payload: 'bad'.repeat(100_000) }, 'PAYLOAD_TOO_LARGE'],
  ['is an unknown command', { resilience: { command: 'dance' } }, 'COMMAND_UNKNOWN'],
]

describe('resilient-mqtt-out', () => {
  const arrived = new Arrivals<string>()
  const caught = new Arrivals<Caught>()
  let server: EmbeddedBroker
  let userDir = ''

  before(async () => {
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-out-'))
    server = await EmbeddedBroker.open(await freePort(), (topic, payload) => {
      arrived.add(`${topic}: ${payload.toString('latin1').slice(0, 20)}`)
    })
    helper.init(runtime)
    helper.settings({ userDir })
    const common = { z: 'tab', x: 1, y: 1, wires: [] }
    await helper.load(
      [broker, out, catcher],
      [
        { id: 'tab', type: 'tab' },
        { id: 'b', type: 'resilient-mqtt-broker', servers: `mqtt://127.0.0.1:${server.port}` },
        { ...common, id: 'out', type: 'resilient-mqtt-out', broker: 'b', qos: '', maxSize: '1MB' },
        { ...common, id: 'catch', type: 'catch', scope: null, wires: [['heard']] },
        { ...common, id: 'heard', type: 'helper' },
      ],
    )
    helper.getNode<Caught>('heard').on('input', (msg) => caught.add(msg))
  })

  after(async () => {
    await helper.unload()
    await server.close()
    rmSync(userDir, { recursive: true, force: true })
  })

  it('counts what it has published, and how long that took', async () => {
    const tally = () => hallOf(realWorld).roster.of('out')?.tally()
    // Counts begin with the process, in which other tests have had a node of this id.
    while (tally()?.queue === undefined) await new Promise(setImmediate)
    const { counted, redelivered = 0 } = tally()?.queue ?? {}
    const [before, sent] = [counted?.delivered ?? 0, arrived.all.length]
    helper.getNode('out').receive({ topic: 'counted', payload: '1', qos: 1 })
    await arrived.first(sent + 1)
    while (tally()?.queue?.waiting !== 0) await new Promise(setImmediate)
    const { queue, link } = tally() ?? {}
    should(queue?.counted.delivered).equal(before + 1)
    should(queue?.redelivered).equal(redelivered)
    should(link).containEql({ broker: 'b', state: 'connected', connections: 1, inFlight: 0 })
    should(link?.ackLatency.count).be.aboveOrEqual(1)
    should(queue?.store.syncs.count).be.aboveOrEqual(1)
  })

  for (const [name, msg, code] of refused) {
    it(`refuses a message that ${name}, and takes the next one`, async () => {
      const [before, sent] = [caught.all.length, arrived.all.length]
      helper.getNode('out').receive(msg)
      helper.getNode('out').receive({ topic: 'good', payload: `after ${before}` })
      const { error } = await caught.nth(before)
      error.code.should.equal(code)
      error.source.id.should.equal('out')
      should(await arrived.nth(sent)).equal(`good: after ${before}`)
    })
  }

  it('has stored nothing of what it refused', () => {
    const data = join(userDir, 'resilience', 'out')
    const segments = readdirSync(data).filter((name) => name.endsWith('.seg'))
    const stored = segments.map((name) => readFileSync(join(data, name), 'latin1')).join('')
    stored.match(/"topic":"[^"]*"/g)?.length.should.equal(refused.length)
    // With its quote: a checksum may well spell the word.
    stored.should.not.match(/"bad|"dance/)
    caught.all.length.should.equal(refused.length)
  })

  const published: ReadonlyArray<readonly [string, object, string]> = [
    ['text', { topic: 't', payload: 'Grüße' }, 't: GrÃ¼Ã\u009fe'],
    ['an empty text', { topic: 't', payload: '' }, 't: '],
    ['a number', { topic: 't', payload: 21.5 }, 't: 21.5'],
    ['a truth value', { topic: 't', payload: false }, 't: false'],
    ['null', { topic: 't', payload: null }, 't: '],
    ['bytes', { topic: 't', payload: Buffer.from([0, 255]) }, 't: \0ÿ'],
    ['an object', { topic: 't', payload: { a: [1, null] } }, 't: {"a":[1,null]}'],
    ['QoS 0', { topic: 't', payload: 'q0', qos: 0 }, 't: q0'],
    ['QoS 2', { topic: 't', payload: 'q2', qos: '2' }, 't: q2'],
  ]
  for (const [name, msg, wire] of published) {
    it(`publishes ${name} as core does`, async () => {
      const sent = arrived.all.length
      helper.getNode('out').receive(msg)
      should(await arrived.nth(sent)).equal(wire)
    })
  }
})
