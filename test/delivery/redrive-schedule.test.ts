/** When letters go round by themselves: by cron lines in local time, or once a span. */

import should from 'should'
import { type EpochMs, epochMs } from '../../src/base/units.js'
import { cronFault, cronNext } from '../../src/delivery/cron.js'
import { type RedriveSchedule, RedriveTimer } from '../../src/delivery/redrive-schedule.js'
import { ManualClock } from '../world/manual-clock.js'

const minute = 60_000
const hour = 60 * minute
const every = (everyMs: number): RedriveSchedule => ({ is: 'every', everyMs })
const at = (...local: [number, number, number, number, number]) =>
  epochMs(new Date(...local).getTime())

describe('cron line', () => {
  const never = ['0 0 30 2 *', '0 0 31 2,4,6 *']
  const wrong = ['', '5m', 'every day', '0 6 * *', '61 * * * *', '* * * * * * *', ...never]
  for (const line of wrong) {
    it(`is not '${line}'`, () => {
      should(cronFault(line)).be.a.String()
      should(cronNext(line, epochMs(0))).equal(undefined)
    })
  }

  it('tells the next moment in local time', () => {
    const saturday = at(2026, 10, 21, 7, 30)
    should(cronFault('0 6 * * 1-5')).equal(undefined)
    should(cronNext('0 6 * * 1-5', saturday)).equal(at(2026, 10, 23, 6, 0))
    should(cronNext('*/10 * * * *', saturday)).equal(at(2026, 10, 21, 7, 40))
    should(cronNext('0 0 29 2 *', saturday)).equal(at(2028, 1, 29, 0, 0))
  })
})

describe('redrive timer', () => {
  it('is due once a span', async () => {
    const { clock, due } = started(every(5 * minute))
    await clock.advance(16 * minute)
    due.length.should.equal(3)
  })

  it('is due soon after a start when its span has passed meanwhile, and only once', async () => {
    const clock = new ManualClock()
    const { due } = started(every(hour), epochMs(clock.wall() - 5 * hour), clock)
    await clock.advance(11_000)
    due.length.should.equal(1)
    await clock.advance(hour - minute)
    due.length.should.equal(1)
  })

  it('waits one span at most when the clock is set back', async () => {
    const { clock, due } = started(every(5 * minute))
    clock.setWall(clock.wall() - 24 * hour)
    await clock.advance(6 * minute)
    due.length.should.equal(1)
  })

  it('goes by the calendar when the clock is set forward', async () => {
    const { clock, due } = started({ is: 'cron', line: '0 6 * * *' })
    clock.setWall(at(2026, 10, 22, 5, 59))
    await clock.advance(2 * minute)
    due.length.should.equal(1)
    await clock.advance(hour)
    due.length.should.equal(1)
  })

  it('is never due when it is off or stopped', async () => {
    const { clock, due } = started({ is: 'off' })
    const other = started(every(minute))
    other.timer.stop()
    await clock.advance(hour)
    await other.clock.advance(hour)
    should([due, other.due, other.timer.nextAt]).eql([[], [], undefined])
    other.clock.pending.should.equal(0)
  })
})

function started(schedule: RedriveSchedule, lastAt?: EpochMs, clock = new ManualClock()) {
  const due: number[] = []
  const timer = new RedriveTimer(clock, schedule, () => due.push(clock.wall()))
  timer.start(lastAt)
  return { clock, due, timer }
}
