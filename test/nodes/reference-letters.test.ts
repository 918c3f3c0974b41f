/**
 * The reference of `dlq` in REFERENCE.md, compared with what it writes and answers, to flows and over
 * the admin address: the same fields with values of the same kind, no more and no fewer.
 */

import should from 'should'
import { dlq } from '../../nodes/dlq/dlq.js'
import { textOf } from '../house/sources.js'
import { helper } from '../world/flow-helper.js'
import { GuardedFlow, section } from '../world/guarded-flow.js'
import { isLike, written } from '../world/reference-json.js'

interface Told {
  readonly body: Readonly<Record<string, unknown>>
}

describe('the reference of dlq', () => {
  let flow: GuardedFlow

  beforeEach(async () => {
    flow = new GuardedFlow()
    await flow.start([dlq], { type: 'dlq', name: 'Letters', attempts: '1', outcomeMode: 'manual' })
    await flow.send(caught)
  })

  afterEach(() => flow.stop())

  it('has what it redrives, gives up for good and answers', async () => {
    await flow.order('redrive', { all: true })
    await flow.turns()
    const [given] = flow.machine.given
    isLike(given, written('Redriven by `dlq`'))
    await flow.send({ resilience: { token: section(given)['token'], outcome: 'failed' } })
    await flow.turns()
    const aside = flow.aside.all.find((msg) => section(msg)['reason'] === 'max-attempts')
    isLike(aside, written('Given up for good by `dlq`'))
    await flow.order('status')
    isLike(section(flow.aside.all.at(-1))['answer'], written('The answer to `status`; `redrive`'))
  })

  it('has what the admin routes answer', async () => {
    const { items: nodes } = (await get('')).body as { items: object[] }
    isLike(nodes[0], written('One node in the list of nodes'))
    isLike((await get(`/${flow.id}`)).body, written('One node in the list of nodes'))
    isLike((await get(`/${flow.id}/groups`)).body, written('Causes:'))
    const { body } = await get(`/${flow.id}/letters`)
    isLike(body, written('Letters; `peek`'))
    const [{ id } = { id: '' }] = body['items'] as { id: string }[]
    isLike((await get(`/${flow.id}/letters/${id}`)).body, written('One letter;'))
    const { text } = (await get(`/${flow.id}/export`)) as Told & { readonly text: string }
    isLike(await imported(text), written('What became of an import:'))
    const { job } = (await flow.order('redrive', { all: true })) as { job: string }
    isLike((await get(`/${flow.id}/jobs/${job}`)).body, written('How far a redrive is'))
  })

  it('lists every command that the node knows, and every route', async () => {
    const [, below = ''] = textOf('REFERENCE.md').split('\n## Reference of `dlq`')
    const [reference = ''] = below.split('\n## ')
    const known = ['status', 'pause', 'resume', 'peek', 'redrive', 'cancel', 'drop', 'purge']
    const rows = [...reference.matchAll(/^\| (`[a-z` ]+) \|/gm)].map(([, cell = '']) => cell)
    rows
      .flatMap((cell) => [...cell.matchAll(/`([a-z]+)`/g)].map(([, word = '']) => word))
      .should.eql(known)
    for (const command of known) {
      const fields = { all: true, count: 1, confirm: true }
      should(await flow.order(command, fields)).be.ok()
    }
    const routes = ['groups', 'letters', 'peek', 'export', 'retry', 'jobs', 'edit', 'delete']
    for (const route of [...routes, 'restore', 'note', 'clear', 'clear-given-up', 'seen', 'import'])
      reference.should.match(new RegExp(`/${route}\\b`))
  })

  const get = (path: string) => helper.request<Told>().get(`/resilience/dlq${path}`)

  const imported = async (lines: string) => {
    const asked = helper.request<Told>().post(`/resilience/dlq/${flow.id}/import`)
    return (await asked.set('Content-Type', 'application/x-ndjson').send(lines)).body
  }

  const caught = {
    ...{ topic: 'orders', payload: { order: 4710 } },
    error: {
      message: 'no such field',
      stack: 'TypeError: no such field\n    at Function [f1]:3:5',
      source: { id: 'f1', type: 'function', name: 'map', count: 1 },
    },
  }
})
