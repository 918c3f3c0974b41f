/**
 * Metrics as Prometheus reads them: text format 0.0.4, written by prom-client, which is loaded by
 * the first scrape. It is written in pieces with a turn of the event loop between them, so that
 * many nodes do not hold up the flows. It counts nothing itself.
 */

import { type SpanTally, spanBounds } from '../base/tally.js'
import type { Counted, Metric, Sample } from './metric.js'
import { metrics, seriesOf } from './metrics.js'

type Client = typeof import('prom-client')

/** A line, or the lines of one histogram, as prom-client takes them. */
interface Written {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly sharedLabels: Sample['labels']
  readonly value: number
}

export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** Series that are written without a pause: about 1,000 lines of histograms. */
const seriesPerTurn = 64

/** `turn` resolves in a later turn of the event loop. */
export async function expositionOf(
  all: readonly Counted[],
  turn: () => Promise<void>,
): Promise<Exposition> {
  const client = await import('prom-client')
  const registry = new client.Registry()
  const parts: string[] = []
  for (const metric of metrics) {
    const series = seriesOf(metric, all)
    for (let at = 0; at < series.length; at += seriesPerTurn) {
      const part = told(client, metric, series.slice(at, at + seriesPerTurn))
      registry.registerMetric(part)
      const text = await registry.getSingleMetricAsString(metric.name)
      registry.clear()
      parts.push(at === 0 ? text : withoutHead(text))
      await turn()
    }
  }
  return { contentType: registry.contentType, text: `${parts.join('\n')}\n` }
}

/**
 * The library's own counters and histograms only count themselves: this one tells what was counted
 * elsewhere. A metric is to a registry what it answers to `get`.
 */
function told(client: Client, metric: Metric, series: readonly Sample[]) {
  const { name, help, type } = metric
  const values = series.flatMap((sample) => writtenOf(name, sample))
  const gauge = new client.Gauge({ name, help, registers: [] })
  return Object.assign(gauge, { get: async () => ({ name, help, type, values }) })
}

/** Without `# HELP` and `# TYPE`, of which each metric has one. */
function withoutHead(text: string): string {
  return text.slice(text.indexOf('\n', text.indexOf('\n') + 1) + 1)
}

function writtenOf(name: string, { labels: sharedLabels, value }: Sample): Written[] {
  if (typeof value === 'number') return [{ metricName: name, labels: {}, sharedLabels, value }]
  const line = (suffix: string, count: number, labels: Written['labels'] = {}): Written => {
    return { metricName: `${name}_${suffix}`, labels, sharedLabels, value: count }
  }
  return [
    ...cumulated(value).map(({ le, count }) => line('bucket', count, { le })),
    line('bucket', value.count, { le: '+Inf' }),
    line('sum', value.sumMs / 1000),
    line('count', value.count),
  ]
}

/** Each bucket with all below it, as Prometheus has them; bounds in seconds. */
export function cumulated({ buckets }: SpanTally): { le: number; count: number }[] {
  let count = 0
  return spanBounds.map((bound, at) => {
    count += buckets[at] ?? 0
    return { le: bound / 1000, count }
  })
}
