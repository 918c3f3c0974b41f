/**
 * A persistent queue in a real Node-RED that is killed, stopped and deployed in mid drain: nothing
 * is lost, each lane keeps its order, only what was in flight comes twice, after a kill also what
 * had ended so shortly before that the disk does not know yet, and the balance is exact.
 * HOLDFAST_MESSAGES sets how many there are; with 1,000 or more every kind of accident happens.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../tools/common/user-dir.js'
import { waitingOnDisk } from '../world/queue-copy.js'
import { QueueJudge } from '../world/queue-judge.js'
import { feed, lanes, order, report, sceneFlow } from '../world/queue-scene.js'

const messages = Math.trunc(Number(process.env['HOLDFAST_MESSAGES'] ?? 300))
type Accident = 'kill' | 'term' | 'full' | 'flows' | 'nodes'
const accidents: readonly Accident[] =
  messages < 1000 ? ['kill', 'full'] : ['kill', 'full', 'term', 'flows', 'nodes', 'kill', 'term']

describe('a persistent queue, in a real Node-RED', function () {
  this.timeout(300_000)

  let directory: string
  let userDir: string
  let nodeRed: NodeRedProcess | undefined
  let judge: QueueJudge
  let heard: () => void

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-queue-'))
    userDir = join(directory, 'user')
    judge = new QueueJudge({ isStrict: false })
    heard = () => {}
  })

  afterEach(async () => {
    await nodeRed?.kill()
    nodeRed = undefined
    rmSync(directory, { recursive: true, force: true })
  })

  it(`loses none of ${messages} messages through ${accidents.join(', ')}`, async () => {
    prepareUserDir(userDir, { packages: [checkout], flows: flowOf(0) })
    let running = await start()
    await order(running, 'lives', { command: 'pause' })
    await feed(running, 'lives', messages)
    await until(() => judge.accepted.size === messages)
    await order(running, 'lives', { command: 'resume' })
    for (const [at, accident] of accidents.entries()) {
      const share = (messages * (at + 1)) / (accidents.length + 1)
      await until(() => judge.arrived.size >= share)
      running = await happens(accident, running, at + 1)
    }
    await until(() => judge.arrived.size === messages)
    should(judge.missing).equal(0)
    judge.complaints.should.eql([])
    judge.aside.should.eql([])
    const { balance, waiting } = await settled(running)
    should({ balance, waiting }).match({
      waiting: 0,
      balance: { accepted: messages, delivered: messages, dropped: {} },
    })
    process.stdout.write(`      ${judge.summary}\n`)
  })

  async function happens(accident: Accident, running: NodeRedProcess, version: number) {
    if (accident === 'kill') {
      await running.kill()
      judge.killed(await waitingOnDisk(join(userDir, 'resilience', 'lives-queue')))
      return start()
    }
    judge.stops()
    if (accident !== 'term') {
      await running.deploy(flowOf(version), accident)
      return running
    }
    await running.stop()
    return start()
  }

  async function start(): Promise<NodeRedProcess> {
    const onReport = (line: string) => {
      judge.hear(line.split(' '))
      heard()
    }
    nodeRed = await NodeRedProcess.start({ userDir, port: await freePort(), onReport })
    return nodeRed
  }

  /** The last outcome is known a turn after its report. */
  async function settled(running: NodeRedProcess) {
    for (;;) {
      const figures = await order(running, 'lives', { command: 'status' })
      if (figures.out === 0) return figures
    }
  }

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        heard = resolve
      })
    }
  }
})

/** Works for a moment on each message; a deploy of each type changes it. */
const flowOf = (version: number): Flow =>
  sceneFlow({
    key: 'lives',
    queue: { key: 'lane', keyType: 'msg', maxInFlight: String(lanes), name: `v${version >> 1}` },
    work: [
      {
        ...{ id: 'lives-work', type: 'function', outputs: 1, name: `v${version}` },
        func: `${report('lives')}await new Promise((done) => setTimeout(done, 2))\nreturn msg`,
      },
      { id: 'lives-end', type: 'function', outputs: 1, func: 'return msg' },
    ],
  })
