/**
 * The reference of the persistent queue in REFERENCE.md, compared with what it writes and answers:
 * the same fields with values of the same kind, no more and no fewer, and all commands.
 */

import should from 'should'
import { persistentQueue } from '../../nodes/persistent-queue/persistent-queue.js'
import { textOf } from '../house/sources.js'
import { codeOf, GuardedFlow, section } from '../world/guarded-flow.js'
import { isLike, written } from '../world/reference-json.js'

describe('the reference of persistent-queue', () => {
  let flow: GuardedFlow

  beforeEach(async () => {
    flow = new GuardedFlow()
    await flow.start([persistentQueue], {
      ...{ type: 'persistent-queue', key: 'topic', keyType: 'msg', freeDisk: '0B' },
      ...{ backoffJitter: '0%', attempts: '1' },
    })
  })

  afterEach(() => flow.stop())

  it('has what is released and what is answered', async () => {
    flow.machine.state = 'silent'
    await flow.send(message)
    await flow.turns()
    isLike(flow.machine.given[0], written('Released by `persistent-queue`'))
    for (const command of ['status', 'peek'] as const) {
      await flow.order(command)
      isLike(answer(), written(`\`persistent-queue\`, \`${command}\``))
    }
  })

  it('has what is set aside', async () => {
    flow.machine.sickOf = (msg) => msg['topic'] === message.topic
    await flow.order('pause')
    for (const topic of [message.topic, 'press-4']) await flow.send({ ...message, topic })
    await flow.order('resume')
    await flow.turns()
    const aside = flow.aside.all.find((msg) => section(msg)['reason'] !== undefined)
    isLike(aside, written('Given up by `persistent-queue`'))
  })

  it('lists every command, and no other', async () => {
    const [, reference = ''] = textOf('REFERENCE.md').split('\n## Reference of `persistent-queue`')
    const [own = ''] = reference.split('\n## ')
    const names = [...own.matchAll(/^\| `([a-z`, ]+)` \|/gm)].flatMap(([, cell = '']) =>
      cell.split('`, `'),
    )
    names.sort().should.eql(['drop', 'flush', 'pause', 'peek', 'purge', 'resume', 'status'])
    for (const name of names) {
      should(await flow.order(name, { count: 1, confirm: true })).be.ok()
    }
    await flow.send({ resilience: { command: '?' } })
    flow.caught.all.map(codeOf).should.eql(['COMMAND_UNKNOWN'])
  })

  const answer = () =>
    section(flow.aside.all.findLast((msg) => section(msg)['answer'] !== undefined))['answer']
})

const message = { topic: 'press-3', payload: { order: 4710 } }
