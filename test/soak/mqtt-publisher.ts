/**
 * The publisher of the MQTT chaos as its parent sees it: started, ordered about, killed and started
 * again on the same directory, with every promise that it made written down on this side.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { numbersPerLife, type Order } from '../world/publisher-child.js'

export type Totals = { readonly accepted: number; readonly waiting: number } & {
  readonly [outcome: string]: number
}

export class MqttPublisher {
  readonly accepted = new Set<number>()
  readonly complaints: string[] = []
  /** Ends of a process, of each kind. */
  lives = 0
  totals: Totals | undefined
  readonly #directory: string
  readonly #port: number
  #child: ChildProcess | undefined
  #opened: (() => void) | undefined

  constructor(directory: string, port: number) {
    this.#directory = directory
    this.#port = port
  }

  /** Resolves when it takes messages. */
  async start(): Promise<void> {
    const program = join(__dirname, '..', 'world', 'publisher-child.js')
    const first = 1 + this.lives * numbersPerLife
    const args = [program, this.#directory, String(this.#port), String(first)]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.lives++
    this.#child = child
    child.stdin.on('error', () => undefined) // it was killed; that is no news here
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => this.#heard(line))
    await this.#open(child)
  }

  /** Resolves when it takes messages again. */
  async deploy(order: 'deploy' | 'deploy-changed'): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#write(order)
    await this.#open(child)
  }

  /** Resolves when it has ended by itself. */
  async end(order: 'finish' | 'stop'): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const closed = once(child, 'close')
    this.#write(order)
    const [code] = await closed
    if (code !== 0) this.complaints.push(`the publisher ended with ${code} on ${order}`)
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }

  #write(order: Order): void {
    this.#child?.stdin?.write(`${order}\n`)
  }

  async #open(child: ChildProcess): Promise<void> {
    const open = new Promise<void>((resolve) => {
      this.#opened = resolve
    })
    await Promise.race([open, once(child, 'close')])
  }

  #heard(line: string): void {
    const [word, rest = ''] = line.split(/ (.*)/)
    if (word === 'accepted') this.accepted.add(Number(rest))
    else if (word === 'open') this.#opened?.()
    else if (word === 'totals') this.totals = JSON.parse(rest) as Totals
    else this.complaints.push(`the publisher said: ${line}`)
  }
}
