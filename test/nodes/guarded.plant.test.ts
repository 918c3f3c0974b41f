/**
 * Breaker, retry and bulkhead in every order around `http request`, in a real Node-RED, in front of
 * a server that fails in every way: no message is lost or told twice, the server is not asked more
 * often than the retry may, and when it is well again nothing is stuck. Waits for ends, never for a
 * time.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { endsOf, type Lane, type Line, laneOf, Plant, request } from '../world/guarded-plant.js'
import { type Answer, ShakyServer } from '../world/shaky-server.js'

const breaker = {
  ...{ type: 'circuit-breaker', consecutiveFailures: '3', backoffInitial: '50ms' },
  backoffMax: '100ms',
}
const attempts = 3
const retry = {
  ...{
    type: 'resilience-retry',
    attempts: `${attempts}`,
    backoffInitial: '20ms',
    backoffMax: '100ms',
  },
  ...{ retryBudget: 'off', deadline: '1m' },
}
const bulkhead = {
  ...{ type: 'resilience-bulkhead', maxInFlight: '2', maxWaiting: '1000', maxWait: '1h' },
}
const kinds = { breaker, retry, bulkhead }
type Kind = keyof typeof kinds

const orders: readonly (readonly Kind[])[] = [
  ['breaker', 'retry', 'bulkhead'],
  ['breaker', 'bulkhead', 'retry'],
  ['retry', 'breaker', 'bulkhead'],
  ['retry', 'bulkhead', 'breaker'],
  ['bulkhead', 'retry', 'breaker'],
  ['bulkhead', 'breaker', 'retry'],
  ['retry', 'breaker'],
  ['bulkhead', 'bulkhead', 'retry'],
  ['breaker', 'breaker', 'retry'],
]
const nameOf = (order: readonly Kind[]) => order.join('')
const lanes: Lane[] = orders.map((order) => ({
  name: nameOf(order),
  guards: order.map((kind) => kinds[kind]),
  work: [request],
}))
const double = { name: 'retryretry', guards: [retry, retry], work: [request] }
const throwing = {
  name: 'throwing',
  guards: [bulkhead, retry, { ...breaker, consecutiveFailures: 'off', failureRate: '100%' }],
  work: [{ type: 'function', func: "throw new Error('jammed')", outputs: 1, libs: [] }],
}
const names = orders.map(nameOf)
const messages = 20
const all = Array.from({ length: messages }, (_, n) => n)

describe('guards around http request, in a real Node-RED', function () {
  this.timeout(60_000)

  let directory: string
  let server: ShakyServer
  let plant: Plant
  /** What was reported until the server was well again. */
  let sickLines: readonly Line[]

  /** All lanes at once: each also shows that the others do not disturb it. */
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-plant-'))
    server = await ShakyServer.open()
    const flows = [...lanes, double, throwing].flatMap(laneOf)
    plant = new Plant(join(directory, 'user'), server.url, flows)
    await plant.start()
    server.answer = answerWhileSick
    await Promise.all([...names, 'retryretry', 'throwing'].map((lane) => sendTo(lane, 0)))
    sickLines = [...plant.lines]
    server.answer = () => 200
    await Promise.all(orders.map(untilWell))
    await Promise.all(names.map((lane) => sendTo(lane, 1000)))
  })

  after(async () => {
    await plant?.kill()
    await server?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  for (const order of orders) {
    const lane = nameOf(order)

    describe(order.join(' around '), () => {
      it('ends each message once while the server fails', () => {
        const lines = sickLines.filter((line) => line.lane === lane)
        endsOf(lines).sort(ascending).should.eql(all)
        const reached = new Set(lines.flatMap((line) => (line.reached === true ? [line.n] : [])))
        const aside = new Set(lines.flatMap((line) => (line.aside === undefined ? [] : [line.n])))
        all.filter((n) => !reached.has(n) && !aside.has(n)).should.eql([])
      })

      it('asks the server no more often for a message than the retry may', () => {
        const most = Math.max(...all.map((n) => server.calls.get(`/${lane}/${n}`) ?? 0))
        most.should.belowOrEqual(attempts)
      })

      it('reports no error of its own', () => {
        const heard = plant.of(lane).flatMap(({ caught }) => (caught === undefined ? [] : [caught]))
        heard.filter((type) => type !== 'http request').should.eql([])
      })

      it('lets every message through when the server is well again, with nothing stuck', async () => {
        const passed = plant.of(lane).filter(({ n = 0, reached }) => reached === true && n >= 1000)
        passed.length.should.equal(messages)
        should(await figuresOf(order)).eql(order.map(() => atRest))
      })

      if (!order.includes('bulkhead')) return
      it('never asks for more at once than there are places', () => {
        should(server.peak.get(lane)).belowOrEqual(2)
      })
    })
  }

  it('multiplies attempts where a retry stands around a retry, and no more', () => {
    const calls = all.map((n) => server.calls.get(`/retryretry/${n}`) ?? 0)
    Math.max(...calls).should.equal(attempts * attempts)
  })

  it('lets Catch hear of each failure once, from the node that failed', () => {
    const heard = plant
      .of('throwing')
      .flatMap(({ caught }) => (caught === undefined ? [] : [caught]))
    heard.should.eql(Array.from({ length: messages * attempts }, () => 'function'))
  })

  /** Resolves when the outermost guard is done with each. */
  async function sendTo(lane: string, from: number): Promise<void> {
    const ended = endsOf(plant.of(lane)).length
    await plant.go(lane, messages, from)
    await plant.ended(lane, ended + messages)
  }

  /** Sends one message after another until each breaker of the lane has closed. */
  async function untilWell(order: readonly Kind[]): Promise<void> {
    const lane = nameOf(order)
    for (let n = messages; !(await areClosed(order)); n++) {
      const ended = endsOf(plant.of(lane)).length
      await plant.go(lane, 1, n)
      await plant.ended(lane, ended + 1)
    }
  }

  async function areClosed(order: readonly Kind[]): Promise<boolean> {
    const states = await Promise.all(order.map((_, at) => statusOf(order, at)))
    return states.every(({ state = 'closed' }) => state === 'closed')
  }

  async function figuresOf(order: readonly Kind[]): Promise<object[]> {
    const states = await Promise.all(order.map((_, at) => statusOf(order, at)))
    return states.map(({ inFlight, trying, waiting = 0 }) => ({ out: inFlight ?? trying, waiting }))
  }

  /** Of its only key. */
  async function statusOf(order: readonly Kind[], at: number): Promise<Record<string, unknown>> {
    const answer = await plant.order(nameOf(order), at, 'status')
    const [first] = [answer].flat() as Record<string, unknown>[]
    return first ?? {}
  }
})

const atRest = { out: 0, waiting: 0 }

const ascending = (a: number, b: number): number => a - b

/** Every third path never works; of the others some do at their second call, some at once. */
function answerWhileSick(path: string, call: number): Answer {
  const n = Number(path.split('/')[2])
  const never = [503, 'broken', 429] as const
  if (n % 3 === 0) return never[n % 7] ?? 503
  if (n % 7 === 5) return 404
  return n % 3 === 1 && call === 1 ? 500 : 200
}
