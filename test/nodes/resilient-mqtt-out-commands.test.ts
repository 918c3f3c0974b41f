/**
 * `resilient-mqtt-out` under command, in Node-RED's own test helper with a broker in this process:
 * receipts and answers on its output, pause over a restart, looking, dropping, emptying.
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
import { catcher, helper, runtime } from '../world/flow-helper.js'

interface Told {
  readonly topic?: string
  readonly payload: unknown
  readonly error?: { readonly code: string }
  readonly resilience: {
    readonly answer?: { readonly command: string; readonly result: unknown }
    readonly delivery?: Readonly<Record<string, unknown>>
    readonly reason?: string
  }
}

describe('resilient-mqtt-out under command', () => {
  let arrived: Arrivals<string>
  let told: Arrivals<Told>
  let caught: Arrivals<Told>
  let server: EmbeddedBroker
  let userDir = ''

  before(async () => {
    server = await EmbeddedBroker.open(await freePort(), (topic, payload) => {
      arrived.add(`${topic}: ${payload}`)
    })
    helper.init(runtime)
  })

  beforeEach(async () => {
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-commands-'))
    helper.settings({ userDir })
    await start()
  })

  afterEach(async () => {
    await helper.unload()
    rmSync(userDir, { recursive: true, force: true })
  })

  after(() => server.close())

  it('tells what became of each message, on its output', async () => {
    send({ topic: 'line/1', payload: 'a', other: 'not kept' })
    const receipt = await told.nth(0)
    should(receipt).containEql({ topic: 'line/1', payload: 'a' })
    should(receipt).not.have.property('other')
    const { delivery } = receipt.resilience
    should(delivery).match({ delivered: true, attempts: 1, topic: 'line/1' })
    should(delivery?.['historical']).be.a.Boolean()
    should(delivery?.['latencyMs']).be.a.Number()
    should(delivery?.['storedMs']).be.a.Number()
    should(delivery?.['id']).match(/^out-[0-9a-f]{8}-\d+$/)
  })

  it('stays paused over a restart, keeps what comes, and goes on when it is told', async () => {
    ;(await ordered({ command: 'pause' })).should.eql({ paused: true })
    send({ topic: 't', payload: 'kept' })
    while (((await ordered({ command: 'peek' })) as unknown[]).length < 1);
    await helper.unload()
    await start()
    const status = await ordered({ command: 'status' })
    should(status).match({ paused: true, waiting: 1, inFlight: 0, full: false })
    should(status).match({ balance: { accepted: 1, delivered: 0, waiting: 1 } })
    arrived.all.should.eql([])
    ;(await ordered({ command: 'resume' })).should.eql({ paused: false })
    should(await arrived.nth(0)).equal('t: kept')
  })

  it('shows what waits without letting it go, and drops what a person means', async () => {
    await ordered({ command: 'pause' })
    for (const [topic, payload] of ['aA', 'bB', 'aC', 'cD'].map((text) => text.split(''))) {
      send({ topic, payload })
    }
    const waiting = async () => {
      const shown = await ordered({ command: 'peek', count: 100 })
      return (shown as { payload: string }[]).map(({ payload }) => payload)
    }
    while ((await waiting()).length < 4);
    ;(await ordered({ command: 'peek', count: 1 })).should.match([{ topic: 'a', payload: 'A' }])
    ;(await ordered({ command: 'drop', key: 'a' })).should.eql({ dropped: 2 })
    ;(await waiting()).should.eql(['B', 'D'])
    ;(await ordered({ command: 'drop', count: 1 })).should.eql({ dropped: 1 })
    ;(await waiting()).should.eql(['D'])
    const dropped = told.all.filter(({ resilience }) => resilience.delivery !== undefined)
    dropped.map(({ payload }) => payload).should.eql(['A', 'C', 'B'])
    for (const { resilience } of dropped) should(resilience.reason).equal('operator')
    ;(await ordered({ command: 'purge', confirm: true })).should.eql({ dropped: 1 })
    ;(await waiting()).should.eql([])
    const status = await ordered({ command: 'status' })
    should(status).match({ balance: { accepted: 4, waiting: 0, dropped: { operator: 4 } } })
  })

  const wrong: ReadonlyArray<readonly [string, object, string]> = [
    ['that it does not know', { command: 'open' }, 'COMMAND_UNKNOWN'],
    ['that is no text', { command: {} }, 'COMMAND_UNKNOWN'],
    ['of every object', { command: 'toString' }, 'COMMAND_UNKNOWN'],
    ['to empty it without confirmation', { command: 'purge' }, 'COMMAND_INVALID'],
    ['to show too many', { command: 'peek', count: 101 }, 'COMMAND_INVALID'],
    ['to show none', { command: 'peek', count: 0 }, 'COMMAND_INVALID'],
    ['to drop without saying what', { command: 'drop' }, 'COMMAND_INVALID'],
    ['to drop a key that is no text', { command: 'drop', key: 5 }, 'COMMAND_INVALID'],
  ]
  for (const [name, order, code] of wrong) {
    it(`refuses a command ${name}, and stores nothing`, async () => {
      send({ topic: 't', payload: 'an order', resilience: order })
      should((await caught.nth(0)).error?.code).equal(code)
      should(await ordered({ command: 'status' })).match({ balance: { accepted: 0 } })
      arrived.all.should.eql([])
    })
  }

  async function start(): Promise<void> {
    arrived = new Arrivals()
    told = new Arrivals()
    caught = new Arrivals()
    const common = { z: 'tab', x: 1, y: 1, wires: [] }
    const node = { ...common, id: 'out', type: 'resilient-mqtt-out', broker: 'b' }
    await helper.load(
      [broker, out, catcher],
      [
        { id: 'tab', type: 'tab' },
        { id: 'b', type: 'resilient-mqtt-broker', servers: `mqtt://127.0.0.1:${server.port}` },
        { ...node, receipts: 'all', outputs: 1, wires: [['told']] },
        { ...common, id: 'told', type: 'helper' },
        { ...common, id: 'catch', type: 'catch', scope: null, wires: [['caught']] },
        { ...common, id: 'caught', type: 'helper' },
      ],
    )
    helper.getNode<Told>('told').on('input', (msg) => told.add(msg))
    helper.getNode<Told>('caught').on('input', (msg) => caught.add(msg))
  }

  function send(msg: object): void {
    helper.getNode('out').receive(msg)
  }

  /** The result of a command. */
  async function ordered(order: object): Promise<object> {
    const isAnswer = ({ resilience }: Told) => resilience.answer !== undefined
    const before = told.all.filter(isAnswer).length
    send({ payload: 'an order', resilience: order })
    for (let n = told.all.length; ; n++) {
      const next = await told.nth(n)
      if (!isAnswer(next) || told.all.filter(isAnswer).length <= before) continue
      return next.resilience.answer?.result as object
    }
  }
})
