/**
 * The outcome ledger against a played runtime that knows the truth: what is told must be what
 * became of the message, whatever the order of events, whatever other messages do beside it. The
 * properties are those of downstream.md section 10, by their numbers.
 */

import fc from 'fast-check'
import should from 'should'
import { Attribution } from '../../src/policy/outcome-attribution.js'
import type { Plan } from './outcome-cast.js'
import { dishonest, honest, plans } from './outcome-plans.js'
import { PlayedFlow } from './outcome-world.js'

const runs = { numRuns: 300 }
const allManners = [...honest, ...dishonest, 'never' as const]
const owners = [0, 1, 2]

describe('outcome ledger', () => {
  it('P1: counts every delivery once, also when completions repeat or come from nowhere', () => {
    const noise = fc.array(fc.tuple(fc.nat(7), fc.boolean()), { maxLength: 20 })
    fc.assert(
      fc.property(plans({ manners: honest }), noise, (plan, spurious) => {
        const flow = started(plan)
        for (const [at, isFailed] of spurious) {
          flow.step()
          const error = isFailed ? { text: 'spurious' } : undefined
          if (plan.nodes[at]?.manner.startsWith('legacy')) continue
          flow.ledger.flow.completed({ msg: {}, id: 'z', node: { id: `n${at}` } }, false, error)
          flow.ledger.flow.endTurn()
          should(flow.ledger.figures.deliveries).be.aboveOrEqual(0)
        }
        flow.run()
        for (const owner of owners) check(flow, owner)
      }),
      runs,
    )
  })

  it('P2: settles once, and nothing that comes later changes that', () => {
    fc.assert(
      fc.property(plans({ manners: allManners }), (plan) => {
        const flow = started(plan)
        flow.run()
        for (const owner of owners) should(flow.told.get(owner)?.length).equal(1)
      }),
      runs,
    )
  })

  it('P3: tells the truth of nodes that are honest, and not before it is all', () => {
    fc.assert(
      fc.property(plans({ manners: honest }), (plan) => {
        const flow = started(plan)
        flow.run()
        for (const owner of owners) {
          check(flow, owner)
          should(flow.told.get(owner)?.[0]?.pending).equal(0)
        }
      }),
      runs,
    )
  })

  it('P4: never calls ok what failed while it was open', () => {
    const manners = allManners.filter((manner) => manner !== 'leak')
    fc.assert(
      fc.property(plans({ manners, made: ['same', 'clone', 'new-same-id'] }), (plan) => {
        const flow = new PlayedFlow(plan)
        let hasFailed = false
        flow.follow(0)
        while (!hasFailed && flow.told.size === 0 && flow.step()) {
          hasFailed = flow.truthOf(0).failed && flow.told.size === 0
        }
        flow.run()
        if (hasFailed) should(flow.outcomeOf(0)).not.equal('ok')
      }),
      runs,
    )
  })

  it('P4: never does so without contexts either, with other messages at the same nodes', () => {
    fc.assert(
      fc.property(plans({ manners: honest }), fc.boolean(), (plan, hasForeign) => {
        const flow = new PlayedFlow(plan, { isBlind: true })
        for (const owner of owners) flow.follow(owner)
        if (hasForeign) flow.untraced(9)
        flow.run()
        for (const owner of owners) {
          if (flow.truthOf(owner).failed) should(flow.outcomeOf(owner)).not.equal('ok')
        }
      }),
      runs,
    )
  })

  it('P5: is not disturbed by messages that nobody follows, nor by other traces', () => {
    fc.assert(fc.property(plans({ manners: honest }), notDisturbed), runs)
  })

  it('P5: would be disturbed if a context alone were proof', () => {
    const strict = Attribution.prototype.ofSend
    Attribution.prototype.ofSend = function (sender, msg, id, context) {
      return context?.trace ?? strict.call(this, sender, msg, id, context)
    }
    try {
      const property = fc.property(plans({ manners: honest }), notDisturbed)
      should(fc.check(property, { numRuns: 2_000 }).failed).equal(true)
    } finally {
      Attribution.prototype.ofSend = strict
    }
  })

  it('P6: a late end of one attempt never changes the next', () => {
    const manners = honest.filter((manner) => manner !== 'leak')
    fc.assert(
      fc.property(plans({ manners }), fc.nat(30), (plan, patience) => {
        const flow = new PlayedFlow(plan)
        flow.follow(0, { id: 'same' })
        for (let step = 0; step < patience; step++) flow.step()
        flow.ledger.conclude('t0', 'timeout')
        for (const { settled, ending } of flow.ledger.drain(flow.now())) settled(ending)
        flow.follow(1, { id: 'same' })
        flow.run()
        check(flow, 1)
      }),
      runs,
    )
  })

  it('P7: is the same in every order of independent branches', () => {
    const choices = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(plans({ manners: honest }), choices, (plan, others) => {
        const [one, other] = [plan, { ...plan, choices: others }].map((each) => {
          const flow = new PlayedFlow(each)
          flow.follow(0)
          flow.run()
          const { outcome, deliveries } = flow.told.get(0)?.[0]?.ending ?? {}
          return { outcome, deliveries }
        })
        should(one).eql(other)
      }),
      runs,
    )
  })

  it('P8: names exactly the nodes that never complete', () => {
    const manners = ['sync', 'async', 'drop', 'legacy', 'never'] as const
    fc.assert(
      fc.property(plans({ manners }), (plan) => {
        const flow = new PlayedFlow(plan)
        flow.follow(0)
        flow.run()
        check(flow, 0)
        const open = flow.told.get(0)?.[0]?.ending.stillOpen.map(({ id }) => id) ?? []
        open.sort().should.eql([...flow.truthOf(0).never].sort())
      }),
      runs,
    )
  })

  it('P9: remembers nothing when all have ended', () => {
    fc.assert(
      fc.property(plans({ manners: allManners }), (plan) => {
        const flow = started(plan)
        flow.run()
        const { traces, deliveries, ids } = flow.ledger.figures
        should({ traces, deliveries, ids }).eql({ traces: 0, deliveries: 0, ids: 0 })
        should(flow.ledger.flow.isInTurn).equal(false)
        should(flow.ledger.wakeAt).equal(undefined)
      }),
      runs,
    )
  })

  it('P10: a message that another hook halts takes no other with it', () => {
    fc.assert(
      fc.property(plans({ manners: honest }), fc.nat(20), (plan, moment) => {
        const flow = started(plan)
        for (let step = 0; step < moment; step++) flow.step()
        flow.haltNext = true
        flow.run()
        for (const owner of owners) check(flow, owner)
      }),
      runs,
    )
  })

  it('P11: what ends inside reaches the outer trace by its holder alone', () => {
    const manners = honest.filter((manner) => manner !== 'leak')
    fc.assert(
      fc.property(plans({ manners }), fc.boolean(), (plan, isCharged) => {
        const flow = new PlayedFlow({ ...plan, nodes: [...plan.nodes, holder] })
        const at = plan.nodes.length
        const outer = flow.follow(0, { to: [at] })
        while (!flow.handled.has(`n${at}`)) flow.step()
        const msg = heldBy(flow, at)
        flow.follow(1, {
          ...{ id: 'm0', outer: msg, source: { id: `n${at}`, type: 'holder' } },
          settled: ({ outcome, blame }) => {
            should(outer.trace).not.equal(undefined)
            if (isCharged) flow.ledger.charge(msg, `n${at}`, outcome, blame)
            flow.ledger.flow.completed({ msg, id: 'm0', node: { id: `n${at}` } }, false)
          },
        })
        flow.run()
        check(flow, 1)
        should(flow.outcomeOf(0)).equal(isCharged ? flow.outcomeOf(1) : 'ok')
        should(flow.told.get(0)?.[0]?.ending.deliveries).equal(1)
      }),
      runs,
    )
  })

  it('P12: a deploy at any moment leads to the truth or to interrupted, never to a false ok', () => {
    const stopped = fc.subarray(Array.from({ length: 8 }, (_, at) => `n${at}`))
    fc.assert(
      fc.property(plans({ manners: honest }), fc.nat(30), stopped, (plan, moment, nodes) => {
        const flow = started(plan)
        for (let step = 0; step < moment; step++) flow.step()
        flow.deploy(new Set(nodes))
        flow.run()
        for (const owner of owners) {
          const outcome = flow.outcomeOf(owner)
          if (flow.truthOf(owner).lost > 0) should(outcome).not.equal('ok')
          should([flow.modelOf(owner), 'interrupted']).containEql(outcome)
        }
      }),
      runs,
    )
  })

  it('P13: what failed rightly without contexts does not turn ok with them', () => {
    fc.assert(
      fc.property(plans({ manners: honest }), (plan) => {
        const [blind, seeing] = [true, false].map((isBlind) => {
          const flow = new PlayedFlow(plan, { isBlind })
          for (const owner of owners) flow.follow(owner)
          flow.run()
          return flow
        })
        for (const owner of owners) {
          const isRight = blind?.truthOf(owner).failed && blind.outcomeOf(owner) === 'failed'
          if (isRight) should(seeing?.outcomeOf(owner)).not.equal('ok')
        }
      }),
      runs,
    )
  })
})

