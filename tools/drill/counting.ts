/**
 * What became of numbered messages: a pure count of what was sent against what arrived. Every
 * message has a number of its own that is never used twice and grows in the order of sending, so
 * nothing here has to guess. It neither waits nor excuses anything.
 */

export interface Count {
  /** Messages that the node has accepted (ours) or was handed (core). */
  readonly sent: number
  /** Of those, the ones that reached the broker at least once. */
  readonly arrived: number
  /** Of those, the ones that never did. */
  readonly lost: number
  /** Arrivals beyond the first, of any message. */
  readonly duplicates: number
  /** First arrivals that came after a message with a higher number. */
  readonly reordered: number
}

/**
 * A message that arrives without having been accepted is neither arrived nor lost: its sender was
 * told nothing and still holds it. Sent a second time it is a duplicate all the same.
 */
export function count(sent: ReadonlySet<number>, arrivals: readonly number[]): Count {
  const seen = new Set<number>()
  let arrived = 0
  let reordered = 0
  let highest = Number.NEGATIVE_INFINITY
  for (const number of arrivals) {
    if (seen.has(number)) continue
    seen.add(number)
    if (sent.has(number)) arrived++
    if (number < highest) reordered++
    highest = Math.max(highest, number)
  }
  return {
    sent: sent.size,
    arrived,
    lost: sent.size - arrived,
    duplicates: arrivals.length - seen.size,
    reordered,
  }
}

export interface Pair {
  readonly core: Count
  readonly resilient: Count
}

export function sum(pairs: readonly Pair[]): Pair {
  return {
    core: pairs.map((pair) => pair.core).reduce(added, nothing),
    resilient: pairs.map((pair) => pair.resilient).reduce(added, nothing),
  }
}

const nothing: Count = { sent: 0, arrived: 0, lost: 0, duplicates: 0, reordered: 0 }

function added(a: Count, b: Count): Count {
  return {
    sent: a.sent + b.sent,
    arrived: a.arrived + b.arrived,
    lost: a.lost + b.lost,
    duplicates: a.duplicates + b.duplicates,
    reordered: a.reordered + b.reordered,
  }
}
