/**
 * The process that the MQTT chaos kills: queue, forwarder and link as a node has them, on the real
 * disk and network, with messages that never stop coming. It tells through standard output what was
 * accepted; a line there is in the kernel when the write returns, so it outlives a `kill -9`. It
 * obeys orders from standard input and ends with its parent.
 */

import { createInterface } from 'node:readline'
import { Fault, reasonOf } from '../../src/base/fault.js'
import { ms } from '../../src/base/units.js'
import type { Forwarder } from '../../src/delivery/forwarder.js'
import { closeWait, Links } from '../../src/delivery/links.js'
import { realWorld } from '../../src/host/world.js'
import type { Link } from '../../src/mqtt/link.js'
import { Budget } from '../../src/store/budget.js'
import type { Queue } from '../../src/store/queue.js'
import { linkTo, publishOver } from '../../tools/common/publishing.js'

/** What the parent may write, a line each. */
export type Order =
  /** Close and open again, with the link that stands or with a new one. */
  | 'deploy'
  | 'deploy-changed'
  /** Take nothing more, wait until all is delivered, say the totals, end. */
  | 'finish'
  /** The same without waiting, as for SIGTERM. */
  | 'stop'

export const publisherWindow = 20
export const topics = ['line/1', 'line/2', 'line/3'] as const

/** Every message is known by its number, and its text can be told from its number alone. */
export const textOf = (number: number): string =>
  `${number} ${'0123456789'.repeat(20)}`.slice(0, 200)
/** More than a publisher uses up between two starts. */
export const numbersPerLife = 10_000_000
/** Two messages of every life, side by side, on which the broker hangs up. */
export const isBad = (number: number): boolean => [201, 202].includes(number % numbersPerLife)
export const topicOf = (number: number): string => topics[number % topics.length] ?? topics[0]

const perTick = 10
const tickMs = ms(10)
const { clock } = realWorld
const tell = (text: string) => process.stdout.write(`${text}\n`)

class Publisher {
  readonly #directory: string
  readonly #port: number
  readonly #links = new Links(clock)
  #number: number
  #changes = 0
  #isTaking = true
  #queue: Queue | undefined
  #forwarder: Forwarder | undefined

  constructor(directory: string, port: number, first: number) {
    this.#directory = directory
    this.#port = port
    this.#number = first
  }

  async open(): Promise<void> {
    const settings = `settings ${this.#changes}`
    this.#links.claim('broker', settings, { emit: () => {} }, async () => this.#newLink())
    const link = await this.#links.find('broker')
    if (link === undefined) throw new Error('the link that was claimed is not there')
    const ground = { world: realWorld, budget: new Budget(), emit: () => {}, failed: stop }
    const small = { directory: this.#directory, segmentBytes: 64 << 10, ballastBytes: 4096 }
    const host = { changed: () => {}, ended: () => {} }
    const { queue, forwarder } = await publishOver(link, ground, small, host)
    this.#queue = queue
    this.#forwarder = forwarder
    link.open()
    tell('open')
  }

  /** Messages that come between two openings are not taken: nobody is told of them. */
  take(): void {
    const forwarder = this.#forwarder
    for (let i = 0; i < perTick && this.#isTaking && forwarder !== undefined; i++) {
      const number = this.#number++
      const packet = {
        topic: topicOf(number),
        payload: textOf(number),
        qos: 1,
        retain: false,
      } as const
      forwarder.accept(packet).then(() => tell(`accepted ${number}`), stopUnlessInterrupted)
    }
    clock.wake(tickMs, () => this.take())
  }

  async obey(order: Order): Promise<void> {
    if (order === 'deploy' || order === 'deploy-changed') {
      this.#changes += order === 'deploy' ? 0 : 1
      return this.#deploy()
    }
    this.#isTaking = false
    if (order === 'finish') {
      await this.#emptied()
      tell(`totals ${JSON.stringify({ ...this.#queue?.totals, waiting: this.#queue?.waiting })}`)
    }
    await this.#close()
    await this.#links.drop('broker')
    process.exit()
  }

  async #deploy(): Promise<void> {
    await this.#close()
    this.#links.leave('broker')
    await this.open()
  }

  async #close(): Promise<void> {
    const forwarder = this.#forwarder
    this.#forwarder = undefined
    await forwarder?.close(closeWait)
    await this.#queue?.close()
  }

  #emptied(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.#queue?.waiting === 0) resolve()
        else clock.wake(tickMs, look)
      }
      look()
    })
  }

  #newLink(): Link {
    return linkTo(this.#port, {
      protocolVersion: 4,
      keepalive: ms(1_000),
      connectTimeout: ms(1_000),
      ackTimeout: ms(1_000),
      backOff: { initial: ms(20), factor: 2, max: ms(200), jitter: 0.5 },
      maxInFlight: publisherWindow,
    })
  }
}

/** A deploy may come before a message is on disk; then nobody was promised anything. */
function stopUnlessInterrupted(error: unknown): void {
  if (!(error instanceof Fault && error.code === 'INTERRUPTED')) stop(error)
}

function stop(error: unknown): void {
  tell(`failed: ${reasonOf(error)}`)
  process.exit(1)
}

if (require.main === module) {
  const [directory = '', port, first] = process.argv.slice(2)
  const publisher = new Publisher(directory, Number(port), Number(first))
  let work = publisher.open()
  work.then(() => publisher.take(), stop)
  createInterface({ input: process.stdin })
    .on('line', (order: Order) => {
      work = work.then(() => publisher.obey(order)).catch(stop)
    })
    .on('close', () => process.exit())
}
