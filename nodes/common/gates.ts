/**
 * Where circuit breakers and those that watch them meet, on any tab and without a wire: what a
 * breaker lets through just now, that it has changed, and the budget of retries to what it guards.
 * It takes no permit and decides nothing.
 */

import type { Gate } from '../../src/policy/circuit-breaker-state.js'
import { freshBudget, type RetryBudget } from '../../src/policy/retry-budget.js'
import { openGate } from '../../src/policy/retry-state.js'

export class Gates {
  readonly #gates = new Map<string, () => Gate>()
  readonly #watchers = new Map<string, Set<() => void>>()
  readonly #budgets = new Map<string, RetryBudget>()

  /** A breaker says what it lets through, until it calls what this returns. */
  open(id: string, gate: () => Gate): () => void {
    this.#gates.set(id, gate)
    this.moved(id)
    return () => {
      if (this.#gates.get(id) === gate) this.#gates.delete(id)
    }
  }

  /** All that want, where there is no such breaker: it may be disabled. */
  of(id: string): Gate {
    return this.#gates.get(id)?.() ?? openGate
  }

  /** Breakers that let nothing through just now: open, isolated, or waiting for a probe. */
  get shut(): number {
    return [...this.#gates.values()].filter((gate) => gate().free === 0).length
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
