/**
 * The drill's own honesty: the count, the broker that counts, and the answers to a mistyped
 * command line. The accidents themselves are run by `npm run drill`, not here.
 */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import should from 'should'
import { EmbeddedBroker } from '../../tools/common/embedded-broker.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout } from '../../tools/common/user-dir.js'
import { type Count, count, sum } from '../../tools/drill/counting.js'
import { drillFlow, numberOf } from '../../tools/drill/flow.js'
import { parseOptions, scenarioNames } from '../../tools/drill/options.js'
import { table } from '../../tools/drill/table.js'

describe('the count of a drill', () => {
  const rows: readonly [title: string, sent: number[], arrivals: number[], Count][] = [
    ['nothing sent, nothing arrived', [], [], figures(0, 0, 0, 0, 0)],
    ['all in order', [1, 2, 3], [1, 2, 3], figures(3, 3, 0, 0, 0)],
    ['two never arrive', [1, 2, 3], [2], figures(3, 1, 2, 0, 0)],
    ['a repeat counts once as arrived', [1, 2], [1, 1, 2, 1], figures(2, 2, 0, 2, 0)],
    [
      'a replayed window is not a change of order',
      [1, 2, 3],
      [1, 2, 1, 2, 3],
      figures(3, 3, 0, 2, 0),
    ],
    ['one overtakes two', [1, 2, 3], [3, 1, 2], figures(3, 3, 0, 0, 2)],
    ['a late first arrival is out of order', [1, 2, 3], [1, 3, 2], figures(3, 3, 0, 0, 1)],
    ['not accepted but arrived: neither arrived nor lost', [1], [1, 2], figures(1, 1, 0, 0, 0)],
    ['not accepted and arrived twice: a duplicate', [1], [1, 2, 2], figures(1, 1, 0, 1, 0)],
    ['not accepted and late: out of order', [3], [3, 2], figures(1, 1, 0, 0, 1)],
  ]
  for (const [title, sent, arrivals, expected] of rows) {
    it(title, () => {
      count(new Set(sent), arrivals).should.eql(expected)
    })
  }

  it('adds up over scenarios', () => {
    const pair = { core: figures(5, 3, 2, 1, 0), resilient: figures(5, 5, 0, 4, 0) }
    sum([pair, pair]).should.eql({
      core: figures(10, 6, 4, 2, 0),
      resilient: figures(10, 10, 0, 8, 0),
    })
  })

  it('is shown with a row for each node', () => {
    const pair = { core: figures(10_000, 2500, 7500, 0, 0), resilient: figures(1, 1, 0, 0, 0) }
    const lines = table([['kill', pair]]).split('\n')
    lines.length.should.equal(3)
    lines[1]?.replace(/\s+/g, ' ').should.equal('kill core mqtt out 10,000 2,500 7,500 0 0')
  })
})

describe('the embedded broker', () => {
  let broker: EmbeddedBroker
  let arrivals: [topic: string, payload: string][]
  let client: MqttClient

  beforeEach(async () => {
    arrivals = []
    broker = await EmbeddedBroker.open(await freePort(), (topic, payload) =>
      arrivals.push([topic, payload.toString()]),
    )
    client = await connect(broker)
  })

  afterEach(async () => {
    await client.endAsync(true)
    await broker.close()
  })

  it('counts every publish in order, repeats included', async () => {
    for (const payload of ['1', '2', '2', '3']) await client.publishAsync('a', payload, { qos: 1 })
    await client.publishAsync('b', '9', { qos: 1 })
    arrivals.map(([topic, payload]) => topic + payload).should.eql(['a1', 'a2', 'a2', 'a3', 'b9'])
  })

  it('knows how many clients are connected', async () => {
    broker.clients.should.equal(1)
    const second = await connect(broker)
    broker.clients.should.equal(2)
    await second.endAsync(true)
  })

  describe('when cut', () => {
    it('breaks connections, refuses new ones, and comes back on the same port', async () => {
      const closed = closeOf(client)
      await broker.cut()
      await closed
      broker.isAway.should.be.true()
      await connect(broker).should.be.rejectedWith({ code: 'ECONNREFUSED' })
      await broker.bringBack()
      client = await connect(broker)
      await client.publishAsync('a', '1', { qos: 1 })
      arrivals.should.eql([['a', '1']])
    })
  })

  describe('when silent', () => {
    it('takes nothing and confirms nothing until it is cut', async () => {
      broker.fallSilent()
      const closed = closeOf(client)
      client.publish('a', '1', { qos: 1 })
      broker.isAway.should.be.false()
      await broker.cut()
      await closed
      arrivals.should.eql([])
    })

    it('speaks again after cut and return', async () => {
      broker.fallSilent()
      await broker.cut()
      await broker.bringBack()
      client = await connect(broker)
      await client.publishAsync('a', '1', { qos: 1 })
      arrivals.length.should.equal(1)
    })
  })
})

