/** What the overview says of orphans, and that it offers each to those nodes that take it. */

import should from 'should'
import type { OrphanReport } from '../../nodes/common/orphans.js'
import { adoptersOf, hasMessages, ordersOf, orphanLine } from '../../nodes/sidebar/orphan-rows.js'
import type { NodeRow } from '../../nodes/sidebar/overview-rows.js'
import { sources } from '../house/sources.js'

describe('orphans in the overview', () => {
  it('are offered to the nodes that take them in, and to no other', () => {
    const taking = new Map(
      sources('nodes').flatMap(({ path, code }) => {
        const [, kinds] = /adopting\(\w+, \[([^\]]+)\]/.exec(code) ?? []
        const type = path.split('/')[1] ?? ''
        return kinds === undefined ? [] : [[type, kinds.replace(/[' ]/g, '').split(',')] as const]
      }),
    )
    should(taking.size).equal(3)
    const nodes = [...taking.keys(), 'circuit-breaker'].map(node)
    for (const kind of ['persistent-queue', 'resilient-mqtt-out', 'dlq', 'unknown'] as const) {
      const offered = adoptersOf({ kind }, nodes).map(({ type }) => type)
      const wanted = [...taking].filter(([, kinds]) => kinds.includes(kind)).map(([type]) => type)
      offered.should.eql(wanted, kind)
      hasMessages({ kind }).should.equal(wanted.length > 0)
      ordersOf({ kind }).should.eql(wanted.length > 0 ? ['adopt', 'export', 'purge'] : ['purge'])
    }
  })

  it('tell how many messages there are, or whose state it is', () => {
    should(orphanLine(orphan({ kind: 'dlq', messages: 4_000 }))).eql({
      key: 'orphan.line',
      values: { id: 'a1b2', count: 4_000 },
    })
    should(orphanLine(orphan({ kind: 'dlq', messages: null })).values).eql({
      ...{ id: 'a1b2', count: '?' },
    })
    should(orphanLine(orphan({ kind: 'circuit-breaker' }))).eql({
      key: 'orphan.state',
      values: { id: 'a1b2', kind: 'circuit-breaker' },
    })
  })
})

function node(type: string): NodeRow {
  return {
    ...{ id: type, type, name: '', flow: '', status: null, commands: [], tally: {} },
    ...{ oldestAt: null, perSecond: null, plot: null },
  }
}

function orphan(more: Partial<OrphanReport>): OrphanReport {
  return {
    ...{ id: 'a1b2', node: 'a1b2', store: '', directory: '/data/a1b2', kind: 'dlq' },
    ...{ messages: 0, bytes: 0, oldestAt: null },
    ...more,
  }
}
