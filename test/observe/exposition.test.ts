/**
 * Metrics as text for Prometheus and as a summary, from figures that are made up here: names,
 * labels and units, histograms, quantiles, and what no series may do.
 */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import should from 'should'
import { type Balance, Spans } from '../../src/base/tally.js'
import { epochMs, ms } from '../../src/base/units.js'
import { cumulated, expositionOf } from '../../src/observe/exposition.js'
import type { Counted } from '../../src/observe/metric.js'
import { metrics, seriesOf } from '../../src/observe/metrics.js'
import { quantileOf, summaryOf } from '../../src/observe/summary.js'
import { checkout } from '../../tools/common/user-dir.js'
import { metricsIn, valueIn } from '../world/metric-lines.js'

describe('the metrics', () => {
  it('have the label of a node with whatever it is called', async () => {
    const name = 'a "b" \\ c\nd'
    const text = await textOf([queue('q1', { name })])
    text.should.containEql('name="a \\"b\\" \\\\ c\\nd"')
    should(valueIn(text, 'resilience_queue_messages', { node: 'q1', name })).equal(3)
  })

  it('call a node by its type that has no name', async () => {
    const text = await textOf([queue('q1', { name: '' })])
    should(valueIn(text, 'resilience_queue_messages', { name: 'persistent-queue' })).equal(3)
  })

  it('are in seconds, and NaN where nothing is known', async () => {
    const text = await textOf([queue('q1', {})])
    should(valueIn(text, 'resilience_queue_oldest_age_seconds', {})).equal(81)
    should(valueIn(text, 'resilience_queue_empty_in_seconds', {})).be.NaN()
  })

  it('have counters that begin at 0 for each word that may come', async () => {
    const text = await textOf([queue('q1', {})])
    const dropped = (reason: string) =>
      valueIn(text, 'resilience_messages_dropped_total', { reason })
    should([dropped('overflow'), dropped('expired')]).eql([2, 0])
  })

  it('tell when the balance does not hold', async () => {
    const balance = { accepted: 10, delivered: 5, waiting: 3, deadLettered: 0, dropped: {} }
    const text = await textOf([queue('q1', { balance })])
    should(valueIn(text, 'resilience_balance_difference', {})).equal(2)
  })

  it('have histograms with buckets that hold all below them', async () => {
    const text = await textOf([queue('q1', {})])
    const below = (le: string) => valueIn(text, 'resilience_fsync_seconds_bucket', { le })
    const found = ['0.005', '0.01', '0.05', '10', '+Inf'].map(below)
    should(found).eql([1, 2, 3, 3, 4])
    should(valueIn(text, 'resilience_fsync_seconds_count', {})).equal(4)
    should(valueIn(text, 'resilience_fsync_seconds_sum', {})).equal(20.052)
  })

  it('tell once of a link that two nodes share, under the broker', async () => {
    const text = await textOf([publisher('a'), publisher('b')])
    should(valueIn(text, 'resilience_mqtt_connections_total', {})).equal(7)
    const of = { node: 'broker', name: 'line 1', server: 'plant:1883' }
    should(valueIn(text, 'resilience_mqtt_connected', of)).equal(1)
    should(valueIn(text, 'resilience_mqtt_state', { ...of, state: 'failed' })).equal(0)
  })

  it('never have two series with the same labels', async () => {
    const check = { label: 'plc', status: 'healthy', checks: { ok: 1 }, checkTime: new Spans() }
    const health = { status: 'healthy', isPaused: false, checks: [check, check] } as const
    const monitor = { ...plain('m'), tally: { health } } as Counted
    const text = await textOf([publisher('a'), publisher('b'), monitor])
    const keys = metricsIn(text).flatMap(({ samples }) =>
      samples.map(({ name, labels }) => `${name}${JSON.stringify(labels)}`),
    )
    should(new Set(keys).size).equal(keys.length)
  })

  it('have one head each, however many nodes there are, and are written in turns', async () => {
    let turns = 0
    const many = Array.from({ length: 200 }, (_, at) => queue(`q${at}`, {}))
    const { text, contentType } = await expositionOf(many, async () => {
      turns++
    })
    const names = metricsIn(text).map(({ name }) => name)
    should(new Set(names).size).equal(names.length)
    should(metricsIn(text)[0]?.samples.length).equal(200)
    should(turns).be.above(names.length)
    should(contentType).equal('text/plain; version=0.0.4; charset=utf-8')
  })

  it('load the library that writes them no sooner than somebody asks', () => {
    const sidebar = join(checkout, 'dist/nodes/sidebar/sidebar.js')
    const program = `require(${JSON.stringify(sidebar)})
      const isLoaded = Object.keys(require.cache).some((path) => path.includes('prom-client'))
      process.exit(isLoaded ? 1 : 0)`
    should(spawnSync(process.execPath, ['-e', program]).status).equal(0)
  })

  it('are called as Prometheus has it', () => {
    for (const { name, type, help } of metrics) {
      name.should.match(/^resilience_[a-z]+(_[a-z]+)*$/)
      should(name.endsWith('_total')).equal(type === 'counter', name)
      if (type === 'histogram') name.should.endWith('_seconds')
      help.should.match(/^[A-Z0-9].*\.$/)
    }
  })

  it('have labels as they say', () => {
    const all = [queue('q1', {}), publisher('a')]
    for (const metric of metrics) {
      for (const { labels } of seriesOf(metric, all)) {
        Object.keys(labels).should.eql(['node', 'name', ...metric.labels])
      }
    }
  })
})

