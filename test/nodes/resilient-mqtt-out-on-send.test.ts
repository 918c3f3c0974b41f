/**
 * `resilient-mqtt-out` with an expression at send time, in Node-RED's own test helper with a broker
 * in this process: what the expression sees, what a Catch node hears of one that fails, and numbers
 * that go on after a restart.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import broker from '../../nodes/resilient-mqtt-broker/resilient-mqtt-broker.js'
import out from '../../nodes/resilient-mqtt-out/resilient-mqtt-out.js'
import { EmbeddedBroker } from '../../tools/common/embedded-broker.js'
import { freePort } from '../../tools/common/ports.js'
import { Arrivals } from '../world/arrivals.js'
import { catcher, complete, helper, runtime } from '../world/flow-helper.js'

interface Caught {
  readonly payload: unknown
  readonly error: { readonly code: string; readonly message: string }
}

describe('resilient-mqtt-out with an expression at send time', () => {
  let arrived: Arrivals<string>
  let caught: Arrivals<Caught>
  let done: Arrivals<unknown>
  let server: EmbeddedBroker
  let userDir = ''

  before(async () => {
    server = await EmbeddedBroker.open(await freePort(), (topic, payload) => {
      arrived.add(`${topic}: ${payload}`)
    })
    helper.init(runtime)
  })

  beforeEach(() => {
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-on-send-'))
    helper.settings({ userDir })
  })

  afterEach(async () => {
    await helper.unload()
    rmSync(userDir, { recursive: true, force: true })
  })

  after(() => server.close())

  const formed: ReadonlyArray<readonly [string, string, unknown, string]> = [
    ['a number', 'payload + $sequence', 20, '21'],
    ['a truth value', '$not(payload)', false, 'true'],
    ['an object', '$merge([payload, {"n": $sequence}])', { a: 1 }, '{"a":1,"n":1}'],
    ['text', 'payload & topic', '0815', '0815t'],
    ['null', '{"was": payload = ""}', null, '{"was":true}'],
    ['its own data', 'resilience.historical = false or true', '', 'true'],
    ['its connection', '$sinceConnect', '', '1'],
  ]
  for (const [name, expression, payload, expected] of formed) {
    it(`forms the payload from ${name}`, async () => {
      await start(expression)
      send(payload)
      should(await arrived.nth(0)).equal(`t: ${expected}`)
    })
  }

  it('goes on counting each topic after a restart', async () => {
    await start('payload & $sequence')
    for (const topic of ['a', 'b', 'a']) send('n', topic)
    should(await arrived.first(3)).eql(['a: n1', 'b: n1', 'a: n2'])
    await helper.unload()
    await start('payload & $sequence')
    for (const topic of ['b', 'a']) send('n', topic)
    should(await arrived.first(2)).eql(['b: n2', 'a: n3'])
  })

  it('refuses a message at once for which it has no value, and takes the next', async () => {
    await start('payload.x * $sequence')
    send({ y: 1 })
    send({ x: 5 })
    should(await arrived.nth(0)).equal('t: 5')
    const { payload, error } = await caught.nth(0)
    should(payload).eql({ y: 1 })
    should(error.code).equal('EXPRESSION_FAILED')
  })

  it('tells a message that fails only when it goes out, and those behind it go on', async () => {
    // Only a message that is stored has an id.
    await start('resilience.id != "" and payload = "b" ? $error("no") : payload & $sequence')
    for (const text of ['a', 'b', 'c']) send(text)
    should(await arrived.first(2)).eql(['t: a1', 't: c2'])
    const { payload, error } = await caught.nth(0)
    should(payload).equal('b')
    should(error.code).equal('EXPRESSION_FAILED')
  })

  it('refuses everything when it is no expression, and loses nothing', async () => {
    await start('payload & $sequence')
    order({ command: 'pause' })
    await done.nth(0)
    send('kept')
    await done.nth(1)
    await helper.unload()
    await start('payload & (')
    send('x')
    should((await caught.nth(0)).error.code).equal('EXPRESSION_FAILED')
    await helper.unload()
    await start('payload & $sequence')
    order({ command: 'resume' })
    should(await arrived.nth(0)).equal('t: kept1')
  })

  async function start(onSend: string): Promise<void> {
    arrived = new Arrivals()
    caught = new Arrivals()
    done = new Arrivals()
    const common = { z: 'tab', x: 1, y: 1, wires: [] }
    const node = { ...common, id: 'out', type: 'resilient-mqtt-out', broker: 'b' }
    await helper.load(
      [broker, out, catcher, complete],
      [
        { id: 'tab', type: 'tab' },
        { id: 'b', type: 'resilient-mqtt-broker', servers: `mqtt://127.0.0.1:${server.port}` },
        { ...node, onSend, onSendType: 'jsonata' },
        { ...common, id: 'catch', type: 'catch', scope: null, wires: [['caught']] },
        { ...common, id: 'caught', type: 'helper' },
        { ...common, id: 'complete', type: 'complete', scope: ['out'], wires: [['done']] },
        { ...common, id: 'done', type: 'helper' },
      ],
    )
    helper.getNode('done').on('input', (msg) => done.add(msg))
    helper.getNode<Caught>('caught').on('input', (msg) => caught.add(msg))
  }

  function send(payload: unknown, topic = 't'): void {
    helper.getNode('out').receive({ topic, payload })
  }

  function order(resilience: object): void {
    helper.getNode('out').receive({ payload: 'an order', resilience })
  }
})
