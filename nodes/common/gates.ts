/**
 * Where circuit breakers and those that watch them meet, on any tab and without a wire: what a
 * breaker lets through just now, less what is on its way to it; that it has changed; and the budget
 * of retries to what it guards. It takes no permit and decides nothing.
 */

import type { Gate } from '../../src/policy/circuit-breaker-state.js'
import { freshBudget, type RetryBudget } from '../../src/policy/retry-budget.js'
import { openGate } from '../../src/policy/retry-state.js'

export class Gates {
  readonly #gates = new Map<string, () => Gate>()
  readonly #watchers = new Map<string, Set<() => void>>()
  readonly #budgets = new Map<string, RetryBudget>()
  /** Tokens of messages that watchers have sent, by breaker. */
  readonly #coming = new Map<string, Set<string>>()

  /** A breaker says what it lets through, until it calls what this returns. */
  open(id: string, gate: () => Gate): () => void {
    this.#gates.set(id, gate)
    this.moved(id)
    return () => {
      if (this.#gates.get(id) === gate) this.#gates.delete(id)
    }
  }

  /**
   * All that want, where there is no such breaker: it may be disabled. A place that a message is on
   * its way to is not free: of two that were sent for the same one, the breaker would refuse one.
   */
  of(id: string): Gate {
    const gate = this.#gates.get(id)?.() ?? openGate
    const coming = this.#coming.get(id)?.size ?? 0
    return coming === 0 ? gate : { ...gate, free: Math.max(0, gate.free - coming) }
  }

  /** A watcher has sent a message that this token names, until it has `arrived` or is `lost`. */
  sent(id: string, token: string): void {
    const coming = this.#coming.get(id) ?? new Set()
    this.#coming.set(id, coming.add(token))
  }

  /** The breaker, or a watcher nearer to it, has a message with these tokens between spaces. */
  arrived(id: string, tokens: unknown): void {
    if (typeof tokens !== 'string' || !this.#coming.has(id)) return
    for (const token of tokens.split(' ')) this.#forget(id, token)
  }

  /** Its work has ended; if it never came to the breaker, the next may go. */
  lost(id: string, token: string): void {
    if (this.#forget(id, token)) this.moved(id)
  }

  #forget(id: string, token: string): boolean {
    const coming = this.#coming.get(id)
    const isComing = coming?.delete(token) === true
    if (coming?.size === 0) this.#coming.delete(id)
    return isComing
  }

  /** The breaker has changed. */
  moved(id: string): void {
    for (const heard of this.#watchers.get(id) ?? []) heard()
  }

  /** Calls whenever that breaker has changed, until what this returns is called. */
  watch(id: string, heard: () => void): () => void {
    const watchers = this.#watchers.get(id) ?? new Set()
    this.#watchers.set(id, watchers.add(heard))
    return () => {
      watchers.delete(heard)
      if (watchers.size === 0) this.#watchers.delete(id)
    }
  }

  /** Of all retries that watch that breaker. */
  budgetOf(id: string): RetryBudget {
    const budget = this.#budgets.get(id) ?? freshBudget()
    this.#budgets.set(id, budget)
    return budget
  }
}
