/**
 * The example flows at work in a real Node-RED, with the broker of `npm start` in this process:
 * their buttons are pressed, the broker is cut off and brought back, and what their comments
 * promise is looked for at the broker and in front of their debug nodes.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { EmbeddedBroker } from '../../tools/common/embedded-broker.js'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../tools/common/user-dir.js'
import { Arrivals } from '../world/arrivals.js'
import * as sparkplug from '../world/sparkplug.js'
import { wrongWith } from '../world/vda5050.js'

/** What arrived at the broker, in order. */
interface Heard {
  readonly topic: string
  readonly payload: string
}

interface Shown {
  /** Name of the debug node. */
  readonly at: string
  readonly msg: { readonly payload: never; readonly resilience: never; readonly topic?: string }
}

describe('the example', function () {
  this.timeout(60_000)

  let userDir: string
  let broker: EmbeddedBroker
  let heard = new Arrivals<Heard>()
  let nodeRed: NodeRedProcess
  let shown = new Arrivals<Shown>()
  let logged = new Arrivals<string>()

  before(async () => {
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-examples-'))
    broker = await EmbeddedBroker.open(await freePort(), (topic, payload) => {
      heard.add({ topic, payload: payload.toString() })
    })
    prepareUserDir(userDir, { packages: [checkout], flows: [] })
    nodeRed = await started()
  })

  beforeEach(async () => {
    shown = new Arrivals()
    logged = new Arrivals()
    heard = new Arrivals()
  })

  afterEach(async () => {
    await run([])
    await broker.bringBack()
  })

  after(async () => {
    await nodeRed?.stop()
    await broker?.close()
    if (userDir !== undefined) rmSync(userDir, { recursive: true, force: true })
  })

  it('node/resilient-mqtt-out tells what became of each message, and shows what waits', async () => {
    await deploy('node/resilient-mqtt-out')
    await connected()
    await press('mqtt-out-ten')
    const receipts = (await shown.first(10)).map(({ msg }) => msg.resilience as Receipt)
    for (const { delivery } of receipts) should(delivery).match({ delivered: true, attempts: 1 })
    await cut()
    await press('mqtt-out-ten')
    await press('mqtt-out-peek')
    const { msg } = await shown.nth(10)
    should(msg).match({ resilience: { answer: { command: 'peek', ok: true } } })
    await broker.bringBack()
    const late = (await shown.first(21)).slice(11).map((each) => each.msg.resilience as Receipt)
    for (const { delivery } of late) should(delivery).match({ delivered: true, historical: true })
    for (const { delivery } of late) delivery.storedMs.should.be.above(0)
    await press('mqtt-out-wrong')
    should((await shown.nth(21)).at).equal('refused')
  })

  it('01 misses messages that core mqtt out was given in an outage, and none of ours', async () => {
    await deploy('01 Survive a broker outage')
    await arrived('resilient', 50)
    await broker.cut()
    while ((await waiting()) < 200);
    await broker.bringBack()
    const missing = (node: string) => shown.all.findLast(({ msg }) => msg.topic === node)?.msg
    const isSettled = () => /^0 missing/.test(missing('resilient mqtt')?.payload ?? '')
    const isTold = () => /^[1-9][\d,]* missing/.test(missing('core mqtt out')?.payload ?? '')
    while (!isSettled() || !isTold()) await shown.nth(shown.all.length)
  })

  it('05 sends new values beside those of the outage, which are marked', async () => {
    await deploy('05 Live first after an outage')
    await connected()
    await press('live-every', 3)
    await distinct(3)
    await cut()
    await press('live-every', 60)
    await broker.bringBack()
    await connected(2)
    await press('live-every', 5)
    const values = await distinct(68)
    const [old, fresh] = [true, false].map((isOld) =>
      values.flatMap(({ at, historical }) => (historical === isOld ? [at] : [])),
    )
    should([old?.length, fresh?.length]).eql([60, 8])
    for (const times of [old, fresh]) should(times).eql(times?.toSorted((a, b) => a - b))
    values.findLastIndex(({ historical }) => !historical).should.be.below(67)
    while (shown.all.length < 68) await shown.nth(shown.all.length)
    const places = new Set(
      shown.all.map(({ at, msg }) => `${at}: ${Reflect.get(msg.payload, 'historical')}`),
    )
    places.should.eql(new Set(['now: false', 'from the outage: true']))
  })

  it('06 is a vehicle by VDA 5050, through an outage and a crash', async () => {
    const numbers = (name: string) => of(name).map(({ payload }) => JSON.parse(payload).headerId)
    const states = () => of('connection').map(({ payload }) => JSON.parse(payload).connectionState)
    await deploy('06 VDA 5050 vehicle')
    await connected()
    await press('vda-drive', 2)
    await press('vda-order', 2)
    await arrived('state', 2)
    await arrived('order', 2)
    await cut()
    await press('vda-drive', 3)
    await press('vda-order', 2)
    await press('vda-pause')
    await broker.bringBack()
    await arrived('state', 3)
    await arrived('instantActions', 1)
    should(numbers('state')).eql([1, 2, 3])
    should(JSON.parse(of('state').at(-1)?.payload ?? '').lastNodeId).equal('node-5')
    should(numbers('order')).eql([1, 2, 3, 4])
    should(numbers('instantActions')).eql([1])
    should(states()).eql(['ONLINE', 'CONNECTIONBROKEN', 'ONLINE'])
    // What is not known as confirmed yet would go again after the kill.
    while ((await waiting()) > 0);
    await nodeRed.kill()
    await arrived('connection', 4)
    const before = heard.all.length
    nodeRed = await started()
    await press('vda-drive')
    await arrived('state', 4)
    should(heard.all.slice(before).map(({ topic }) => topic.split('/').at(-1))).eql([
      'connection',
      'state',
    ])
    should(numbers('state')).eql([1, 2, 3, 4])
    await nodeRed.stop()
    await arrived('connection', 6)
    should(states().slice(3)).eql(['CONNECTIONBROKEN', 'ONLINE', 'OFFLINE'])
    for (const { topic, payload } of heard.all) wrongWith(topic, payload).should.eql([])
    nodeRed = await started()
    // Or the next example would take this connection for its own.
    await connected(4)
  })

  it('07 begins with NBIRTH and counts to 255 without a gap, old values marked', async () => {
    await deploy('07 Sparkplug style node')
    await connected()
    await press('spark-one', 2)
    await arrived('NDATA/Line1', 2)
    await cut()
    await press('spark-many')
    await broker.bringBack()
    await arrived('NBIRTH/Line1', 2)
    await press('spark-one')
    await arrived('NDATA/Line1', 303)
    const sessions = sessionsOf(heard.all)
    should(sessions.map(({ seqs }) => seqs.length)).eql([3, 302])
    for (const { seqs } of sessions) seqs.should.eql(seqs.map((_, n) => n % 256))
    should(sessions.map(({ old }) => old)).eql([0, 300])
    const [first, second] = sessions.map(({ bdSeq }) => bdSeq)
    should(first).be.below(Number(second))
    const [death] = of('NDEATH/Line1').map(({ payload }) => JSON.parse(payload).metrics[0].value)
    should(death).equal(first)
    const ours = heard.all.filter(({ topic }) => topic.startsWith('spBv1.0/'))
    for (const { topic, payload } of ours) sparkplug.wrongWith(topic, payload).should.eql([])
  })

  it('10 shows the same message from both nodes', async () => {
    await deploy('10 From core mqtt out to ours')
    await connected()
    // What core is given before it has a connection is gone.
    await told(/Connected to broker/, 1)
    await press('core-send')
    const both = await shown.first(2)
    both
      .map(({ msg }) => msg.topic)
      .sort()
      .should.eql(['moving/core', 'moving/ours'])
    const [one, other] = both.map(({ msg }) => msg.payload)
    should(one).eql(other)
    should(one).eql({ line: 1, state: 'running' })
  })

  async function started(): Promise<NodeRedProcess> {
    return NodeRedProcess.start({
      userDir,
      port: await freePort(),
      onReport: (line) => shown.add(JSON.parse(line)),
      onLog: (line) => logged.add(line),
    })
  }

  async function deploy(name: string): Promise<void> {
    await run(prepared(name, broker.port))
  }

  async function run(flow: Flow): Promise<void> {
    const started = logged.all.filter((line) => line.includes('Started flows')).length
    await nodeRed.deploy(flow)
    await told(/Started flows/, started + 1)
  }

  async function press(id: string, times = 1): Promise<void> {
    for (let n = 0; n < times; n++) await nodeRed.inject(id)
  }

  /** The nth time since the test began. */
  const connected = (nth = 1) => told(/Connected to 127/, nth)
  /** What came of one topic. */
  const of = (name: string) => heard.all.filter(({ topic }) => topic.endsWith(`/${name}`))

  const status = () => nodeRed.fetch('/resilience/status')
  const waiting = async () => JSON.parse(await (await status()).text()).queues.waiting

  async function arrived(name: string, count: number): Promise<void> {
    while (of(name).length < count) await heard.nth(heard.all.length)
  }

  /** Values in the order in which they first came: what was on the wire may come again. */
  async function distinct(count: number): Promise<Value[]> {
    const values = () => {
      const all = heard.all.map(({ payload }): Value => JSON.parse(payload))
      const ids = all.map(({ resilienceId }) => resilienceId)
      return all.filter(({ resilienceId }, at) => ids.indexOf(resilienceId) === at)
    }
    while (values().length < count) await heard.nth(heard.all.length)
    return values()
  }

  async function cut(): Promise<void> {
    await broker.cut()
    await told(/Connection to .* lost/, 1)
  }

  async function told(what: RegExp, nth: number): Promise<void> {
    const lines = () => logged.all.filter((line) => what.test(line))
    while (lines().length < nth) await logged.nth(logged.all.length)
  }
})

