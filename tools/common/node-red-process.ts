/**
 * A real Node-RED as a child process: started, spoken to over its admin API, stopped, killed.
 * It resolves only when the flows run and the port answers, and leaves no process behind when
 * the program that started it ends. It decides nothing about flows or packages.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { loopback } from './ports.js'
import type { Flow } from './user-dir.js'

export interface NodeRedUnderTest {
  /** The Node.js executable. */
  readonly node: string
  /** Node-RED's main script. */
  readonly script: string
}

/**
 * Node-RED of this checkout on the Node.js of this process, unless HOLDFAST_NODE_RED (directory
 * of a node-red package) and HOLDFAST_NODE (a Node.js executable) name others.
 */
export function nodeRedUnderTest(environment = process.env): NodeRedUnderTest {
  const directory = environment['HOLDFAST_NODE_RED']
  return {
    node: environment['HOLDFAST_NODE'] || process.execPath,
    script: directory ? join(directory, 'red.js') : require.resolve('node-red/red.js'),
  }
}

export interface StartOptions {
  /** Holds settings.js; see prepareUserDir. */
  readonly userDir: string
  readonly port: number
  readonly environment?: Readonly<Record<string, string>>
  /** Lines that function nodes hand to `global.get('report')`. */
  readonly onReport?: (line: string) => void
  /** Every other line that Node-RED writes. */
  readonly onLog?: (line: string) => void
  readonly startWithinMs?: number
}

/** What Node-RED writes to its log, in every language that it speaks: it takes the machine's. */
function saidBy(script: string): { readonly started: string[]; readonly missing: string[] } {
  const runtime = createRequire(script).resolve('@node-red/runtime/package.json')
  const locales = join(dirname(runtime), 'locales')
  const words = readdirSync(locales).map((language) => {
    const text = readFileSync(join(locales, language, 'runtime.json'), 'utf8')
    return JSON.parse(text).nodes.flows as Record<string, string>
  })
  const said = (key: string) => words.flatMap((each) => each[key] ?? [])
  return { started: said('started-flows'), missing: said('missing-types') }
}

type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

const logLinesKept = 200
const stopWithinMs = 20_000

export class NodeRedProcess {
  readonly url: string
  /** The last lines that Node-RED wrote, for error texts. */
  readonly log: string[] = []
  readonly exited: Promise<Ended>
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, options: StartOptions) {
    this.#child = child
    this.url = `http://${loopback}:${options.port}`
    this.exited = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve({ code, signal }))
    })
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null)
        createInterface({ input: stream }).on('line', (line) => this.#line(line, options))
    }
  }

  static async start(options: StartOptions): Promise<NodeRedProcess> {
    const { node, script } = nodeRedUnderTest()
    const args = [script, '--userDir', options.userDir, '--port', String(options.port)]
    const env: NodeJS.ProcessEnv = { ...process.env, ...options.environment }
    delete env['NODE_RED_HOME']
    const child = spawn(node, args, { cwd: options.userDir, env, stdio: ['pipe', 'pipe', 'pipe'] })
    const nodeRed = new NodeRedProcess(child, options)
    try {
      await nodeRed.#started(saidBy(script), options.startWithinMs ?? 60_000)
    } catch (error) {
      await nodeRed.kill()
      throw error
    }
    return nodeRed
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  get processId(): number | undefined {
    return this.#child.pid
  }

  /** Asks Node-RED to stop (SIGTERM) and waits until it is gone; forces it after 20 s. */
  async stop(): Promise<Ended> {
    const force = setTimeout(() => this.#child.kill('SIGKILL'), stopWithinMs)
    if (this.isRunning) this.#child.kill('SIGTERM')
    const ended = await this.exited
    clearTimeout(force)
    return ended
  }

  /** `kill -9`: nothing in Node-RED gets a last word. */
  async kill(): Promise<Ended> {
    if (this.isRunning) this.#child.kill('SIGKILL')
    return this.exited
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, init)
  }

  /** Resolves when the new flows run. */
  async deploy(flows: Flow, type: 'full' | 'flows' | 'nodes' = 'full'): Promise<void> {
    const headers = { 'Content-Type': 'application/json', 'Node-RED-Deployment-Type': type }
    const answer = await this.fetch('/flows', {
      method: 'POST',
      headers,
      body: JSON.stringify(flows),
    })
    if (!answer.ok) throw new Error(`deploy answered ${answer.status}: ${await answer.text()}`)
  }

  /** Presses the button of an inject node. */
  async inject(id: string): Promise<void> {
    const answer = await this.fetch(`/inject/${id}`, { method: 'POST' })
    if (!answer.ok) throw new Error(`inject ${id} answered ${answer.status}`)
  }

  #line(line: string, options: StartOptions): void {
    if (line.startsWith('@')) {
      options.onReport?.(line.slice(1))
      return
    }
    this.log.push(line)
    if (this.log.length > logLinesKept) this.log.shift()
    options.onLog?.(line)
    this.#awaited?.()
  }

  #awaited: (() => void) | undefined

  async #started(said: ReturnType<typeof saidBy>, withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const ready = new Promise<void>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`Node-RED ${why}.\n${this.log.join('\n')}`))
      timer = setTimeout(() => fail(`did not start within ${withinMs} ms`), withinMs)
      this.#awaited = () => {
        if (this.#says(said.missing)) fail('lacks node types')
        if (this.#says(said.started) && this.#says([this.url])) resolve()
      }
      this.exited.then(() => fail('ended while starting'), reject)
    })
    try {
      await ready
    } finally {
      this.#awaited = undefined
      clearTimeout(timer)
    }
  }

  #says(texts: readonly string[]): boolean {
    return this.log.some((line) => texts.some((text) => line.includes(text)))
  }
}
