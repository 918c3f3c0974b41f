/**
 * From which event on a node tells: where its forerunner stopped when a deploy replaces it, at the
 * first event of this process when it starts with it, and from now on when it is new. It remembers
 * nothing longer than one deploy takes.
 */

import type { Timeline } from '../common/timeline.js'

export class Turns {
  readonly #timeline: Timeline
  /** By node: the last event that was told when a deploy closed it. */
  readonly #left = new Map<string, number>()
  /** Before flows have run for the first time, nobody has told of anything. */
  #begin: number | undefined

  constructor(timeline: Timeline) {
    this.#timeline = timeline
    this.#begin = timeline.count
  }

  take(nodeId: string): number {
    return this.#left.get(nodeId) ?? this.#begin ?? this.#timeline.count
  }

  leave(nodeId: string, told: number): void {
    this.#left.set(nodeId, told)
  }

  /** Whoever was to come has come. */
  flowsStarted(): void {
    this.#left.clear()
    this.#begin = undefined
  }
}
