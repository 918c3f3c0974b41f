/**
 * Where health monitors and those that follow them meet, on any tab and without a wire: what each
 * has found, and what it knew when a deploy closed it. It judges nothing; a monitor that is not
 * there knows nothing, and its followers act on their own.
 */

import type { Cancel, Clock } from '../../src/base/ports.js'
import { ms } from '../../src/base/units.js'
import type { MonitorReport } from '../../src/observe/health-document.js'
import type { Health, HealthStatus } from '../../src/policy/health-state.js'

/** What the document of all monitors is made of. */
export interface OpenMonitor {
  status(): HealthStatus
  /** To whoever asks at the address of the HTTP nodes. */
  readonly shows: 'off' | 'verdict' | 'detail'
  report(): MonitorReport
}

/** Called after each check, and when the monitor is gone. */
export type Heard = (status: HealthStatus) => void

/** Longer than a deploy takes; a node that was disabled or deleted is forgotten then. */
const keptFor = ms(5000)

interface Kept {
  readonly checks: string
  readonly health: Health
  readonly forget: Cancel
}

export class Healths {
  readonly #clock: Clock
  readonly #monitors = new Map<string, OpenMonitor>()
  readonly #heard = new Map<string, Set<Heard>>()
  readonly #kept = new Map<string, Kept>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A monitor says what it finds, until it calls what this returns. */
  open(id: string, monitor: OpenMonitor): () => void {
    this.#monitors.set(id, monitor)
    return () => {
      if (this.#monitors.get(id) !== monitor) return
      this.#monitors.delete(id)
      this.told(id)
    }
  }

  get monitors(): readonly OpenMonitor[] {
    return [...this.#monitors.values()]
  }

  /**
   * `unknown` where there is no such monitor: it may be disabled. While a deploy replaces it, what
   * it knew holds, or a queue would hand on for a moment what stands behind it cannot take.
   */
  statusOf(id: string): HealthStatus {
    return this.#monitors.get(id)?.status() ?? this.#kept.get(id)?.health.status ?? 'unknown'
  }

  /** The monitor has checked. */
  told(id: string): void {
    const status = this.statusOf(id)
    for (const heard of this.#heard.get(id) ?? []) heard(status)
  }

  /** Calls after each check of that monitor, until what this returns is called. */
  watch(id: string, heard: Heard): () => void {
    const all = this.#heard.get(id) ?? new Set()
    this.#heard.set(id, all.add(heard))
    return () => {
      all.delete(heard)
      if (all.size === 0 && this.#heard.get(id) === all) this.#heard.delete(id)
    }
  }

  /** For the node that a deploy makes in its place; `checks`: any text that stands for them. */
  keep(id: string, checks: string, health: Health): void {
    const forget = this.#clock.wake(keptFor, () => {
      this.#kept.delete(id)
      this.told(id)
    })
    this.#kept.set(id, { checks, health, forget })
  }

  /** What was kept, if the checks are the same. */
  taken(id: string, checks: string): Health | undefined {
    const kept = this.#kept.get(id)
    this.#kept.delete(id)
    kept?.forget()
    return kept?.checks === checks ? kept.health : undefined
  }
}
