/**
 * Which events somebody wants to hear of: a table of filters, and what each lets through.
 */

import should from 'should'
import { type EventKind, type Severity, severities } from '../../src/base/event.js'
import { families, isKnownKind, isWanted } from '../../src/observe/event-filter.js'

const all = { kinds: [], nodes: [], from: 'info' } as const
const rows: [string, object, boolean, object][] = [
  ['hears everything', all, true, {}],
  ['hears a kind', { ...all, kinds: ['breaker.opened'] }, true, {}],
  ['hears no other kind', { ...all, kinds: ['breaker.closed'] }, false, {}],
  ['hears a family', { ...all, kinds: ['link', 'breaker'] }, true, {}],
  ['takes no beginning of a word for a family', { ...all, kinds: ['break'] }, false, {}],
  ['hears a node', { ...all, nodes: ['n'] }, true, {}],
  ['hears no other node', { ...all, nodes: ['m'] }, false, {}],
  ['hears what is as bad as it asks for', { ...all, from: 'error' }, true, {}],
  ['hears nothing that is better', { ...all, from: 'error' }, false, { severity: 'warning' }],
  ['hears that something bad is over', { ...all, from: 'error' }, true, over('breaker.opened')],
  ['hears no end of what it did not hear', { ...all, from: 'error' }, false, over('queue.warned')],
]

describe('a filter of events', () => {
  for (const [title, filter, expected, event] of rows) {
    it(title, () => {
      const opened = { kind: 'breaker.opened', severity: 'error', node: { id: 'n' }, ...event }
      should(isWanted(opened as never, filter as never)).equal(expected)
    })
  }

  it('knows each kind in one family', () => {
    const kinds = [...families.values()].flat()
    kinds.sort().should.eql(Object.keys(severities).sort())
    for (const [family, members] of families) {
      isKnownKind(family).should.be.true()
      for (const kind of members) isKnownKind(kind).should.be.true()
    }
    isKnownKind('toString').should.be.false()
  })
})

function over(resolves: EventKind): { severity: Severity; resolves: EventKind } {
  return { severity: 'info', resolves }
}
