/**
 * The metrics as JSON for those without Prometheus: each node with its figures, and of every
 * histogram how long half, 95 and 99 of 100 took at most. Worked out from buckets, so a quantile is
 * as exact as its bucket is wide. A counter with a word that never happened is left out.
 */

import type { SpanTally } from '../base/tally.js'
import type { EpochMs } from '../base/units.js'
import { cumulated } from './exposition.js'
import type { Counted, Metric, Sample } from './metric.js'
import { metrics, seriesOf } from './metrics.js'

/**
 * One series with its labels: its `value`, or of a histogram `count`, `sum` and the quantiles
 * `p50`, `p95` and `p99` in seconds. Null for what nobody knows, and for a quantile of nothing.
 */
type Figure = Readonly<Record<string, string | number | null>>

type Figures = Readonly<Record<string, readonly Figure[]>>

interface NodeSummary extends Pick<Counted, 'id' | 'type' | 'name' | 'flow'> {
  readonly metrics: Figures
}

export interface Summary {
  readonly at: EpochMs
  readonly nodes: readonly NodeSummary[]
  /** The histograms of all nodes together. */
  readonly all: Figures
}

/** Nodes that are summed up without a pause. */
const nodesPerTurn = 20

/** `turn` resolves in a later turn of the event loop. */
export async function summaryOf(
  all: readonly Counted[],
  at: EpochMs,
  turn: () => Promise<void>,
): Promise<Summary> {
  const nodes: NodeSummary[] = []
  for (const counted of all) {
    const { id, type, name, flow } = counted
    nodes.push({ id, type, name, flow, metrics: figuresOf(metrics, [counted]) })
    if (nodes.length % nodesPerTurn === 0) await turn()
  }
  const histograms = metrics.filter(({ type }) => type === 'histogram')
  return { at, nodes, all: figuresOf(histograms, all) }
}

function figuresOf(chosen: readonly Metric[], all: readonly Counted[]): Figures {
  const found = chosen.map((metric) => {
    const series = seriesOf(metric, all).map(({ labels: { node, name, ...labels }, value }) => {
      return { labels, value }
    })
    const worth = metric.labels.length === 0 ? series : series.filter(({ value }) => value !== 0)
    return [metric.name, added(worth).map(figureOf)] as const
  })
  return Object.fromEntries(found.filter(([, figures]) => figures.length > 0))
}

/** What has the same labels is one: spans are added up, of anything else there is one only. */
function added(series: readonly Sample[]): Sample[] {
  const byLabels = new Map<string, Sample>()
  for (const sample of series) {
    const key = JSON.stringify(sample.labels)
    const before = byLabels.get(key)?.value
    const { labels, value } = sample
    const isSpan = typeof before === 'object' && typeof value === 'object'
    byLabels.set(key, isSpan ? { labels, value: sumOf(before, value) } : sample)
  }
  return [...byLabels.values()]
}

function sumOf(a: SpanTally, b: SpanTally): SpanTally {
  const buckets = a.buckets.map((count, at) => count + (b.buckets[at] ?? 0))
  return { count: a.count + b.count, sumMs: a.sumMs + b.sumMs, buckets }
}

function figureOf({ labels, value }: Sample): Figure {
  if (typeof value === 'number') {
    return { ...labels, value: Number.isFinite(value) ? value : null }
  }
  const { count, sumMs } = value
  const quantile = (share: number) => quantileOf(value, share)
  const quantiles = { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) }
  return { ...labels, count, sum: sumMs / 1000, ...quantiles }
}

/**
 * In seconds, as `histogram_quantile` of Prometheus works it out: on a straight line through the
 * bucket; the highest bound for all that took longer; null of nothing.
 */
export function quantileOf(span: SpanTally, share: number): number | null {
  if (span.count === 0) return null
  const rank = share * span.count
  let [below, from] = [0, 0]
  for (const { le, count } of cumulated(span)) {
    if (count >= rank) return from + ((le - from) * (rank - below)) / (count - below)
    below = count
    from = le
  }
  return from
}
