/**
 * Many messages at once in a real Node-RED: every seventh of 300 overlapping ones fails, in each
 * manner of failing, with and without a Catch node; and deploys of each type at random moments, in
 * which no message may count as ok that did not reach the end.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../tools/common/user-dir.js'
import { catchAll, delay, wait } from '../world/outcome-rows.js'
import { code, flowOf, part, type Scenario, writeProbePackage } from '../world/outcome-scene.js'
import { SeededRandom } from '../world/seeded-random.js'

interface Line {
  readonly scenario?: string
  readonly n?: number
  readonly outcome?: string
  readonly marked?: number
  readonly started?: boolean
}

const overlapping = 300
const manners = ['seventh-done', 'seventh-error-done', 'seventh-legacy', 'seventh-done-error']

describe('many messages at once, in a real Node-RED', function () {
  this.timeout(120_000)

  let directory: string
  let nodeRed: NodeRedProcess | undefined
  let lines: Line[]
  let heard: () => void

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-outcome-load-'))
    lines = []
    heard = () => {}
  })

  afterEach(async () => {
    await nodeRed?.kill()
    nodeRed = undefined
    rmSync(directory, { recursive: true, force: true })
  })

  it('charges each failure to its own message, and to no other', async () => {
    const scenes = manners.flatMap((type) => [sceneOf(type), sceneOf(type, true)])
    await start(flowOf(scenes))
    await until(() => endsOf(lines).length === scenes.length * overlapping)
    const wrong = endsOf(lines).filter(({ n = 0, outcome }) => {
      return outcome !== (n % 7 === 3 ? 'failed' : 'ok')
    })
    wrong.should.eql([])
  })

  const seed = Math.trunc(Number(process.env['HOLDFAST_SEED'] ?? Date.now() % 1e9))
  it(`never calls a message ok that a deploy stopped on its way (seed ${seed})`, async () => {
    const random = new SeededRandom(seed)
    const flow = flowOf([deployed])
    const running = await start([...flow, ...goers])
    let version = 0
    for (let round = 0; round < 12; round++) {
      ;(await running.fetch('/go', { method: 'POST' })).status.should.equal(200)
      const enough = marksOf(lines).length + Math.floor(random.fraction() * perRound)
      // Nothing is stopped in the first round until all have ended but the one that never does.
      if (round === 0) await until(() => endsOf(lines).length === perRound - 1)
      else await until(() => marksOf(lines).length >= enough)
      const type = ['full', 'flows', 'nodes'][round % 3] ?? 'full'
      const changed = [...flow, ...goers].map((each) =>
        random.fraction() < 0.3 && each.type !== 'tab' ? { ...each, name: `v${++version}` } : each,
      )
      await deploy(running, type, changed)
    }
    await deploy(running, 'full', [...flow, ...goers])
    await until(() => endsOf(lines).length === 12 * perRound)
    const told = new Set(endsOf(lines).map(({ n }) => n))
    told.size.should.equal(12 * perRound)
    lines.forEach(({ n, outcome }, at) => {
      if (outcome !== 'ok') return
      const reached = marksOf(lines.slice(0, at)).includes(n)
      should(reached).equal(true, `message ${n} of seed ${seed} counts as ok`)
    })
    const outcomes = new Set(endsOf(lines).map(({ outcome }) => outcome))
    should([...outcomes].sort()).eql(['interrupted', 'ok'])
  })

  async function start(flows: Flow): Promise<NodeRedProcess> {
    const userDir = join(directory, 'user')
    prepareUserDir(userDir, { packages: [checkout, writeProbePackage(directory)], flows })
    const onReport = (line: string) => {
      lines.push(JSON.parse(line))
      heard()
    }
    nodeRed = await NodeRedProcess.start({ userDir, port: await freePort(), onReport })
    return nodeRed
  }

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        heard = resolve
      })
    }
  }

  /** Resolves when the flows run again. */
  async function deploy(running: NodeRedProcess, type: string, flows: Flow): Promise<void> {
    const before = lines.filter(({ started }) => started).length
    const headers = { 'Content-Type': 'application/json', 'Node-RED-Deployment-Type': type }
    const body = JSON.stringify(flows)
    const answer = await running.fetch('/flows', { method: 'POST', headers, body })
    answer.status.should.equal(204)
    await until(() => lines.filter(({ started }) => started).length > before)
  }
})

const endsOf = (lines: readonly Line[]) => lines.filter(({ outcome }) => outcome !== undefined)
const marksOf = (lines: readonly Line[]) =>
  lines.filter(({ marked }) => marked !== undefined).map(({ marked }) => marked)

/** The node that fails, and a healthy branch beside it that keeps messages overlapping. */
function sceneOf(type: string, isCaught = false): Scenario {
  return {
    name: `${type}${isCaught ? ', caught' : ''}`,
    chains: [
      [part(type), part('probe-mark')],
      [part('done-async'), code('return msg')],
    ],
    beside: isCaught ? [[catchAll, wait]] : [],
    messages: overlapping,
    timeoutMs: 60_000,
  }
}

const perRound = 40

/** The last message of each round stays where it is until a deploy stops it. */
const deployed: Scenario = {
  name: 'deployed',
  chains: [
    [
      ...[
        code(`return msg.n % ${perRound} === ${perRound - 1} ? new Promise(() => {}) : msg`),
        delay('random'),
        code('setTimeout(() => { node.send(msg); node.done() }, 5); return null'),
      ],
      ...[part('done-async'), wait, part('legacy-sync'), part('probe-mark', { isTold: true })],
    ],
  ],
  messages: perRound,
  isLate: true,
  timeoutMs: 60_000,
}

/** `POST /go` makes the source send. */
const goers: Flow = [
  {
    ...{ id: 'goin', type: 'http in', z: 'goers', url: '/go', method: 'post', x: 100, y: 100 },
    wires: [['goset', 'goout']],
  },
  { ...code('return { go: true }'), id: 'goset', z: 'goers', x: 200, y: 100, wires: [['golink']] },
  {
    ...{ id: 'golink', type: 'link out', z: 'goers', mode: 'link', links: ['golinkin'] },
    ...{ x: 300, y: 100, wires: [] },
  },
  { id: 'golinkin', type: 'link in', z: 't0', links: ['golink'], x: 50, y: 100, wires: [['t0s']] },
  { id: 'goout', type: 'http response', z: 'goers', x: 300, y: 200, wires: [] },
  { id: 'goers', type: 'tab', label: 'Goers' },
]
