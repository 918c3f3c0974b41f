/** The last events: how many are kept, how they are numbered and counted, and who hears of them. */

import should from 'should'
import { Timeline, type Told, toldMax } from '../../nodes/common/timeline.js'
import { Turns } from '../../nodes/resilience-events/turns.js'
import { epochMs } from '../../src/base/units.js'

describe('the timeline', () => {
  it('keeps the last 500 events, numbered from 1', () => {
    const timeline = new Timeline()
    should([timeline.last, timeline.count]).eql([[], 0])
    for (let n = 1; n <= 3 * toldMax + 7; n++) {
      add(timeline)
      should(timeline.last.length).equal(Math.min(n, toldMax))
      should([timeline.last.at(-1)?.number, timeline.count]).eql([n, n])
    }
    should(timeline.last[0]?.number).equal(2 * toldMax + 8)
  })

  it('tells what came after an event, as far as it is kept', () => {
    const timeline = new Timeline()
    const numbers = (after: number) => timeline.after(after).map(({ number }) => number)
    should(numbers(0)).eql([])
    for (let n = 0; n < 2 * toldMax + 3; n++) add(timeline)
    should(numbers(timeline.count)).eql([])
    should(numbers(timeline.count - 2)).eql([timeline.count - 1, timeline.count])
    should([numbers(0).length, numbers(0)[0]]).eql([toldMax, toldMax + 4])
    should(numbers(timeline.count + 5)).eql([])
  })

  it('counts each kind that there was', () => {
    const timeline = new Timeline()
    add(timeline)
    add(timeline, 'link.lost')
    add(timeline)
    should([...timeline.counts]).eql([
      ['store.full', 2],
      ['link.lost', 1],
    ])
  })

  it('tells each event whoever watches', () => {
    const timeline = new Timeline()
    const heard: number[] = []
    const unwatch = timeline.watch(({ number }) => heard.push(number))
    add(timeline)
    add(timeline)
    unwatch()
    add(timeline)
    should(heard).eql([1, 2])
  })
})

describe('the turn of a node that tells events', () => {
  it('begins with the process when the node does', () => {
    const timeline = new Timeline()
    const turns = new Turns(timeline)
    add(timeline)
    should(turns.take('a')).equal(0)
  })

  it('begins now for a node that is new', () => {
    const timeline = new Timeline()
    const turns = new Turns(timeline)
    turns.flowsStarted()
    add(timeline)
    should(turns.take('a')).equal(1)
  })

  it('begins where its forerunner has stopped, within one deploy', () => {
    const timeline = new Timeline()
    const turns = new Turns(timeline)
    turns.flowsStarted()
    for (let n = 0; n < 4; n++) add(timeline)
    turns.leave('a', 3)
    should([turns.take('a'), turns.take('b')]).eql([3, 4])
    turns.flowsStarted()
    should(turns.take('a')).equal(4)
  })
})

function add(timeline: Timeline, kind: Told['kind'] = 'store.full'): void {
  const node = { id: 'n', type: 't', name: '', flow: '' }
  timeline.add({ kind, at: epochMs(1), severity: 'error', node, text: 'x' })
}
