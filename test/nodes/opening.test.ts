/**
 * The opening of a room: tried again until it succeeds, cleared once when its ground gives way, and
 * closed for good; with those who wait for it meanwhile.
 */

import should from 'should'
import { Opening } from '../../nodes/common/opening.js'
import { Fault } from '../../src/base/fault.js'
import { ManualClock } from '../world/manual-clock.js'
import { later } from '../world/played-room.js'

interface Room {
  readonly number: number
}

const again = 10_000

describe('an opening', () => {
  it('gives its room to those who waited, and to those who come later', async () => {
    const { opening, clock } = scene()
    opening.start()
    should(opening.current).equal(undefined)
    const waited = opening.whenOpen()
    await clock.settle()
    should([await waited, await opening.whenOpen()]).eql([{ number: 1 }, { number: 1 }])
  })

  it('is tried again every ten seconds, and complains each time', async () => {
    const s = scene()
    s.fault = new Fault('DISK_FULL')
    s.opening.start()
    await s.clock.settle()
    should(s.opening.current).equal(s.fault)
    should(await s.opening.whenOpen()).equal(s.fault)
    await s.clock.advance(again)
    s.fault = undefined
    await s.clock.advance(again)
    should(s.opening.current).eql({ number: 1 })
    should(s.heard).eql([
      'closed',
      'DISK_FULL',
      'closed',
      'closed',
      'DISK_FULL',
      'closed',
      'closed',
      'open',
    ])
    should(s.clock.pending).equal(0)
  })

  it('calls an error that is none of ours a disk that cannot be written', async () => {
    const s = scene()
    s.fault = new Error('odd')
    s.opening.start()
    await s.clock.settle()
    should(s.opening.current).match({ code: 'DISK_UNWRITABLE' })
  })

  it('closes a room once whose ground gives way, and opens another later', async () => {
    const s = scene()
    s.opening.start()
    await s.clock.settle()
    s.fail(new Fault('DISK_UNWRITABLE'))
    s.fail(new Fault('DISK_FULL'))
    should(s.opening.current).match({ code: 'DISK_UNWRITABLE' })
    await s.clock.settle()
    should(s.closed).eql([1])
    await s.clock.advance(again)
    should(s.opening.current).eql({ number: 2 })
  })

  it('is not open when its ground gives way while it opens', async () => {
    const s = scene()
    const gate = later<void>()
    s.gate = gate.promise
    s.opening.start()
    s.fail(new Fault('DISK_FULL'))
    gate.resolve()
    await s.clock.settle()
    should(s.opening.current).match({ code: 'DISK_FULL' })
    should(s.closed).eql([1])
    should(s.heard).not.containEql('open')
  })

  it('closes the room that comes after it was closed, and tries no more', async () => {
    const s = scene()
    const gate = later<void>()
    s.gate = gate.promise
    s.opening.start()
    const closing = s.opening.close()
    gate.resolve()
    await closing
    should(s.closed).eql([1])
    const other = scene()
    other.fault = new Fault('DISK_FULL')
    other.opening.start()
    await other.clock.settle()
    await other.opening.close()
    should(other.clock.pending).equal(0)
  })

  it('lets 10,000 wait and tells all others that the disk is stalled', async () => {
    const s = scene()
    s.gate = new Promise(() => {})
    s.opening.start()
    for (let n = 0; n < 10_000; n++) void s.opening.whenOpen()
    await s.clock.advance(3000)
    should(await s.opening.whenOpen()).match({ code: 'DISK_STALLED', values: { time: 3000 } })
  })
})

function scene() {
  const clock = new ManualClock()
  const heard: string[] = []
  const closed: number[] = []
  let rooms = 0
  const s = {
    ...{ clock, heard, closed },
    fault: undefined as Error | undefined,
    gate: Promise.resolve(),
    fail: (_fault: Fault) => {},
    opening: new Opening<Room>({
      clock,
      open: async (failed) => {
        s.fail = failed
        await s.gate
        if (s.fault !== undefined) throw s.fault
        rooms += 1
        return { number: rooms }
      },
      close: async ({ number }) => void closed.push(number),
      changed: (isOpen) => heard.push(isOpen ? 'open' : 'closed'),
      complain: (error) => heard.push(error instanceof Fault ? error.code : String(error)),
    }),
  }
  return s
}
