/**
 * The status under a node: looked at once when it has been quiet, else when half a second is over,
 * and shown only when it differs. What it says is decided elsewhere.
 */

import type { Cancel, Clock } from '../../src/base/ports.js'
import { ms } from '../../src/base/units.js'
import type { FlowNode, NodeRed, StatusBadge } from './node-red.js'
import { countText } from './words.js'

/**
 * A status as a room sees it: a key of its own words, or of the shared ones, and their values. A
 * number is how many of something there are.
 */
export interface Status {
  readonly fill: NonNullable<StatusBadge['fill']>
  readonly shape: NonNullable<StatusBadge['shape']>
  readonly key: string
  readonly values?: Readonly<Record<string, string | number>>
}

/** The same in words, as it stands below the node. */
export interface ShownBadge {
  readonly fill: Status['fill']
  readonly shape: Status['shape']
  readonly text: string
}

const every = ms(500)

export class Badge {
  readonly #RED: NodeRed
  readonly #clock: Clock
  readonly #node: FlowNode
  /** Undefined while there is nothing to say yet. */
  readonly #statusOf: () => Status | undefined
  #shown: ShownBadge | undefined
  /** Another one is shown. */
  readonly #news: () => void
  /** It may differ from what is shown. */
  #isStale = false
  /** While it runs nothing is looked at: to work out a status costs more than a message does. */
  #timer: Cancel | undefined
  #isStopped = false

  constructor(
    RED: NodeRed,
    clock: Clock,
    node: FlowNode,
    { statusOf, news }: { statusOf: () => Status | undefined; news: () => void },
  ) {
    this.#news = news
    this.#RED = RED
    this.#clock = clock
    this.#node = node
    this.#statusOf = statusOf
  }

  /** Undefined until there is something to say. */
  get shown(): ShownBadge | undefined {
    return this.#shown
  }

  /** The status may differ from now on. */
  changed(): void {
    this.#isStale = true
    if (this.#timer === undefined && !this.#isStopped) this.#look()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.()
  }

  #look(): void {
    const status = this.#statusOf()
    if (status === undefined) return
    const isNews = this.#show(status) || this.#isStale
    this.#isStale = false
    if (!isNews) return
    this.#timer = this.#clock.wake(every, () => {
      this.#timer = undefined
      this.#look()
    })
  }

  /** False when it is shown already. */
  #show({ fill, shape, key, values = {} }: Status): boolean {
    const texts = Object.entries(values).map(([name, value]) => [name, this.#textOf(value)])
    const text = this.#RED._(key, Object.fromEntries(texts))
    const { fill: oldFill, shape: oldShape, text: oldText } = this.#shown ?? {}
    if (fill === oldFill && shape === oldShape && text === oldText) return false
    this.#shown = { fill, shape, text }
    this.#node.status(this.#shown)
    this.#news()
    return true
  }

  #textOf(value: string | number): string {
    return typeof value === 'number' ? countText(this.#RED, value) : value
  }
}
