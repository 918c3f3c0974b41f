/**
 * Measuring beside other work on the same machine: contestants take turns, in a different order
 * each round, and the median of each counts. It knows nothing of what is measured.
 */

export type Contest<Name extends string> = Readonly<Record<Name, () => Promise<number>>>

/**
 * Runs every contestant once per round; resolves with the median of each. A turn of each goes
 * before and does not count: in it the code is compiled.
 */
export async function interleaved<Name extends string>(
  rounds: number,
  contest: Contest<Name>,
): Promise<Map<string, number>> {
  const names = Object.keys(contest) as Name[]
  const figures = new Map<string, number[]>(names.map((name) => [name, []]))
  for (const name of names) await contest[name]()
  for (let round = 0; round < rounds; round++) {
    for (const name of turned(names, round)) figures.get(name)?.push(await contest[name]())
  }
  return new Map([...figures].map(([name, values]) => [name, median(values)]))
}

/** In another order each time: backwards every second time, from another start every pair. */
export function turned<T>(values: readonly T[], round: number): T[] {
  const start = Math.floor(round / 2) % Math.max(1, values.length)
  const order = [...values.slice(start), ...values.slice(0, start)]
  return round % 2 === 0 ? order : order.reverse()
}

/** NaN when there are none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value that this share of all lies below, between two neighbours where it falls so. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)]
  const high = sorted[Math.ceil(at)]
  if (low === undefined || high === undefined) return Number.NaN
  return low + (high - low) * (at - Math.floor(at))
}