/**
 * A flow that a first message has gone through. What a node had in hand before a followed message
 * first reached it, nobody follows and nobody knows of.
 */
function known(plan: Plan): PlayedFlow {
  const flow = new PlayedFlow(plan)
  flow.follow(7)
  flow.run()
  return flow
}

/** Three followed messages and one that nobody follows, at once. */
function started(plan: Plan): PlayedFlow {
  const flow = known(plan)
  flow.untraced(9)
  for (const owner of owners) flow.follow(owner)
  return flow
}

function notDisturbed(plan: Plan): void {
  const flow = known(plan)
  flow.follow(0)
  flow.step()
  flow.untraced(8)
  flow.follow(1)
  flow.untraced(9)
  flow.run()
  for (const owner of [0, 1]) check(flow, owner)
}

function check(flow: PlayedFlow, owner: number): void {
  should(flow.outcomeOf(owner)).equal(flow.modelOf(owner), `message ${owner}`)
}

/** A node of ours: holds what it gets until the test says more. */
const holder = { manner: 'never', made: 'same', next: [] } as const

function heldBy(flow: PlayedFlow, at: number): object {
  const msg = flow.handled.get(`n${at}`)
  if (msg === undefined) throw new Error('nothing has arrived')
  flow.truthOf(0).never.clear()
  return msg
}