describe('the summary', () => {
  it('has of each histogram how long half, 95 and 99 of 100 took', async () => {
    const two = [queue('q1', {}), queue('q2', {})]
    const { nodes, all, at } = await summaryOf(two, epochMs(5), async () => {})
    should(at).equal(5)
    const [first] = nodes
    should(first).containEql({ id: 'q1', type: 'persistent-queue', name: 'orders', flow: 'f' })
    should(first?.metrics['resilience_queue_messages']).eql([{ value: 3 }])
    should(first?.metrics['resilience_queue_empty_in_seconds']).eql([{ value: null }])
    should(first?.metrics['resilience_messages_dropped_total']).eql([
      { reason: 'overflow', value: 2 },
    ])
    should(all['resilience_fsync_seconds']?.[0]).containEql({ count: 8, sum: 40.104 })
    should(all['resilience_queue_messages']).equal(undefined)
  })

  it('works quantiles out as Prometheus does', () => {
    const span = new Spans()
    should(quantileOf(span, 0.5)).equal(null)
    for (let at = 0; at < 100; at++) span.add(ms(at < 90 ? 3 : 700))
    should(quantileOf(span, 0.45)).be.approximately(0.0025, 1e-9)
    should(quantileOf(span, 0.95)).be.approximately(0.75, 1e-9)
    span.add(ms(60_000))
    should(quantileOf(span, 1)).equal(10)
    should(cumulated(span).at(-1)).eql({ le: 10, count: 100 })
  })
})

const plain = (id: string) => {
  return {
    id,
    type: 'persistent-queue',
    name: 'orders',
    flow: 'f',
    oldestAge: ms(81_000),
    events: {},
  }
}

function queue(id: string, { name = 'orders', balance = held }): Counted {
  const syncs = new Spans()
  for (const took of [4, 8, 40, 20_000]) syncs.add(ms(took))
  const store = { directory: '/d', syncs, freeBytes: 5, quarantined: 0 }
  return {
    ...{ ...plain(id), name },
    tally: {
      queue: {
        ...{ waiting: 3, bytes: 9, inFlight: 1, isPaused: false, isFull: false, limitRatio: 0.5 },
        ...{ perSecond: 0, fullInMs: undefined, emptyInMs: undefined, redelivered: 0, balance },
        ...{ counted: balance, store },
      },
    },
  }
}

const held: Balance = {
  accepted: 10,
  delivered: 5,
  waiting: 3,
  deadLettered: 0,
  dropped: { overflow: 2 },
}

function publisher(id: string): Counted {
  const whole = queue(id, {})
  const link = {
    ...{ broker: 'broker', brokerName: 'line 1', state: 'connected', server: 'plant:1883' },
    ...{ connections: 7, reconnections: 6, disconnections: 6, disconnectionsBy: { network: 6 } },
    ...{ published: 1, stored: 1, failed: 0, consecutiveFailures: 0, inFlight: 0 },
    ...{ lastAttemptAt: undefined, connectedAt: undefined, downSinceAt: undefined },
    ackLatency: new Spans(),
  }
  return { ...whole, tally: { ...whole.tally, link } }
}

const textOf = async (all: readonly Counted[]) => (await expositionOf(all, async () => {})).text
