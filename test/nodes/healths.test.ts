/** Where monitors and followers meet: what is known while a deploy replaces one, and after. */

import should from 'should'
import { Healths, type OpenMonitor } from '../../nodes/common/healths.js'
import { ms } from '../../src/base/units.js'
import type { MonitorReport } from '../../src/observe/health-document.js'
import { freshHealth, type HealthStatus } from '../../src/policy/health-state.js'
import { ManualClock } from '../world/manual-clock.js'

describe('the registry of health monitors', () => {
  const scene = () => {
    const clock = new ManualClock()
    const healths = new Healths(clock)
    const heard: HealthStatus[] = []
    const end = healths.watch('m', (status) => heard.push(status))
    return { clock, healths, heard, end }
  }

  it('tells those who follow what a monitor has found, each time', () => {
    const { healths, heard, end } = scene()
    let status: HealthStatus = 'healthy'
    healths.open(
      'm',
      monitor(() => status),
    )
    healths.told('m')
    healths.told('m')
    status = 'unhealthy'
    healths.told('m')
    end()
    healths.told('m')
    heard.should.eql(['healthy', 'healthy', 'unhealthy'])
  })

  it('knows nothing of a monitor that is not there', () => {
    should(scene().healths.statusOf('m')).equal('unknown')
  })

  it('holds to what a monitor knew while a deploy replaces it', () => {
    const { healths, heard } = scene()
    const shut = healths.open(
      'm',
      monitor(() => 'unhealthy'),
    )
    const health = unhealthy()
    healths.keep('m', 'checks', health)
    shut()
    heard.should.eql(['unhealthy'])
    should(healths.statusOf('m')).equal('unhealthy')
    should(healths.taken('m', 'checks')).equal(health)
  })

  it('forgets it after 5 s, and tells those who follow', async () => {
    const { clock, healths, heard } = scene()
    healths.keep('m', 'checks', unhealthy())
    await clock.advance(4999)
    should(healths.statusOf('m')).equal('unhealthy')
    await clock.advance(1)
    should(healths.statusOf('m')).equal('unknown')
    heard.should.eql(['unknown'])
    should(healths.taken('m', 'checks')).be.undefined()
  })

  it('gives nothing to a monitor with other checks', async () => {
    const { clock, healths } = scene()
    healths.keep('m', 'checks', unhealthy())
    should(healths.taken('m', 'others')).be.undefined()
    clock.pending.should.equal(0)
  })
})

const monitor = (status: () => HealthStatus): OpenMonitor => ({
  ...{ status, shows: 'off' },
  report: (): MonitorReport => {
    throw new Error('nobody asks')
  },
})

function unhealthy() {
  const clock = new ManualClock()
  const settings = { interval: ms(1000), checks: [{ isCritical: true }] }
  return { ...freshHealth(settings, clock.monotonic(), 0), status: 'unhealthy' as const }
}
