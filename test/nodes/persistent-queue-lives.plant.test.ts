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
import { type Accident, QueueLife } from '../world/queue-life.js'
import { livesFlow } from '../world/queue-lives.js'

const messages = Math.trunc(Number(process.env['HOLDFAST_MESSAGES'] ?? 300))
const accidents: readonly Accident[] =
  messages < 1000 ? ['kill', 'full'] : ['kill', 'full', 'term', 'flows', 'nodes', 'kill', 'term']
const key = 'lives'

describe('a persistent queue, in a real Node-RED', function () {
  this.timeout(300_000)

  let directory: string
  let life: QueueLife | undefined

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-queue-'))
  })

  afterEach(async () => {
    await life?.close()
    life = undefined
    rmSync(directory, { recursive: true, force: true })
  })

  it(`loses none of ${messages} messages through ${accidents.join(', ')}`, async () => {
    life = await QueueLife.open({ directory, keys: [key], flow: livesFlow(), isStrict: false })
    const judge = life.judge(key)
    await life.order(key, { command: 'pause' })
    await life.feed(key, messages)
    await life.order(key, { command: 'resume' })
    for (const [at, accident] of accidents.entries()) {
      const share = (messages * (at + 1)) / (accidents.length + 1)
      await life.until(() => judge.arrived.size >= share)
      await life.happens(accident)
    }
    await life.until(() => judge.arrived.size === messages)
    process.stdout.write(`      ${judge.summary}\n`)
    should(judge.missing).equal(0)
    judge.complaints.should.eql([])
    judge.aside.should.eql([])
    const { balance, waiting } = await life.settled(key)
    should({ balance, waiting }).match({
      waiting: 0,
      balance: { accepted: messages, delivered: messages, dropped: {} },
    })
  })
})
