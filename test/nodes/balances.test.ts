/** The watch over balances: what lasts is told once, what passes by is not. */

import should from 'should'
import { Balances } from '../../nodes/common/balances.js'
import { Roster, type RosterEntry } from '../../nodes/common/roster.js'
import type { Event } from '../../src/base/event.js'
import type { Balance, Tally } from '../../src/base/tally.js'

const holds: Balance = {
  ...{ accepted: 12, delivered: 5, waiting: 4, deadLettered: 2 },
  dropped: { expired: 1 },
}
const broken: Balance = { ...holds, delivered: 4 }

describe('the watch over balances', () => {
  let roster: Roster
  let balances: Balances
  let told: Event[]

  beforeEach(() => {
    roster = new Roster()
    balances = new Balances(roster)
    told = []
  })

  function enter(balanceNow: () => Balance | undefined): () => void {
    const tally = () => {
      const balance = balanceNow()
      return (balance === undefined ? {} : { letters: { balance } }) as unknown as Tally
    }
    const entry = { id: 'a', tally, emit: (event: Event) => told.push(event) }
    return roster.enter(entry as unknown as RosterEntry)
  }

  it('says nothing of one that holds, nor of a node that keeps nothing', () => {
    enter(() => holds)
    balances.look()
    balances.look()
    roster.enter({ id: 'b', tally: () => ({}) } as unknown as RosterEntry)
    balances.look()
    told.should.eql([])
  })

  it('tells of one that does not hold twice in a row, once, with its figures', () => {
    enter(() => broken)
    balances.look()
    told.should.eql([])
    balances.look()
    balances.look()
    told.should.eql([
      {
        ...{ kind: 'balance.broken', accepted: 12, delivered: 4, waiting: 4, deadLettered: 2 },
        dropped: 1,
      },
    ])
  })

  it('passes over what is right again at the next look', () => {
    const all = [broken, holds, broken, holds]
    enter(() => all.shift())
    for (let i = 0; i < 4; i++) balances.look()
    told.should.eql([])
  })

  it('begins anew with a node that comes again', () => {
    const leave = enter(() => broken)
    balances.look()
    leave()
    balances.look()
    enter(() => broken)
    balances.look()
    should(told.length).equal(0)
    balances.look()
    should(told.length).equal(1)
  })
})
