/**
 * The reference of `health-monitor` in REFERENCE.md, compared with what it writes, answers and shows:
 * the same fields with values of the same kind, no more and no fewer, and all commands.
 */

import should from 'should'
import { healthMonitor } from '../../nodes/health-monitor/health-monitor.js'
import { epochMs, ms } from '../../src/base/units.js'
import { healthAnswer, type MonitorReport } from '../../src/observe/health-document.js'
import { textOf } from '../house/sources.js'
import { codeOf, GuardedFlow, section } from '../world/guarded-flow.js'
import { isLike, written } from '../world/reference-json.js'

describe('the reference of health-monitor', () => {
  let flow: GuardedFlow

  beforeEach(() => {
    flow = new GuardedFlow()
    flow.network.serve('erp.local:80', { http: () => ({ status: 503, text: '' }) })
  })

  afterEach(() => flow.stop())

  it('has what it tells, asks and answers', async () => {
    await start({ kind: 'http', url: 'http://erp.local/' })
    await flow.order('check')
    isLike(await status(), written('The answer of `health-monitor` to `status`'))
    for (let i = 0; i < 2; i++) await flow.order('check')
    isLike(flow.machine.given[0], written('Told by `health-monitor`'))
    await flow.stop()
    await start({ kind: 'flow', label: 'plc' })
    flow.clock.advance(100)
    flow.give({ resilience: { command: 'check' } })
    await flow.aside.first(1)
    isLike(flow.aside.all[0], written('Asked by `health-monitor`'))
  })

  it('has the document', () => {
    const at = epochMs(flow.clock.wall())
    const check = {
      label: 'erp.local',
      kind: 'http',
      status: 'healthy',
      at,
      latencyMs: ms(12),
    } as const
    const who = { id: '1122', name: 'ERP', countsForReady: true, isDetailed: true }
    const monitor: MonitorReport = { ...who, status: 'healthy', sinceAt: at, checks: [check] }
    const runtime = { isReady: true, waitsFor: [], upSinceAt: at }
    const { body } = healthAnswer('health', [monitor], runtime, true)
    isLike(body, written('The health document'))
  })

  it('lists every command, and no other', async () => {
    await start({ kind: 'http', url: 'http://erp.local/' })
    const names = ['status', 'check', 'pause', 'resume', 'reset']
    for (const name of names) should(await flow.order(name)).be.ok()
    await flow.send({ resilience: { command: '?' } })
    flow.caught.all.map(codeOf).should.eql(['COMMAND_UNKNOWN'])
    const [, reference = ''] = textOf('REFERENCE.md').split('\n## Reference of `health-monitor`')
    const [table = ''] = reference.split('\nTold by')
    const rows = [...table.matchAll(/^\| (`[^|]*)/gm)].map(([, row = '']) => row)
    const told = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, word = '']) => word))
    told.should.eql(names)
  })

  const start = (row: object): Promise<void> =>
    flow.start([healthMonitor], { type: 'health-monitor', probes: [row], interval: '1d' })

  const status = async (): Promise<unknown> => {
    await flow.order('status')
    return section(flow.aside.all.findLast((msg) => section(msg)['answer'] !== undefined))['answer']
  }
})
