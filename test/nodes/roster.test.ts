/** Who runs: entering, leaving, being replaced by a deploy, and who is told of it. */

import should from 'should'
import { Roster, type RosterEntry } from '../../nodes/common/roster.js'

describe('the roster', () => {
  it('holds nodes in the order in which they came, until they leave', () => {
    const roster = new Roster()
    const leave = roster.enter(entry('a'))
    roster.enter(entry('b'))
    should([roster.all.map(({ id }) => id), roster.size]).eql([['a', 'b'], 2])
    leave()
    leave()
    should([roster.all.map(({ id }) => id), roster.of('a')]).eql([['b'], undefined])
  })

  it('keeps the node that a deploy has put in the place of another', () => {
    const roster = new Roster()
    const leave = roster.enter(entry('a'))
    const next = entry('a')
    roster.enter(next)
    leave() // the old one closes after the new one has come
    should(roster.of('a')).equal(next)
  })

  it('counts how often a node was set up, also when it was gone meanwhile', () => {
    const roster = new Roster()
    should(roster.versionOf('a')).equal(0)
    roster.enter(entry('a'))()
    should(roster.versionOf('a')).equal(1)
    roster.enter(entry('a'))
    should([roster.versionOf('a'), roster.versionOf('b')]).eql([2, 0])
  })

  it('tells of each change whoever watches, and nobody else', () => {
    const roster = new Roster()
    let heard = 0
    const unwatch = roster.watch(() => heard++)
    const leave = roster.enter(entry('a'))
    roster.changed()
    leave()
    should(heard).equal(3)
    unwatch()
    roster.changed()
    should(heard).equal(3)
  })
})

/** Of which nothing but its id is asked. */
const entry = (id: string) => ({ id }) as RosterEntry
