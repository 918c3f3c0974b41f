/**
 * Real Node-RED processes on ground that gives way: damaged and foreign files in the data
 * directory, a directory that another process holds, one that cannot be written. Node-RED must run
 * on, nothing readable may be lost, and whoever sends must be told.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import 'should'
import { EmbeddedBroker } from '../../tools/common/embedded-broker.js'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../tools/common/user-dir.js'

interface Answer {
  readonly status: number
  readonly text: string
}

describe('in a real Node-RED', function () {
  this.timeout(120_000)

  let directory: string
  let broker: EmbeddedBroker
  let arrived: string[]
  let awaited: (() => void) | undefined
  let running: NodeRedProcess[]

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-ground-'))
    arrived = []
    running = []
    broker = await EmbeddedBroker.open(await freePort(), (_topic, payload) => {
      arrived.push(payload.toString())
      awaited?.()
    })
  })

  afterEach(async () => {
    await Promise.all(running.map((nodeRed) => nodeRed.kill()))
    await broker.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it('damaged and foreign files are set aside, and everything readable is delivered', async () => {
    await broker.cut()
    const first = await start('a')
    const sent = Array.from({ length: 20 }, (_, i) => `message ${i} ${'.'.repeat(100)}`)
    for (const payload of sent) (await post(first, payload)).status.should.equal(200)
    await first.kill()

    const data = join(directory, 'a', 'resilience', 'out')
    const [name = ''] = readdirSync(data).filter((file) => file.endsWith('.seg'))
    const bytes = readFileSync(join(data, name))
    bytes[bytes.indexOf('message 7 ')] = 0x4d
    writeFileSync(join(data, name), bytes)
    writeFileSync(join(data, 'holiday.seg'), 'no segment at all')
    writeFileSync(join(data, '0000000000009999-deadbeef.seg'), 'nor is this')

    await broker.bringBack()
    const second = await start('a')
    await until(() => arrived.length === 19)
    arrived.should.eql(sent.filter((_, i) => i !== 7))
    readdirSync(data)
      .filter((file) => file.endsWith('.bad'))
      .sort()
      .should.eql([`${name}.bad`, '0000000000009999-deadbeef.seg.bad', 'holiday.seg.bad'])
    second.log.join('\n').should.match(/1 messages? .*cannot be read/)
    ;(await post(second, 'after')).status.should.equal(200)
  })

  it('a second process on the same directory is refused, and the first goes on', async () => {
    const shared = join(directory, 'shared')
    const first = await start('a', shared)
    const second = await start('b', shared)
    const refused = await post(second, 'from the second')
    refused.status.should.equal(500)
    refused.text.should.match(/^STORE_BUSY Process \d+ on \S+ already uses/)
    ;(await post(first, 'from the first')).status.should.equal(200)
    await until(() => arrived.length === 1)
    arrived.should.eql(['from the first'])
    second.isRunning.should.equal(true)
  })

  it('a directory that cannot be written refuses input, and Node-RED runs on', async () => {
    const file = join(directory, 'a-file')
    writeFileSync(file, '')
    const nodeRed = await start('a', file)
    const refused = await post(nodeRed, 'nowhere to go')
    refused.status.should.equal(500)
    refused.text.should.match(/^DISK_UNWRITABLE Cannot write to /)
    nodeRed.isRunning.should.equal(true)
    ;(await nodeRed.fetch('/settings')).status.should.equal(200)
  })

  async function start(name: string, dir?: string): Promise<NodeRedProcess> {
    const userDir = join(directory, name)
    prepareUserDir(userDir, { packages: [checkout], flows: flow(broker.port) })
    const environment = dir === undefined ? {} : { RESILIENCE_DIR: dir }
    const nodeRed = await NodeRedProcess.start({ userDir, port: await freePort(), environment })
    running.push(nodeRed)
    return nodeRed
  }

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        awaited = resolve
      })
    }
  }
})

/** Answered when the node has accepted the message, or refused it. */
async function post(nodeRed: NodeRedProcess, payload: string): Promise<Answer> {
  const answer = await nodeRed.fetch('/send', { method: 'POST', body: payload })
  return { status: answer.status, text: await answer.text() }
}

function flow(brokerPort: number): Flow {
  const on = (id: string, type: string, more: object) => ({
    id,
    type,
    z: 'tab',
    x: 100,
    y: 100,
    ...more,
  })
  const refused = `msg.statusCode = 500
msg.payload = msg.error.code + ' ' + msg.error.message.replace(/^Error: /, '')
return msg
`
  return [
    { id: 'tab', type: 'tab', label: 'ground' },
    { id: 'broker', type: 'resilient-mqtt-broker', servers: `mqtt://127.0.0.1:${brokerPort}` },
    on('in', 'http in', { url: '/send', method: 'post', wires: [['text']] }),
    on('text', 'function', {
      func: 'msg.payload = String(msg.payload)\nreturn msg',
      outputs: 1,
      wires: [['out']],
    }),
    on('out', 'resilient-mqtt-out', {
      broker: 'broker',
      topic: 'ground',
      freeDisk: '1MB',
      wires: [],
    }),
    on('done', 'complete', { scope: ['out'], wires: [['answer']] }),
    on('catch', 'catch', { scope: ['out'], wires: [['refused']] }),
    on('refused', 'function', { func: refused, outputs: 1, wires: [['answer']] }),
    on('answer', 'http response', { wires: [] }),
  ]
}
