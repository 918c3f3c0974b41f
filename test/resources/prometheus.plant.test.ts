/**
 * A real Prometheus scrapes a real Node-RED with the scrape config that is shipped, and answers
 * queries and alert rules with what a queue in that Node-RED holds. Whoever has no token gets
 * nothing, and without one in the settings there is nothing.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../tools/common/user-dir.js'
import { textOf } from '../house/sources.js'
import { valueIn } from '../world/metric-lines.js'
import { type Found, Prometheus } from '../world/prometheus.js'

const token = 'a token of 24 characters'.replaceAll(' ', '-')

describe('a Prometheus in front of Node-RED', function () {
  this.timeout(120_000)

  let userDir: string
  let nodeRed: NodeRedProcess | undefined
  let prometheus: Prometheus | undefined

  beforeEach(() => {
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-scraped-'))
  })

  afterEach(async () => {
    await prometheus?.stop()
    await nodeRed?.stop()
    prometheus = undefined
    rmSync(userDir, { recursive: true, force: true })
  })

  it('knows what waits in a queue, and what the rules say of it', async function () {
    nodeRed = await start({ resilience: { metricsToken: token } })
    for (let count = 0; count < 9; count++) await nodeRed.inject('inject')
    prometheus = await Prometheus.start(this, {
      'prometheus.yml': textOf('resources/prometheus.yml')
        .replace(/_interval: 15s/g, '_interval: 1s')
        .replace(/- gateway-1.*\n.*gateway-2.*\n/, `- ${new URL(nodeRed.url).host}\n`),
      'prometheus-rules.yml': textOf('resources/prometheus-rules.yml'),
      'metrics-token': token,
    })
    const waiting = 'resilience_queue_messages{name="orders"}'
    const [{ metric, value }] = await until(waiting, '9')
    should(metric).containEql({ node: 'queue', job: 'node-red-resilience' })
    should(value[1]).equal('9')
    const difference = 'resilience_balance_difference{name="orders"}'
    should((await until(difference, '0')).length).equal(1)
    const pending = 'ALERTS{alertname="ResilienceQueueNearFull"}'
    should((await until(pending, '1'))[0].metric).containEql({ alertstate: 'pending' })
  })

  it('gets nothing without the token', async () => {
    const metricsToken = `${token}\n` // as it is read from a file
    nodeRed = await start({ resilience: { metricsToken, metricsPath: '/plant/metrics' } })
    const ask = (path: string, authorization?: string) =>
      nodeRed?.fetch(path, authorization === undefined ? {} : { headers: { authorization } })
    const path = '/plant/metrics'
    for (const wrong of [undefined, 'Bearer', `Bearer ${token}x`, `Basic ${token}`, token]) {
      const answer = await ask(path, wrong)
      should(answer?.status).equal(401, String(wrong))
      should(answer?.headers.get('www-authenticate')).equal('Bearer')
      should(await answer?.text()).equal('')
    }
    const right = await ask(path, `Bearer ${token}`)
    should(right?.headers.get('content-type')).startWith('text/plain; version=0.0.4')
    const messages = async () => {
      const text = await (await ask(path, `Bearer ${token}`))?.text()
      return valueIn(text ?? '', 'resilience_queue_messages', { name: 'orders' })
    }
    let count = await messages()
    while (count === undefined) count = await messages() // its queue is not open yet
    should(count).equal(0)
    should((await ask(`${path}/deeper`, `Bearer ${token}`))?.status).equal(404)
    should((await ask('/metrics', `Bearer ${token}`))?.status).equal(404)
    should((await ask('/plant/own', `Bearer ${token}`))?.status).equal(200)
    const shipped = await ask('/resources/@holdfast/node-red-resilience/grafana-dashboard.json')
    should(await shipped?.json()).have.property('uid', 'holdfast-resilience')
    const inside = (await (await ask('/resilience/metrics'))?.text()) ?? ''
    should(valueIn(inside, 'resilience_queue_messages', { name: 'orders' })).equal(0)
  })

  it('finds nothing where no token is set, and a flow that answers there itself', async () => {
    nodeRed = await start({})
    should((await nodeRed.fetch('/metrics')).status).equal(404)
    await nodeRed.stop()
    nodeRed = await start({ resilience: { metricsToken: token, metricsPath: 'plant/own' } })
    should(await (await nodeRed.fetch('/plant/own')).text()).equal('mine')
  })

  it('leaves a path to a flow whose node has it from a variable, within a subflow', async () => {
    const log: string[] = []
    const resilience = { metricsToken: token, metricsPath: '/plant/inner' }
    nodeRed = await start({ resilience }, log)
    should(await (await nodeRed.fetch('/plant/inner')).text()).equal('inner')
    should(log.filter((line) => line.includes('answers at /plant/inner itself'))).have.length(1)
  })

  it('starts whatever the section says, and the log says what must be changed', async () => {
    const log: string[] = []
    const resilience = { metricsToken: token, metricsPath: '/me(trics', healthPath: '/:x*', dir: 5 }
    nodeRed = await start({ resilience }, log)
    should((await nodeRed.fetch('/metrics')).status).equal(401)
    should((await nodeRed.fetch('/anything')).status).equal(404)
    const told = log.flatMap((line) => /settings\.js: (\S+) must be (.*)\./.exec(line)?.[0] ?? [])
    const path = 'a path such as /plant/health, of letters, digits and . _ ~ -'
    const end = 'Correct it and restart Node-RED.'
    told.should.eql([
      `settings.js: resilience.dir must be a text in quotes. ${end}`,
      `settings.js: resilience.metricsPath must be ${path}. ${end}`,
      `settings.js: resilience.healthPath must be ${path}. ${end}`,
    ])
  })

  async function start(settings: object, log: string[] = []): Promise<NodeRedProcess> {
    prepareUserDir(userDir, { packages: [checkout], flows, settings: { ...settings } })
    const port = await freePort()
    return NodeRedProcess.start({ userDir, port, onLog: (line) => log.push(line) })
  }

  /** Asks until the first series has this value. */
  async function until(expr: string, wanted: string): Promise<readonly [Found, ...Found[]]> {
    for (;;) {
      const [first, ...rest] = (await prometheus?.query(expr)) ?? []
      if (first?.value[1] === wanted) return [first, ...rest]
    }
  }
})

