/**
 * The node `resilience-events` in Node-RED's own test helper, beside a queue that something happens
 * to: what it tells, what it leaves out, what it answers, and that it never tells of itself.
 */

import should from 'should'
import { persistentQueue } from '../../nodes/persistent-queue/persistent-queue.js'
import { resilienceEvents } from '../../nodes/resilience-events/resilience-events.js'
import { sidebar } from '../../nodes/sidebar/sidebar.js'
import { severities } from '../../src/base/event.js'
import { ms } from '../../src/base/units.js'
import { families } from '../../src/observe/event-filter.js'
import type { StatusDocument } from '../../src/observe/status-document.js'
import { builtHtml } from '../house/dialogs.js'
import { Arrivals } from '../world/arrivals.js'
import { helper } from '../world/flow-helper.js'
import { GuardedFlow, section } from '../world/guarded-flow.js'

interface Message {
  readonly topic?: string
  readonly payload: unknown
  readonly resilience: { readonly event?: Event; readonly answer?: object }
}

interface Event {
  readonly kind: string
  readonly node: { readonly id: string; name: string }
}

describe('the node resilience-events', () => {
  let flow: GuardedFlow
  let told: Arrivals<Message>
  const queue = { type: 'persistent-queue', name: 'Orders', maxMessages: '1', warnMessages: 'off' }

  afterEach(() => flow.stop())

  it('tells what happens to other nodes', async () => {
    await start({ severity: 'warning' })
    await overflow()
    await told.first(2)
    const first = told.all.find(({ topic }) => topic === 'queue.full')
    should(first?.payload).be.a.String()
    should(first?.resilience.event).containDeep({
      ...{ kind: 'queue.full', severity: 'error', limit: 'messages' },
      node: { id: flow.id, type: 'persistent-queue', name: 'Orders', flow: 'tab' },
    })
  })

  it('leaves out what is not asked for', async () => {
    await start({ kinds: ['messages'] })
    await overflow()
    await told.first(1)
    kinds().should.eql(['messages.dropped'])
  })

  it('listens to the chosen nodes only', async () => {
    await start({ severity: 'info', watchNodes: ['another'] })
    await overflow()
    await order(flow.id, 'resume')
    kinds().should.eql([])
  })

  it('never tells of itself', async () => {
    await start({ severity: 'info', kinds: ['person'] })
    await order('events', 'shout')
    await helper
      .request<unknown>()
      .post('/resilience/nodes/events/command')
      .set('Content-Type', 'application/json')
      .send({ command: 'status' })
    await order(flow.id, 'pause')
    await told.first(1)
    should(told.all.map(({ resilience }) => resilience.event?.node.id)).eql([flow.id])
  })

  it('hands out events that a flow may change', async () => {
    await start({ severity: 'info', kinds: ['person'] })
    await order(flow.id, 'pause')
    const [first] = await told.first(1)
    if (first?.resilience.event === undefined) throw new Error('no event')
    first.resilience.event.node.name = 'changed'
    helper.getNode('events').receive({ resilience: { command: 'peek' } })
    const [, answer] = await told.first(2)
    should(answer?.payload).containDeep([{ kind: 'person.acted', node: { name: 'Orders' } }])
  })

  it('answers with the status of all nodes', async () => {
    await start({})
    helper.getNode('events').receive({ payload: 'kept', resilience: { command: 'status' } })
    const [answer] = await told.first(1)
    const document = answer?.payload as StatusDocument
    should(document.operational).equal(true)
    should(document.nodes.map(({ id }) => id)).eql([flow.id, 'events'])
    should(section(answer)['answer']).containDeep({ command: 'status', ok: true, node: 'events' })
  })

  it('gives the whole status every so often, until it is closed', async () => {
    await start({ interval: '60s' })
    for (const count of [1, 2]) {
      flow.clock.advance(ms(60_000))
      const all = await told.first(count)
      should(all.at(-1)?.topic).equal('status')
      should(all.at(-1)?.payload).containDeep({ operational: true })
    }
    await flow.stop()
    flow.clock.advance(ms(600_000))
    await flow.turns()
    should(told.all.length).equal(2)
  })

  it('says that it is watching, and takes any message without a word', async () => {
    await start({})
    helper.getNode('events').receive({ payload: 1 })
    await flow.turns()
    kinds().should.eql([])
  })

  it('refuses kinds that do not exist, and tells all then', async () => {
    await start({ kinds: ['breakers'], severity: 'info' })
    await order(flow.id, 'pause')
    await told.first(1)
    flow.log.filter((text) => text.includes('SETTINGS_INVALID')).length.should.equal(1)
  })

  it('offers in its dialog every family and every kind that there is', () => {
    const options = [...builtHtml('resilience-events').matchAll(/<option value="([\w.-]+)"/g)]
    const offered = options.map(([, value = '']) => value)
    const known = [...families.entries()].flatMap(([family, all]) => [family, ...all])
    offered.filter((value) => !(value in { info: 1, warning: 1, error: 1 })).should.eql(known)
    known.length.should.equal(families.size + Object.keys(severities).length)
  })

  async function start(settings: object): Promise<void> {
    flow = new GuardedFlow()
    told = new Arrivals()
    const events = { id: 'events', type: 'resilience-events', wires: [['told']], ...settings }
    const rooms = [persistentQueue, resilienceEvents, sidebar]
    await flow.start(rooms, { ...queue, outcomeMode: 'manual' }, [
      events,
      { id: 'told', type: 'helper' },
    ])
    helper.getNode<Message>('told').on('input', (msg) => told.add(msg))
    await flow.turns()
  }

  /** The queue keeps one message. */
  async function overflow(): Promise<void> {
    await flow.order('pause')
    for (let number = 1; number <= 3; number++) await flow.send({ payload: number })
    flow.clock.advance(ms(1_000)) // drops are summed
    await flow.turns()
  }

  /** Over the admin address, as a person does it. */
  async function order(id: string, command: string): Promise<void> {
    await helper
      .request<unknown>()
      .post(`/resilience/nodes/${id}/command`)
      .set('Content-Type', 'application/json')
      .send({ command })
    await flow.turns()
  }

  const kinds = (): unknown[] => told.all.map(({ resilience }) => resilience.event?.kind)
})
