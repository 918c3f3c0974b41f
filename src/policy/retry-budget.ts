/**
 * The budget of retries that all retries to one target share: when much fails at once, only a part
 * of it is tried again, so that retries never multiply the load on a system that is down. It counts
 * messages, not attempts per second, and knows no time.
 *
 * After the retry budget of Envoy (api/envoy/config/cluster/v3/circuit_breaker.proto): a share of
 * what is under way, and never less than a few.
 */

export interface RetryBudget {
  /** Messages accepted and not yet settled, first attempts included. */
  underWay: number
  /** Of these, those that wait for a further attempt or make one. */
  retrying: number
}

/** So many at a time, however little is under way. */
export const retryingMin = 3

export const freshBudget = (): RetryBudget => ({ underWay: 0, retrying: 0 })

/** How many messages may be tried again at this moment. `share` is 0 to 1. */
export function retryingMax({ underWay }: RetryBudget, share: number | 'off'): number {
  if (share === 'off') return Number.POSITIVE_INFINITY
  return Math.max(retryingMin, Math.floor(share * underWay))
}

/** Takes a place for one message until it is settled; false when there is none. */
export function takePlace(budget: RetryBudget, share: number | 'off'): boolean {
  if (budget.retrying >= retryingMax(budget, share)) return false
  budget.retrying += 1
  return true
}
