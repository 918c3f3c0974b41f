/**
 * What one node counts from the start of the process on, over all its deploys: each opening of the
 * node writes on where the one before has stopped. It holds figures under words of closed lists,
 * and is bounded by these; it never goes down.
 */

import { Spans } from './tally.js'
import type { Ms } from './units.js'

/** How often, by word; what never happened is absent. */
export type By = Partial<Record<string, number>>

export function countIn(by: By, word: string, times = 1): void {
  by[word] = (by[word] ?? 0) + times
}

/**
 * Counts whose owner goes on from figures of its own, as a journal does from what earlier processes
 * have counted: here they begin at 0, and go on over an owner that is replaced.
 */
export class Carried {
  /** What the owner began with, less what was counted before it. */
  #found: By = {}
  #counted: By = {}

  /** An owner begins with these. */
  begin(counts: By): void {
    const words = new Set([...Object.keys(counts), ...Object.keys(this.#counted)])
    this.#found = Object.fromEntries(
      [...words].map((word) => [word, (counts[word] ?? 0) - (this.#counted[word] ?? 0)]),
    )
  }

  /** Since the process began, with an owner that has these now; to be asked last when it ends. */
  counted(counts: By): By {
    for (const [word, count = 0] of Object.entries(counts)) {
      // An owner may take back what did not come to be: that is not to be told as less.
      const now = count - (this.#found[word] ?? 0)
      this.#counted[word] = Math.max(this.#counted[word] ?? 0, now)
    }
    return { ...this.#counted }
  }
}

export class Counts {
  /** Each sync of its journal. */
  readonly syncs = new Spans()
  /** Messages handed out or sent once more. */
  redelivered = 0
  /** What its journal counts. */
  readonly carried = new Carried()
  /** How long what it followed has taken, by outcome. */
  readonly outcomes: Partial<Record<string, Spans>> = {}
  readonly #by = new Map<string, By>()
  readonly #spans = new Map<string, Spans>()

  /** `what` is counted; the same record each time. */
  by(what: string): By {
    const found = this.#by.get(what) ?? {}
    this.#by.set(what, found)
    return found
  }

  /** `what` takes time; the same record each time. */
  spans(what: string): Spans {
    const found = this.#spans.get(what) ?? new Spans()
    this.#spans.set(what, found)
    return found
  }

  /** A message has come to its end after so many attempts; 0: it was never handed out. */
  attempted(attempts: number): void {
    if (attempts > 1) this.redelivered += attempts - 1
  }

  /** Something that was followed has ended. */
  ended(outcome: string, took: Ms): void {
    this.outcomes[outcome] ??= new Spans()
    this.outcomes[outcome].add(took)
  }
}
