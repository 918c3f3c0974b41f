/**
 * What holds a persistent queue back without a wire: a circuit breaker that does not permit, or a
 * health monitor that is sure that what stands behind is down. It decides nothing about messages.
 */

import type { Gate } from '../../src/policy/circuit-breaker-state.js'
import type { Context } from '../common/room.js'
import type { Settings } from './persistent-queue.settings.js'

export class QueueGate {
  readonly #hall: Context<Settings>['hall']
  readonly #work: Context<Settings>['work']
  readonly #settings: Settings

  constructor({ hall, work, settings }: Context<Settings>) {
    this.#hall = hall
    this.#work = work
    this.#settings = settings
  }

  /** A monitor that is paused, gone, or knows nothing yet holds nothing back. */
  get isDown(): boolean {
    return this.#hall.healths.statusOf(this.#settings.monitor) === 'unhealthy'
  }

  /** How many may go now. */
  read(): Gate {
    return this.isDown ? shut : this.#hall.gates.of(this.#settings.breaker)
  }

  /** Id of the node that holds it back, when it is held back. */
  get holder(): string {
    return this.isDown ? this.#settings.monitor : this.#settings.breaker
  }

  /** Calls when more or fewer may go, until what this returns is called. */
  watch(heard: () => void): () => void {
    const { monitor, breaker } = this.#settings
    const ends = [
      this.#hall.gates.watch(breaker, heard),
      this.#hall.healths.watch(monitor, () => heard()),
      this.#work.needs('breaker', breaker),
      this.#work.needs('monitor', monitor),
    ]
    return () => {
      for (const end of ends) end()
    }
  }
}

/** The monitor says when to look again. */
const shut: Gate = { free: 0, retryAt: undefined }