const at = { z: 'tab', x: 100, y: 100 }

const flows: Flow = [
  { id: 'tab', type: 'tab', label: 'Line 1' },
  { ...at, id: 'inject', type: 'inject', props: [{ p: 'payload' }], wires: [['queue']] },
  {
    ...{ ...at, id: 'queue', type: 'persistent-queue', name: 'orders', maxMessages: '10' },
    ...{ freeDisk: '0B', wires: [[], []] },
  },
  {
    ...{ ...at, id: 'own', type: 'http in', url: '/plant/own', method: 'get' },
    wires: [['mine']],
  },
  {
    ...{
      ...at,
      id: 'mine',
      type: 'function',
      func: "msg.payload = 'mine'; return msg",
      outputs: 1,
    },
    wires: [['answer']],
  },
  { ...at, id: 'answer', type: 'http response', wires: [] },
  { id: 'inner', type: 'subflow', name: 'inner', env: [{ name: 'PAGE', type: 'str', value: '' }] },
  {
    ...{ id: 'inner-in', z: 'inner', type: 'http in', url: `\${PAGE}`, method: 'get' },
    ...{ x: 100, y: 100, wires: [['inner-change']] },
  },
  {
    ...{ id: 'inner-change', z: 'inner', type: 'change', x: 100, y: 100, wires: [['inner-out']] },
    rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'inner', tot: 'str' }],
  },
  { id: 'inner-out', z: 'inner', type: 'http response', x: 100, y: 100, wires: [] },
  {
    ...{ ...at, id: 'instance', type: 'subflow:inner', wires: [] },
    env: [{ name: 'PAGE', type: 'str', value: '/plant/inner' }],
  },
]
