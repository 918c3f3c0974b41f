/**
 * Backup and restore as the README tells it, with real Node-REDs: a copied user directory sends
 * what waited in it, an old one sends it again under the same ids, and a copy whose lock tells of a
 * living process is not touched. It moves files on one computer; another one is imitated nowhere.
 */

import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { EmbeddedBroker } from '../../tools/common/embedded-broker.js'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../tools/common/user-dir.js'
import { Arrivals } from '../world/arrivals.js'

describe('a copy of the user directory', function () {
  this.timeout(60_000)

  let directory: string
  let broker: EmbeddedBroker
  let heard = new Arrivals<Heard>()
  const running: NodeRedProcess[] = []

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-backup-'))
    broker = await EmbeddedBroker.open(await freePort(), (_, payload) => {
      heard.add(JSON.parse(payload.toString()))
    })
    prepareUserDir(userDir('used'), { packages: [checkout], flows: flows(broker.port) })
  })

  beforeEach(async () => {
    await broker.cut()
    heard = new Arrivals()
  })

  afterEach(async () => {
    for (const nodeRed of running.splice(0)) await nodeRed.kill()
  })

  after(async () => {
    await broker?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it('sends what waited, and an older one sends it again under the same ids', async () => {
    await (await withTenWaiting()).stop()
    for (const name of ['restored', 'old']) copy('used', name)
    existsSync(join(userDir('restored'), dataOf('LOCK'))).should.be.false()
    await broker.bringBack()
    const restored = await started('restored')
    await heard.first(10)
    // On one machine both have the same client id.
    await restored.stop()
    await started('old')
    const ids = (await heard.first(20)).map(({ resilienceId }) => resilienceId)
    should(ids.slice(10)).eql(ids.slice(0, 10))
    new Set(ids).size.should.equal(10)
  })

  it('that was made after a crash is taken over at once, lock and all', async () => {
    await (await withTenWaiting()).kill()
    copy('used', 'after-crash')
    existsSync(join(userDir('after-crash'), dataOf('LOCK'))).should.be.true()
    await broker.bringBack()
    await started('after-crash')
    await heard.first(10)
  })

  it('that was made of a running one is left alone as long as that runs', async () => {
    await withTenWaiting()
    copy('used', 'of-running')
    const logged = new Arrivals<string>()
    await started('of-running', (line) => logged.add(line))
    const isTold = (line: string) => /Process \d+ on .* already uses/.test(line)
    while (!logged.all.some(isTold)) await logged.nth(logged.all.length)
  })

  const userDir = (name: string) => join(directory, name)
  const copy = (from: string, to: string) =>
    cpSync(userDir(from), userDir(to), { recursive: true, verbatimSymlinks: true })

  async function started(name: string, onLog: (line: string) => void = () => {}) {
    const nodeRed = await NodeRedProcess.start({
      ...{ userDir: userDir(name), port: await freePort(), onLog },
      onReport: () => accepted.add(undefined),
    })
    running.push(nodeRed)
    return nodeRed
  }

  let accepted = new Arrivals<undefined>()

  /** The broker is away, and ten more messages are safe on disk. */
  async function withTenWaiting(): Promise<NodeRedProcess> {
    accepted = new Arrivals()
    const nodeRed = await started('used')
    await nodeRed.inject('ten')
    await accepted.first(10)
    return nodeRed
  }
})

interface Heard {
  readonly resilienceId: string
}

const dataOf = (file: string) => join('resilience', 'out', file)

function flows(port: number): Flow {
  const place = { z: 'tab', x: 100, y: 100 }
  const ten = 'for (let n = 1; n <= 10; n++) node.send({ payload: { n } })'
  const report = "global.get('report')('accepted')"
  return [
    { id: 'tab', type: 'tab', label: 'Backup' },
    { id: 'broker', type: 'resilient-mqtt-broker', servers: `mqtt://127.0.0.1:${port}` },
    { id: 'ten', type: 'inject', ...place, wires: [['send']], props: [], repeat: '', once: false },
    { id: 'send', type: 'function', ...place, wires: [['out']], func: ten, outputs: 1, libs: [] },
    {
      ...{ id: 'out', type: 'resilient-mqtt-out', ...place, wires: [] },
      ...{ broker: 'broker', topic: 'backup', messageId: 'payload' },
    },
    { id: 'complete', type: 'complete', ...place, wires: [['told']], scope: ['out'] },
    { id: 'told', type: 'function', ...place, wires: [], func: report, outputs: 0, libs: [] },
  ]
}
