/**
 * What `resilient-mqtt-out` gives up, on its way to a dead letter node: refused for good, or dropped
 * by a person. No Catch node hears of it, and whoever waits for the broker learns that it is safe.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import dlq from '../../nodes/dlq/dlq.js'
import broker from '../../nodes/resilient-mqtt-broker/resilient-mqtt-broker.js'
import out from '../../nodes/resilient-mqtt-out/resilient-mqtt-out.js'
import { EmbeddedBroker } from '../../tools/common/embedded-broker.js'
import { freePort } from '../../tools/common/ports.js'
import { Arrivals } from '../world/arrivals.js'
import { catcher, complete, helper, runtime } from '../world/flow-helper.js'

interface Told {
  readonly payload: never
  readonly resilience: { readonly answer: { readonly result: readonly Letter[] } }
}

interface Letter {
  readonly id: string
  readonly reason: string
  readonly failure: { readonly code: string; readonly node: { readonly id: string } | null }
  readonly msg: object
}

describe('a message that mqtt out gives up', () => {
  const told = new Arrivals<Told>()
  const caught = new Arrivals<object>()
  const completed = new Arrivals<object>()
  let server: EmbeddedBroker
  let userDir = ''

  before(async () => {
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-letters-mqtt-'))
    server = await EmbeddedBroker.open(await freePort())
    helper.init(runtime)
    helper.settings({ userDir })
    const common = { z: 'tab', x: 1, y: 1, wires: [] }
    // Tried when it comes in, without an id; fails only when it is sent.
    const onSend = 'payload = "bad" and resilience.id != "" ? $error("no") : payload'
    const publishes = { type: 'resilient-mqtt-out', broker: 'b', onSend, onSendType: 'jsonata' }
    const offline = { type: 'resilient-mqtt-out', broker: 'nowhere', deadLetter: 'letters' }
    await helper.load(
      [broker, out, dlq, catcher, complete],
      [
        { id: 'tab', type: 'tab' },
        { id: 'b', type: 'resilient-mqtt-broker', servers: `mqtt://127.0.0.1:${server.port}` },
        { id: 'nowhere', type: 'resilient-mqtt-broker', servers: 'mqtt://127.0.0.1:1' },
        { ...common, id: 'stored', ...publishes, deadLetter: 'letters' },
        { ...common, id: 'sent', ...publishes, deadLetter: 'letters', doneWhen: 'delivered' },
        { ...common, id: 'offline', ...offline },
        {
          ...{ ...common, id: 'letters', type: 'dlq', redriveSchedule: 'off' },
          wires: [[], ['told']],
        },
        { ...common, id: 'told', type: 'helper' },
        { ...common, id: 'catch', type: 'catch', scope: null, wires: [['caught']] },
        { ...common, id: 'caught', type: 'helper' },
        {
          ...common,
          id: 'complete',
          type: 'complete',
          scope: ['sent', 'offline'],
          wires: [['completed']],
        },
        { ...common, id: 'completed', type: 'helper' },
      ],
    )
    helper.getNode<Told>('told').on('input', (msg) => told.add(msg))
    helper.getNode<object>('caught').on('input', (msg) => caught.add(msg))
    helper.getNode<object>('completed').on('input', (msg) => completed.add(msg))
  })

  after(async () => {
    await helper.unload()
    await server.close()
    rmSync(userDir, { recursive: true, force: true })
  })

  it('because it can never be sent becomes a letter that can go back there', async () => {
    helper.getNode('stored').receive({ topic: 'line/1', payload: 'bad' })
    const [letter] = await letters(1)
    should(letter).match({ reason: 'refused', msg: { topic: 'line/1', payload: 'bad', qos: 1 } })
    should(letter?.failure).match({ code: 'EXPRESSION_FAILED', node: { id: 'stored' } })
    should(letter?.id).match(/^stored-/)
  })

  it('is done for its sender, who waited for the broker, without an error', async () => {
    helper.getNode('sent').receive({ topic: 'line/2', payload: 'bad' })
    await letters(2)
    await completed.first(1)
    caught.all.should.eql([])
  })

  it('because a person drops it becomes a letter too', async () => {
    const offline = helper.getNode('offline')
    offline.receive({ topic: 'line/3', payload: 1 })
    offline.receive({ topic: 'line/3', payload: 2 })
    await completed.first(3)
    offline.receive({ resilience: { command: 'drop', count: 2 } })
    const found = await letters(4)
    found
      .filter(({ reason }) => reason === 'operator')
      .map(({ msg }) => Reflect.get(msg, 'payload'))
      .should.eql(['2', '1'])
  })

  /** As soon as there are so many. */
  async function letters(count: number): Promise<readonly Letter[]> {
    for (;;) {
      const at = told.all.length
      helper.getNode('letters').receive({ resilience: { command: 'peek' } })
      const { result } = (await told.nth(at)).resilience.answer
      if (result.length >= count) return result
    }
  }
})
