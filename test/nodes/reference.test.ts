/**
 * The reference of `msg.resilience` in REFERENCE.md, compared with what `resilient-mqtt-out` writes:
 * the same fields with values of the same kind, no more and no fewer.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import broker from '../../nodes/resilient-mqtt-broker/resilient-mqtt-broker.js'
import out from '../../nodes/resilient-mqtt-out/resilient-mqtt-out.js'
import { EmbeddedBroker } from '../../tools/common/embedded-broker.js'
import { freePort } from '../../tools/common/ports.js'
import { textOf } from '../house/sources.js'
import { Arrivals } from '../world/arrivals.js'
import { helper, runtime } from '../world/flow-helper.js'
import { isLike, written } from '../world/reference-json.js'

interface Told {
  readonly resilience: Readonly<Record<string, unknown>>
}

describe('the reference of msg.resilience', () => {
  const told = new Arrivals<Told>()
  let server: EmbeddedBroker
  let userDir = ''

  before(async () => {
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-reference-'))
    server = await EmbeddedBroker.open(await freePort())
    helper.init(runtime)
    helper.settings({ userDir })
    const common = { z: 'tab', x: 1, y: 1 }
    const onSend = 'payload = "bad" and resilience.id != "" ? $error("no") : payload'
    const node = { type: 'resilient-mqtt-out', broker: 'b', onSend, onSendType: 'jsonata' }
    await helper.load(
      [broker, out],
      [
        { id: 'tab', type: 'tab' },
        { id: 'b', type: 'resilient-mqtt-broker', servers: `mqtt://127.0.0.1:${server.port}` },
        { ...common, id: 'a1b2', ...node, receipts: 'all', outputs: 1, wires: [['told']] },
        { ...common, id: 'told', type: 'helper', wires: [] },
      ],
    )
    helper.getNode<Told>('told').on('input', (msg) => told.add(msg))
  })

  after(async () => {
    await helper.unload()
    await server.close()
    rmSync(userDir, { recursive: true, force: true })
  })

  it('has the receipt of a message that was delivered', async () => {
    isLike(await answerTo({ payload: 'good' }), written('Delivered'))
  })

  it('has the receipt of one that failed', async () => {
    isLike(await answerTo({ payload: 'bad' }), written('Failed'))
  })

  it('has the answers to commands', async () => {
    await answerTo(order({ command: 'pause' }))
    helper.getNode('a1b2').receive({ topic: 'line/1', payload: 'waits' })
    let peeked = await answerTo(order({ command: 'peek' }))
    while (answerIn(peeked).result.length === 0) peeked = await answerTo(order({ command: 'peek' }))
    isLike(answerIn(peeked), written('The answer to `peek`'))
    const status = await answerTo(order({ command: 'status' }))
    isLike(answerIn(status), written('The answer to `status`'))
  })

  it('has the receipt of one that was dropped before it was sent', async () => {
    const at = told.all.length
    await answerTo(order({ command: 'drop', count: 1 }))
    const [one, other] = (await told.first(at + 2)).slice(at)
    const dropped = [one, other].find((msg) => 'delivery' in (msg?.resilience ?? {}))
    isLike(dropped, written('Dropped before it was sent'))
  })

  it('lists every command that the node knows', async () => {
    const text = textOf('REFERENCE.md')
    for (const command of ['status', 'pause', 'resume', 'flush', 'peek', 'drop', 'purge']) {
      const known = await answerTo(order({ command, count: 1, confirm: true }))
      should(answerIn(known).command).equal(command)
      text.should.match(new RegExp(`^\\|[^|]*\`${command}\``, 'm'))
    }
  })

  const order = (resilience: object) => ({ payload: 'an order', resilience })

  async function answerTo(msg: object): Promise<Told> {
    const at = told.all.length
    helper.getNode('a1b2').receive({ topic: 'line/1', ...msg })
    return told.nth(at)
  }
})

interface Answer {
  readonly command: string
  readonly result: unknown[]
}

const answerIn = ({ resilience }: Told): Answer => resilience['answer'] as Answer
