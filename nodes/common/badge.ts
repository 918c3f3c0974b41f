/**
 * The status under a node: shown at once when it has been quiet, else when half a second is over,
 * and only when it differs. What it says is decided elsewhere.
 */

import type { Cancel, Clock } from '../../src/base/ports.js'
import { ms } from '../../src/base/units.js'
import type { FlowNode, NodeRed, StatusBadge } from './node-red.js'

/** A status as a room sees it: a key of its own words, or of the shared ones, and their values. */
export interface Status {
  readonly fill: NonNullable<StatusBadge['fill']>
  readonly shape: NonNullable<StatusBadge['shape']>
  readonly key: string
  readonly values?: Readonly<Record<string, string>>
}

const every = ms(500)

export class Badge {
  readonly #RED: NodeRed
  readonly #clock: Clock
  readonly #node: FlowNode
  /** Undefined while there is nothing to say yet. */
  readonly #statusOf: () => Status | undefined
  /** As it was last looked at. */
  #status: Status | undefined
  #shown = ''
  #timer: Cancel | undefined
  #isStopped = false

  constructor(RED: NodeRed, clock: Clock, node: FlowNode, statusOf: () => Status | undefined) {
    this.#RED = RED
    this.#clock = clock
    this.#node = node
    this.#statusOf = statusOf
  }

  /** The status may differ from now on. */
  changed(): void {
    if (this.#isStopped || this.#timer !== undefined || !this.#show()) return
    this.#timer = this.#clock.wake(every, () => {
      this.#timer = undefined
      this.changed()
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.()
  }

  /** False when it is shown already. */
  #show(): boolean {
    const status = this.#statusOf()
    // Asked for with each message; finding its words takes longer than storing one.
    if (status === undefined || isSame(status, this.#status)) return false
    this.#status = status
    const { fill, shape, key, values } = status
    const text = this.#RED._(key, values)
    const shown = `${fill} ${shape} ${text}`
    if (shown === this.#shown) return false
    this.#shown = shown
    this.#node.status({ fill, shape, text })
    return true
  }
}

function isSame(one: Status, other: Status | undefined): boolean {
  if (one.key !== other?.key || one.fill !== other.fill || one.shape !== other.shape) return false
  const { values = {} } = one
  const { values: others = {} } = other
  for (const name in values) if (values[name] !== others[name]) return false
  return true
}
