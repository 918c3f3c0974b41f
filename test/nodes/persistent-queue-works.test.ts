/**
 * A persistent queue in a real Node-RED before work of many kinds, through a kill and a full deploy
 * in mid drain: nothing is lost, order is kept, the balance is exact. Begun by HOLDFAST_MESSAGES of
 * 1,000 or more; 200 messages each.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { EmbeddedBroker } from '../../tools/common/embedded-broker.js'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../tools/common/user-dir.js'
import { writeProbePackage } from '../world/outcome-scene.js'
import { waitingOnDisk } from '../world/queue-copy.js'
import { QueueJudge } from '../world/queue-judge.js'
import { feed, order, sceneFlow } from '../world/queue-scene.js'
import { beside, queueWorks } from '../world/queue-works.js'

const isLong = Number(process.env['HOLDFAST_MESSAGES'] ?? 0) >= 1000
const messages = 200

if (isLong) {
  describe('a persistent queue before work of many kinds', function () {
    this.timeout(300_000)

    let directory: string
    let broker: EmbeddedBroker
    let nodeRed: NodeRedProcess | undefined
    const judges = new Map<string, QueueJudge>()
    let heard: () => void = () => {}

    const hear = (words: readonly string[]) => {
      const key = words[1] ?? ''
      const judge = judges.get(key) ?? new QueueJudge({ isStrict: true })
      judges.set(key, judge)
      judge.hear(words)
      heard()
    }

    before(async () => {
      directory = mkdtempSync(join(tmpdir(), 'holdfast-works-'))
      broker = await EmbeddedBroker.open(await freePort(), (_topic, payload) =>
        hear(['got', 'mqtt', ...payload.toString().split(' '), `${Date.now()}`]),
      )
    })

    after(async () => {
      await nodeRed?.kill()
      await broker.close()
      rmSync(directory, { recursive: true, force: true })
    })

    it('loses none of 200 messages each', async () => {
      const userDir = join(directory, 'user')
      const port = await freePort()
      const packages = [checkout, writeProbePackage(directory)]
      const scenes = queueWorks(port, directory)
      const keys = scenes.map(({ key }) => key)
      const flow = (version: number): Flow => [
        ...scenes.flatMap(sceneFlow),
        ...beside(broker.port, version),
      ]
      prepareUserDir(userDir, { packages, flows: flow(0) })
      const start = async () => {
        const onReport = (line: string) => hear(line.split(' '))
        nodeRed = await NodeRedProcess.start({ userDir, port, onReport })
        return nodeRed
      }
      let running = await start()
      for (const key of keys) await feed(running, key, messages)
      await until(() => keys.every((key) => judges.get(key)?.accepted.size === messages))
      await until(() => (judges.get('call')?.arrived.size ?? 0) > 60)
      await running.kill()
      for (const [key, judge] of judges) {
        judge.killed(await waitingOnDisk(join(userDir, 'resilience', `${key}-queue`)))
      }
      running = await start()
      await until(() => (judges.get('call')?.arrived.size ?? 0) > 120)
      for (const judge of judges.values()) judge.stops()
      await running.deploy(flow(1))
      const finite = keys.filter((key) => key !== 'silent')
      await until(() => finite.every((key) => judges.get(key)?.arrived.size === messages))
      for (const key of finite) {
        const judge = judges.get(key)
        process.stdout.write(`      ${key}: ${judge?.summary}\n`)
        should(judge?.complaints).eql([], key)
        should(judge?.aside).eql([], key)
        const { balance, waiting } = await settled(running, key)
        should(balance).match({ accepted: messages, delivered: messages, dropped: {} }, key)
        should(waiting).equal(0, key)
      }
      const { balance, waiting } = await order(running, 'silent', { command: 'status' })
      should({ balance, waiting }).match({ waiting: messages, balance: { accepted: messages } })
      // A crash uses an attempt, so that the second may have been tried as a control.
      should(judges.get('silent')?.arrived.size).be.belowOrEqual(2)
    })

    async function settled(running: NodeRedProcess, key: string) {
      for (;;) {
        const figures = await order(running, key, { command: 'status' })
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
}
