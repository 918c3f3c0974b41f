/**
 * Flows with guards in any order around work, in a real Node-RED: messages go in by HTTP, and what
 * becomes of each is reported line by line. It builds flows and waits for reports, never for a
 * time; what they should say, the tests know.
 */

import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, type FlowNode, prepareUserDir } from '../../tools/common/user-dir.js'

/** What is said of one message; `n` is its number. */
export interface Line {
  readonly lane?: string
  /** A `probe-source` tells how its message ended, and that the flows have started. */
  readonly outcome?: string
  readonly started?: true
  readonly n?: number
  /** Went through all of the work. */
  readonly reached?: true
  /** The outermost guard has called `done()` for it. */
  readonly done?: true
  /** Left on a second output; of which guard, its `breaker`, `bulkhead` or `attempt` tells. */
  readonly aside?: string
  /** A Catch node heard: type of the node, code of the error. */
  readonly caught?: string
  readonly code?: string
  readonly answer?: { readonly node: string; readonly command: string; readonly result: unknown }
}

export interface Lane {
  readonly name: string
  /** Outermost first; their fields, without place and wires. */
  readonly guards: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[]
  /** Behind the guards, one after another. */
  readonly work: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[]
}

/** Id of a guard, counted from 0 at the outside. */
export const guardId = (lane: string, at: number): string => `${lane}g${at}`

/** The flow of a lane. `POST /go/<lane>?from=0&count=3` sends three messages into it. */
export function laneOf({ name, guards, work }: Lane): Flow {
  const id = (what: string) => `${name}${what}`
  const say = (what: string, about: string, wires: string[][] = [[]]): FlowNode =>
    code(id(what), `global.get('report')(JSON.stringify({ lane: '${name}', ${about} }))`, wires)
  const rows = [
    ...guards.map((guard, at) => ({ ...guard, id: guardId(name, at), out: [id('aside')] })),
    ...work.map((node, at) => ({ ...node, id: id(`w${at}`), out: undefined })),
  ]
  const chain = rows.map(({ out, ...node }, at): FlowNode => {
    const next = rows[at + 1]?.id ?? id('reached')
    return { ...node, wires: out === undefined ? [[next]] : [[next], out] }
  })
  const orders = guards.map((_, at) => [guardId(name, at)])
  const parts: readonly FlowNode[] = [
    httpIn(id('in'), `/go/${name}`, [[id('start')]]),
    code(id('start'), startText, [[guardId(name, 0)], [id('out')]]),
    httpIn(id('orders'), `/order/${name}/:at`, [[id('order')]]),
    code(id('order'), orderText(guards.length), [...orders, [id('out')]]),
    { id: id('out'), type: 'http response', wires: [] },
    ...chain,
    say('reached', 'n: msg.n, reached: true'),
    code(id('aside'), asideText(name), [[]]),
    { id: id('catch'), type: 'catch', scope: null, wires: [[id('caught')]] },
    say('caught', 'n: msg.n, caught: msg.error.source.type, code: msg.error.code'),
    { id: id('complete'), type: 'complete', scope: [guardId(name, 0)], wires: [[id('done')]] },
    say('done', 'n: msg.n, done: true'),
  ]
  const placed = parts.map((node) => ({ z: id('tab'), x: 300, y: 100, ...node }))
  return [{ id: id('tab'), type: 'tab', label: name }, ...placed]
}

const startText = `const { from = 0, count = 1 } = msg.req.query
const url = env.get('PLANT_URL')
for (let n = Number(from); n < Number(from) + Number(count); n++) {
  const lane = msg.req.path.split('/')[2]
  node.send([{ n, go: true, url: url + '/' + lane + '/' + n }, null])
}
return [null, { req: msg.req, res: msg.res, payload: 'sent' }]`

const orderText = (guards: number) => `const outputs = Array(${guards + 1}).fill(null)
outputs[Number(msg.req.params.at)] = { payload: {}, resilience: msg.payload }
outputs[${guards}] = { req: msg.req, res: msg.res, payload: 'ordered' }
return outputs`

