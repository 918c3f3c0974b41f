/** What `/health` answers, row by row: for each question, of several monitors and this process. */

import should from 'should'
import { epochMs, ms } from '../../src/base/units.js'
import {
  type CheckReport,
  healthAnswer,
  type MonitorReport,
  type ProcessReport,
  type Question,
  type Verdict,
} from '../../src/observe/health-document.js'

describe('the answer to a question about health', () => {
  const rows: readonly (readonly [readonly Verdict[], string, string])[] = [
    [[], 'pass 200', 'pass 200'],
    [['healthy'], 'pass 200', 'pass 200'],
    [['degraded'], 'warn 200', 'warn 200'],
    [['unhealthy'], 'fail 503', 'fail 503'],
    [['unknown'], 'warn 200', 'fail 503'],
    [['healthy', 'degraded'], 'warn 200', 'warn 200'],
    [['healthy', 'unhealthy'], 'fail 503', 'fail 503'],
    [['healthy', 'unknown'], 'warn 200', 'fail 503'],
  ]
  for (const [verdicts, health, ready] of rows) {
    it(`is ${health}, ready ${ready}, with ${verdicts.join(' and ') || 'no monitor'}`, () => {
      const monitors = verdicts.map((status) => monitor({ status }))
      should(told('health', monitors)).equal(health)
      should(told('ready', monitors)).equal(ready)
      should(told('live', monitors)).equal('pass 200')
    })
  }

  it('leaves out of ready what does not count for it', () => {
    const apart = monitor({ status: 'unhealthy', countsForReady: false })
    should(told('ready', [apart, monitor({})])).equal('pass 200')
    should(told('health', [apart, monitor({})])).equal('fail 503')
  })

  it('is never ready before all is open, and alive before that', () => {
    const starting: ProcessReport = {
      ...runtime,
      isReady: false,
      waitsFor: ['orders is not open.'],
    }
    should(told('ready', [monitor({})], starting)).equal('fail 503')
    should(told('live', [monitor({})], starting)).equal('pass 200')
    const { body } = healthAnswer('ready', [], starting, true)
    should(body).containEql({ notes: ['orders is not open.'] })
  })

  it('tells whoever asks no more than the verdict, unless the monitor shows its checks', () => {
    const open = monitor({ id: 'a', name: 'open', isDetailed: true })
    const shut = monitor({ id: 'b', name: 'secret' })
    const { body } = healthAnswer('health', [open, shut], runtime, false)
    should(Object.keys(body)).eql(['status', 'checks'])
    should(Object.keys(body['checks'] as object)).eql(['open:responseTime'])
    should(healthAnswer('health', [shut], runtime, false).body).eql({ status: 'pass' })
    should(JSON.stringify(body)).not.containEql('secret')
  })

  it('tells all to those who may know, two of one name apart by their ids', () => {
    const both = [monitor({ id: 'a' }), monitor({ id: 'b' })]
    const { body } = healthAnswer('health', both, runtime, true)
    should(body['checks']).match({
      'ERP:responseTime': [{ componentId: 'a' }, { componentId: 'b' }],
    })
  })

  it('tells each check in the words of the draft', () => {
    const { body } = healthAnswer('health', [monitor({})], runtime, true)
    should(body).eql({
      ...{ status: 'pass', upSince: '2026-01-01T00:00:00.000Z' },
      checks: {
        'ERP:responseTime': [
          {
            ...{ componentId: 'a', componentType: 'system', label: 'page', kind: 'http' },
            ...{ status: 'fail', observedValue: 41, observedUnit: 'ms' },
            ...{ time: '2026-01-01T00:00:00.000Z', output: 'answered 503' },
          },
        ],
      },
    })
  })

  const told = (question: Question, monitors: readonly MonitorReport[], process = runtime) => {
    const { code, body } = healthAnswer(question, monitors, process, false)
    return `${body['status']} ${code}`
  }
})

const at = epochMs(Date.UTC(2026, 0, 1))
const runtime: ProcessReport = { isReady: true, waitsFor: [], upSinceAt: at }

function monitor(fields: Partial<MonitorReport>): MonitorReport {
  const who = { id: 'a', name: 'ERP', sinceAt: at, countsForReady: true, isDetailed: false }
  const what = { label: 'page', kind: 'http', at, latencyMs: ms(41), text: 'answered 503' }
  const check: CheckReport = { ...what, status: 'unhealthy' }
  return { ...who, status: 'healthy', checks: [check], ...fields }
}
