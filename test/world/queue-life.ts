/**
 * Persistent queues in a real Node-RED that is killed, stopped, deployed and told another time,
 * with a judge for each. It waits for what the flow reports and never for time.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../tools/common/user-dir.js'
import { waitingOnDisk } from './queue-copy.js'
import { QueueJudge } from './queue-judge.js'
import { feed, order, type QueueFigures } from './queue-scene.js'

/** What may happen in mid drain; a jump sets the wall clock by so many ms. */
export type Accident = 'kill' | 'term' | 'full' | 'flows' | 'nodes' | { readonly jumpMs: number }

export interface LifeOptions {
  /** For everything that is kept; the caller removes it. */
  readonly directory: string
  /** Names of the scenes whose queues are judged. */
  readonly keys: readonly string[]
  /** The flow of a deploy, different each time. */
  readonly flow: (version: number) => Flow
  readonly isStrict: boolean
  readonly packages?: readonly string[]
  readonly port?: number
}

export class QueueLife {
  readonly judges: ReadonlyMap<string, QueueJudge>
  readonly #options: LifeOptions
  readonly #userDir: string
  readonly #clockFile: string
  #nodeRed: NodeRedProcess | undefined
  #heard: () => void = () => {}
  #jumped: () => void = () => {}
  #offsetMs = 0
  #version = 0

  private constructor(options: LifeOptions) {
    const { directory, keys, isStrict } = options
    this.#options = options
    this.#userDir = join(directory, 'user')
    this.#clockFile = join(directory, 'clock')
    this.judges = new Map(keys.map((key) => [key, new QueueJudge({ isStrict })]))
  }

  static async open(options: LifeOptions): Promise<QueueLife> {
    const life = new QueueLife(options)
    const packages = [checkout, ...(options.packages ?? [])]
    prepareUserDir(life.#userDir, { packages, flows: options.flow(0) })
    life.#setClock()
    await life.#start()
    return life
  }

  judge(key: string): QueueJudge {
    const judge = this.judges.get(key)
    if (judge === undefined) throw new RangeError(`nobody judges ${key}`)
    return judge
  }

  /** What was reported, by the flow or from outside. */
  hear(words: readonly string[]): void {
    this.judges.get(words[1] ?? '')?.hear(words, performance.now())
    this.#heard()
  }

  async feed(key: string, messages: number): Promise<void> {
    await feed(this.#running, key, messages)
    await this.until(() => this.judge(key).accepted.size === messages)
  }

  order(key: string, fields: object): Promise<QueueFigures> {
    return order(this.#running, key, fields)
  }

  /** Figures when nothing is out: the last outcome is known a turn after its report. */
  async settled(key: string): Promise<QueueFigures> {
    for (;;) {
      const figures = await this.order(key, { command: 'status' })
      if (figures.out === 0) return figures
    }
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      this.#mustRun()
      await new Promise<void>((resolve) => {
        this.#heard = resolve
      })
    }
  }

  /** One that ended by itself reports nothing more. */
  #mustRun(): void {
    const { isRunning, log } = this.#running
    if (!isRunning) throw new Error(`Node-RED has ended.\n${log.slice(-20).join('\n')}`)
  }

  async happens(accident: Accident): Promise<void> {
    if (typeof accident === 'object') return this.#jump(accident.jumpMs)
    if (accident === 'kill') {
      await this.#running.kill()
      for (const [key, judge] of this.judges) {
        judge.killed(await waitingOnDisk(join(this.#userDir, 'resilience', `${key}-queue`)))
      }
      return this.#start()
    }
    for (const judge of this.judges.values()) judge.stops()
    if (accident === 'term') {
      await this.#running.stop()
      return this.#start()
    }
    await this.#running.deploy(this.#options.flow(++this.#version), accident)
  }

  async close(): Promise<void> {
    await this.#nodeRed?.kill()
    this.#nodeRed = undefined
  }

  get #running(): NodeRedProcess {
    if (this.#nodeRed === undefined) throw new Error('Node-RED does not run')
    return this.#nodeRed
  }

  async #start(): Promise<void> {
    const onReport = (line: string) => {
      if (line === 'jumped') this.#jumped()
      else this.hear(line.split(' '))
    }
    const options = `--require=${join(__dirname, 'jumping-clock.js')}`
    const environment = { NODE_OPTIONS: options, HOLDFAST_CLOCK: this.#clockFile }
    const port = this.#options.port ?? (await freePort())
    const nodeRed = await NodeRedProcess.start({
      ...{ userDir: this.#userDir, port, onReport, environment },
    })
    this.#nodeRed = nodeRed
    nodeRed.exited.then(
      () => this.#heard(),
      () => this.#heard(),
    )
  }

  /** Holds over restarts, as a clock that was set does. */
  async #jump(spanMs: number): Promise<void> {
    this.#offsetMs += spanMs
    this.#setClock()
    let hasJumped = false
    this.#jumped = () => {
      hasJumped = true
      this.#heard()
    }
    const { processId } = this.#running
    if (processId !== undefined) process.kill(processId, 'SIGWINCH')
    await this.until(() => hasJumped)
  }

  #setClock(): void {
    writeFileSync(this.#clockFile, String(this.#offsetMs))
  }
}