interface Value {
  readonly at: number
  readonly historical: boolean
  readonly resilienceId: string
}

interface Receipt {
  readonly delivery: { readonly storedMs: number }
}

/**
 * With this broker's port, reports in place of debug nodes, nothing that repeats by itself but the
 * comparison of 01, and ids in the payloads of one.
 */
function prepared(name: string, port: number): Flow {
  const text = readFileSync(join(checkout, 'examples', `${name}.json`), 'utf8')
  const flow: Flow = JSON.parse(text.replaceAll(/(?<=127\.0\.0\.1:|"port": ")1883/g, `${port}`))
  return flow.map((node) => {
    const isClock = name.startsWith('01 ')
    if (node.type === 'inject' && !isClock) return { ...node, repeat: '' }
    if (node.id === 'live-out') return { ...node, messageId: 'payload' }
    if (node.type !== 'debug') return node
    const at = JSON.stringify(node['name'])
    const func = `global.get('report')(JSON.stringify({ at: ${at}, msg }))`
    return { ...node, type: 'function', func, outputs: 0, libs: [], initialize: '', finalize: '' }
  })
}

/** What came from one NBIRTH to the next. */
function sessionsOf(all: readonly Heard[]) {
  const sessions: { bdSeq: number; seqs: number[]; old: number }[] = []
  for (const { topic, payload } of all.filter((each) => /N(BIRTH|DATA)/.test(each.topic))) {
    const { seq, metrics } = JSON.parse(payload)
    if (topic.includes('NBIRTH')) sessions.push({ bdSeq: metrics[0].value, seqs: [], old: 0 })
    const session = sessions.at(-1)
    session?.seqs.push(seq)
    if (session !== undefined && metrics[0].is_historical) session.old++
  }
  return sessions
}