describe('the flow of the drill', () => {
  const flow = drillFlow(1883)

  it('is wired to nodes that exist and has a position for each', () => {
    const ids = new Set(flow.map((node) => node.id))
    for (const node of flow.filter((each) => each['wires'] !== undefined)) {
      ;[node['wires']]
        .flat(3)
        .every((id) => ids.has(String(id)))
        .should.be.true()
      Number.isFinite(node['x']).should.be.true()
    }
  })

  it('sends numbered payloads of 200 bytes', () => {
    const payload = Buffer.from('17'.padStart(10, '0').padEnd(200, ' .'))
    payload.length.should.equal(200)
    numberOf(payload).should.equal(17)
  })
})

describe('the command line of the drill', () => {
  it('runs all scenarios without arguments', () => {
    parseOptions([]).should.eql({
      is: 'options',
      options: {
        scenarios: [...scenarioNames],
        single: false,
        messages: 10_000,
        messagesPerSecond: 2000,
      },
    })
  })

  it('runs one scenario when asked', () => {
    const parsed = parseOptions(['--scenario', 'hang', '--messages', '500', '--rate', '100'])
    parsed.should.eql({
      is: 'options',
      options: { scenarios: ['hang'], single: true, messages: 500, messagesPerSecond: 100 },
    })
  })

  const mistakes: readonly [args: string[], why: RegExp][] = [
    [['--scenario', 'flood'], /--scenario flood is not known; use outage, kill/],
    [['--messages', '99'], /--messages 99 is not a whole number from 100 to 100000/],
    [['--messages', '1e3'], /--messages 1e3 is not a whole number/],
    [['--rate', '-5'], /--rate/],
    [['--rate', '0'], /--rate 0 is not a whole number from 10 to 20000/],
    [['--colour'], /--colour/],
    [['outage'], /outage/],
  ]
  for (const [args, why] of mistakes) {
    it(`tells what is wrong with ${args.join(' ')}`, () => {
      const parsed = parseOptions(args)
      parsed.is.should.equal('wrong')
      if (parsed.is === 'wrong') parsed.why.should.match(why)
    })
  }

  it('ends with code 2 and one line on standard error', () => {
    const drill = join(checkout, 'dist', 'tools', 'drill', 'drill.js')
    const { status, stdout, stderr } = spawnSync(process.execPath, [drill, '--rate', 'fast'], {
      encoding: 'utf8',
    })
    should(status).equal(2)
    stdout.should.equal('')
    stderr.should.equal('drill: --rate fast is not a whole number from 10 to 20000\n')
  })
})

function figures(
  sent: number,
  arrived: number,
  lost: number,
  duplicates: number,
  reordered: number,
): Count {
  return { sent, arrived, lost, duplicates, reordered }
}

function connect(broker: EmbeddedBroker): Promise<MqttClient> {
  return connectAsync(
    `mqtt://127.0.0.1:${broker.port}`,
    { reconnectPeriod: 0, protocolVersion: 4 },
    false,
  )
}

function closeOf(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once('close', () => resolve()))
}