const asideText = (lane: string) => `const { answer, reason } = msg.resilience
const about = answer ? { answer } : { n: msg.n, aside: reason }
global.get('report')(JSON.stringify({ lane: '${lane}', ...about }))`

const code = (id: string, func: string, wires: readonly (readonly string[])[]): FlowNode => ({
  ...{ id, type: 'function', func, outputs: wires.length, noerr: 0, libs: [], wires },
})
const httpIn = (id: string, url: string, wires: readonly (readonly string[])[]): FlowNode => ({
  ...{ id, type: 'http in', url, method: 'post', upload: false, wires },
})

/** Work that asks the server under the message's own path. */
export const request = { type: 'http request', method: 'GET', ret: 'txt', url: '' }

/** A Node-RED with lanes, and everything that was reported. */
export class Plant {
  readonly lines: Line[] = []
  readonly #userDir: string
  readonly #environment: Readonly<Record<string, string>>
  #waiting: (() => void)[] = []
  #running: NodeRedProcess | undefined

  constructor(userDir: string, url: string, flows: Flow, packages: readonly string[] = []) {
    this.#userDir = userDir
    this.#environment = { PLANT_URL: url }
    prepareUserDir(userDir, { packages: [checkout, ...packages], flows })
  }

  async start(): Promise<void> {
    const onReport = (line: string) => {
      this.lines.push(JSON.parse(line))
      const waiting = this.#waiting
      this.#waiting = []
      for (const heard of waiting) heard()
    }
    const common = { userDir: this.#userDir, environment: this.#environment, onReport }
    this.#running = await NodeRedProcess.start({ ...common, port: await freePort() })
  }

  get nodeRed(): NodeRedProcess {
    if (this.#running === undefined) throw new Error('the plant does not run')
    return this.#running
  }

  /** Resolves when the flows run again: the package of probes must be there to tell it. */
  async deploy(flows: Flow, type: 'full' | 'flows' | 'nodes'): Promise<void> {
    const starts = () => this.lines.filter(({ started }) => started).length
    const before = starts()
    await this.nodeRed.deploy(flows, type)
    await this.until(() => starts() > before)
  }

  async stop(): Promise<void> {
    await this.#running?.stop()
  }

  async kill(): Promise<void> {
    await this.#running?.kill()
  }

  async go(lane: string, count: number, from = 0): Promise<void> {
    const { nodeRed } = this
    const { status } = await nodeRed.fetch(`/go/${lane}?from=${from}&count=${count}`, {
      method: 'POST',
    })
    if (status !== 200) throw new Error(`go answered ${status}`)
  }

  /** The answer of a guard. */
  async order(lane: string, at: number, order: object | string): Promise<unknown> {
    const resilience = typeof order === 'string' ? { command: order } : order
    const body = JSON.stringify(resilience)
    const headers = { 'Content-Type': 'application/json' }
    const isAnswer = ({ answer }: Line) => answer?.node === guardId(lane, at)
    const before = this.of(lane).filter(isAnswer).length
    await this.nodeRed.fetch(`/order/${lane}/${at}`, { method: 'POST', headers, body })
    await this.until(() => this.of(lane).filter(isAnswer).length > before)
    return this.of(lane).filter(isAnswer)[before]?.answer?.result
  }

  of(lane: string): Line[] {
    return this.lines.filter((line) => line.lane === lane)
  }

  /** Resolves when the outermost guard is done with so many messages of the lane. */
  async ended(lane: string, count: number): Promise<void> {
    await this.until(() => endsOf(this.of(lane)).length >= count)
  }

  /** Looks again after each line that is reported. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    }
  }
}

/** Numbers of the messages with which the outermost guard is done. */
export const endsOf = (lines: readonly Line[]): number[] =>
  lines.flatMap(({ n, done }) => (done === true && n !== undefined ? [n] : []))
