/**
 * What a deploy, a restart and a `kill -9` leave of guarded work, in a real Node-RED: no message
 * counts as ok that did not reach the end, no place and no probe stays taken, and a breaker comes
 * back in the state that it was in, unless that is too old. Waits for ends, never for a time.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { guardId, laneOf, Plant, request } from '../world/guarded-plant.js'
import { writeProbePackage } from '../world/outcome-scene.js'
import { SeededRandom } from '../world/seeded-random.js'
import { ShakyServer } from '../world/shaky-server.js'

const rounds = 9
const messages = 40

describe('guarded work, in a real Node-RED', function () {
  this.timeout(60_000)

  let directory: string
  let server: ShakyServer
  let plant: Plant

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-deploys-'))
    server = await ShakyServer.open()
  })

  afterEach(async () => {
    await plant?.kill()
    await server?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  const seed = Math.trunc(Number(process.env['HOLDFAST_SEED'] ?? Date.now() % 1e9))
  it(`survives deploys at random moments with no false ok and nothing stuck (seed ${seed})`, async () => {
    const random = new SeededRandom(seed)
    const flow = laneOf({ name: 'lane', guards, work: [slowly, requestFor(server)] })
    plant = new Plant(join(directory, 'user'), server.url, flow, [writeProbePackage(directory)])
    server.answer = (path, call) => {
      const n = Number(path.split('/')[2])
      return n % 10 === 7 || (n % 4 === 1 && call === 1) ? 503 : 200
    }
    await plant.start()
    for (let round = 0; round < rounds; round++) {
      await plant.go('lane', 1)
      const enough = plant.lines.length + Math.floor(random.fraction() * messages)
      await plant.until(() => plant.lines.length >= enough)
      const type = (['full', 'flows', 'nodes'] as const)[round % 3] ?? 'full'
      const changed = flow.map((node) =>
        random.fraction() < 0.3 && node.type !== 'tab' ? { ...node, name: `v${round}` } : node,
      )
      await plant.deploy(changed, type)
    }
    const told = () => plant.lines.filter(({ outcome }) => outcome !== undefined)
    await plant.until(() => told().length === rounds * messages)
    new Set(told().map(({ n }) => n)).size.should.equal(rounds * messages)
    plant.lines.forEach(({ n, outcome }, at) => {
      if (outcome !== 'ok') return
      const hasReached = plant.lines.slice(0, at).some((line) => line.reached && line.n === n)
      should(hasReached).be.true(`message ${n} of seed ${seed} counts as ok`)
    })
    told()
      .some(({ outcome }) => outcome === 'interrupted')
      .should.be.true()
    await areFree()
    server.answer = () => 200
    for (
      let ended = told().length;
      (await states())[2]?.['state'] !== 'closed';
      ended += messages
    ) {
      await plant.go('lane', 1)
      await plant.until(() => told().length === ended + messages)
    }
    await areFree()
  })

  it('takes work that a deploy cut off inside for no failure, and tells it once', async () => {
    const flow = laneOf({ name: 'cut', guards: cutGuards, work: [{ ...slowly, ...forEver }] })
    plant = new Plant(join(directory, 'user'), server.url, flow, [writeProbePackage(directory)])
    await plant.start()
    await plant.go('cut', 3)
    const changed = flow.map((each) => (each.type === 'delay' ? { ...each, name: 'new' } : each))
    await plant.deploy(changed, 'nodes')
    await plant.ended('cut', 3)
    const [state] = (await plant.order('cut', 0, 'status')) as Record<string, unknown>[]
    should(state).containEql({ state: 'closed', inFlight: 0, calls: 0, failed: 0 })
    const heard = plant.of('cut').filter(({ caught }) => caught !== undefined)
    should(heard.map(({ caught, code }) => [caught, code])).eql(
      Array.from({ length: 3 }, () => ['resilience-retry', 'INTERRUPTED']),
    )
  })

  it('finds a breaker as it was after kill -9, restart and deploy, unless that is too old', async () => {
    await startKept()
    server.answer = () => 503
    await plant.go('kept', 3)
    await plant.ended('kept', 3)
    const opened = await breaker()
    should(opened).containEql({ state: 'open', cause: 'consecutive' })
    await plant.order('kept', 0, { command: 'drop', key: 'nobody' }) // answers when all is on disk
    for (const again of [() => plant.kill(), () => plant.stop()]) {
      await again()
      await plant.start()
      await isStill(opened)
    }
    await plant.deploy(kept, 'full')
    await isStill(opened)
    const calls = [...server.calls.values()].reduce((sum, each) => sum + each, 0)
    await plant.go('kept', 1, 3)
    await plant.until(() => plant.lines.some(({ n, aside }) => n === 3 && aside === 'refused'))
    calls.should.equal(3)
    await plant.stop()
    writtenEarlier(11 * 60_000)
    await plant.start()
    await plant.go('kept', 1, 4)
    await plant.until(() => plant.lines.some(({ n, reached }) => n === 4 && reached === true))
    should(await breaker()).containEql({ state: 'closed' })
  })

  it('keeps what a person ordered after kill -9, however old', async () => {
    await startKept()
    await plant.order('kept', 0, { command: 'isolate', by: 'ann' })
    await plant.kill()
    writtenEarlier(86_400_000)
    await plant.start()
    should(await breaker()).containEql({ state: 'isolated', by: 'ann' })
  })

  const states = async (): Promise<Record<string, unknown>[]> => {
    const answers = await Promise.all([1, 2, 3].map((at) => plant.order('lane', at, 'status')))
    return answers.map((answer) => ([answer].flat() as Record<string, unknown>[])[0] ?? {})
  }

  /** Until every place is free: what a deploy cut off outside may still be at work inside. */
  const areFree = async (): Promise<void> => {
    const isBusy = ({ inFlight, trying, waiting = 0 }: Record<string, unknown>): boolean =>
      (inFlight ?? trying ?? 0) !== 0 || waiting !== 0
    while ((await states()).some(isBusy));
  }

  const startKept = async (): Promise<void> => {
    plant = new Plant(join(directory, 'user'), server.url, kept, [writeProbePackage(directory)])
    await plant.start()
  }

  const breaker = async (): Promise<Record<string, unknown>> => {
    const [first] = (await plant.order('kept', 0, 'status')) as Record<string, unknown>[]
    return first ?? {}
  }

  /** The moment of the next try moves with the clocks of two processes, by less than a second. */
  const isStill = async (opened: Record<string, unknown>): Promise<void> => {
    const found = await breaker()
    should(found).containEql({ state: 'open', cause: 'consecutive' })
    const moved = Number(found['retryAt']) - Number(opened['retryAt'])
    Math.abs(moved).should.below(1000)
  }

  const writtenEarlier = (spanMs: number): void => {
    const path = join(directory, 'user', 'resilience', guardId('kept', 0), 'BREAKER.json')
    const { at, ...rest } = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify({ ...rest, at: at - spanMs }))
  }
})

const slowly = {
  ...{ type: 'delay', pauseType: 'random', randomFirst: '1', randomLast: '20' },
  randomUnits: 'milliseconds',
}
const requestFor = ({ url }: ShakyServer) => ({ ...request, url: `${url}/lane/{{n}}` })
const guards = [
  { type: 'probe-source', scenario: 'lane', isLate: true, messages, timeoutMs: 60_000 },
  { type: 'resilience-bulkhead', maxInFlight: '8', maxWait: '1h' },
  {
    ...{ type: 'resilience-retry', attempts: '3', backoffInitial: '10ms', backoffMax: '60ms' },
    retryBudget: 'off',
  },
  { type: 'circuit-breaker', consecutiveFailures: '3', backoffInitial: '30ms', backoffMax: '60ms' },
]
const forEver = { pauseType: 'delay', timeout: '1', timeoutUnits: 'hours' }
const cutGuards = [
  { type: 'circuit-breaker', consecutiveFailures: '1' },
  { type: 'resilience-retry' },
]
const kept = laneOf({
  name: 'kept',
  guards: [{ type: 'circuit-breaker', consecutiveFailures: '3', backoffInitial: '5m' }],
  work: [request],
})
