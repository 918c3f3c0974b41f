/**
 * Events on their way into a flow, while flows run and while they stop: in order, each once, a
 * bounded number of them, on a timeline and a clock of the test's own.
 */

import should from 'should'
import type { Context } from '../../nodes/common/room.js'
import { Timeline, type Told, toldMax } from '../../nodes/common/timeline.js'
import type { Settings } from '../../nodes/resilience-events/resilience-events.settings.js'
import { Teller } from '../../nodes/resilience-events/teller.js'
import { epochMs, ms } from '../../src/base/units.js'
import type { StatusDocument } from '../../src/observe/status-document.js'
import { ManualClock } from '../world/manual-clock.js'

describe('a teller of events', () => {
  it('tells each event once, in order, while flows run', () => {
    const s = scene()
    s.add('a')
    s.add('b')
    should(s.told()).eql(['a', 'b'])
    should(s.sent[0]).match({
      topic: 'store.full',
      payload: 't: a',
      resilience: { event: { text: 'a' } },
    })
  })

  it('tells what happened while flows were stopped when they have started', () => {
    const s = scene()
    s.add('before')
    s.isRunning = false
    s.add('meanwhile')
    should(s.told()).eql(['before'])
    s.start()
    should(s.told()).eql(['before', 'meanwhile'])
    s.start()
    should(s.sent.length).equal(2)
  })

  it('tells the last 500 of them, and no more', () => {
    const s = scene()
    s.isRunning = false
    for (let n = 1; n <= toldMax + 20; n++) s.add(`${n}`)
    s.start()
    should([s.sent.length, s.told()[0], s.told().at(-1)]).eql([toldMax, '21', `${toldMax + 20}`])
  })

  it('hands over to the next node, which goes on behind it', () => {
    const first = scene()
    first.add('a')
    const next = scene(first.timeline, first.teller.close())
    first.add('b')
    should([first.told(), next.told()]).eql([['a'], ['b']])
  })

  it('leaves out its own node, and what the filter does not want', () => {
    const s = scene()
    s.add('own', 'events')
    s.add('other', 'n', 'info')
    should(s.told()).eql([])
  })

  it('gives the status every so often, but not while flows are stopped or it fails', async () => {
    const s = scene()
    let asked = 0
    const status = async () => {
      asked += 1
      if (asked === 3) throw new Error('odd')
      return { operational: true } as StatusDocument
    }
    const stop = s.teller.tellEvery(ms(1000), status)
    await s.clock.advance(1000)
    s.isRunning = false
    await s.clock.advance(1000)
    s.isRunning = true
    await s.clock.advance(3000)
    should([s.sent.length, asked, s.complaints]).eql([3, 4, ['odd']])
    should(s.sent[0]).match({ topic: 'status', payload: { operational: true } })
    stop()
    await s.clock.advance(5000)
    should([asked, s.clock.pending]).eql([4, 0])
  })
})

function scene(timeline = new Timeline(), from = 0) {
  const clock = new ManualClock()
  const sent: Record<string, unknown>[] = []
  const starts: (() => void)[] = []
  const complaints: string[] = []
  const s = {
    ...{ clock, sent, complaints, timeline },
    isRunning: true,
    start: () => {
      s.isRunning = true
      for (const heard of starts) heard()
    },
    told: () => sent.map(({ payload }) => String(payload).replace(/^t: /, '')),
    add: (text: string, id = 'n', severity: Told['severity'] = 'error') => {
      const node = { id, type: 't', name: '', flow: '' }
      timeline.add({ kind: 'store.full', at: epochMs(1), severity, node, text })
    },
  }
  const context = {
    id: 'events',
    hall: { timeline, world: { clock } },
    settings: { filter: { kinds: [], nodes: [], from: 'warning' }, interval: undefined },
    work: {
      get isRunning() {
        return s.isRunning
      },
      whenStarted: (heard: () => void) => {
        starts.push(heard)
        return () => starts.splice(starts.indexOf(heard), 1)
      },
      complain: (error: Error) => complaints.push(error.message),
    },
    send: (_output: number, msg: Record<string, unknown>) => sent.push(msg),
  }
  return Object.assign(s, {
    teller: new Teller(
      context as unknown as Context<Settings>,
      from,
      ({ node, text }) => `${node.name || node.type}: ${text}`,
    ),
  })
}
