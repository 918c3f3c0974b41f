/**
 * All metrics, and what they say of some nodes: names, types and labels of dialogs.md section 8.
 * What several nodes tell of one owner is said once. It keeps nothing from one time to the next.
 */

import type { Counted, Labels, Metric, Sample } from './metric.js'
import { guardMetrics } from './metrics-of-guards.js'
import { storeMetrics } from './metrics-of-stores.js'

export const metrics: readonly Metric[] = [...storeMetrics, ...guardMetrics]

/** All series of one metric, with the labels `node` and `name`; no two have the same labels. */
export function seriesOf(metric: Metric, all: readonly Counted[]): Sample[] {
  const told = new Set<string>()
  return all.flatMap((counted) => {
    const owner = metric.owner?.(counted) ?? counted
    if (told.has(owner.id)) return []
    const samples = metric.of(counted)
    if (samples.length > 0) told.add(owner.id)
    const own = { node: owner.id, name: owner.name || counted.type }
    return unique(samples).map(({ labels, value }) => ({ labels: { ...own, ...labels }, value }))
  })
}

/** Two checks may bear the same label: they are counted together. */
function unique(samples: readonly Sample[]): readonly Sample[] {
  if (samples.length < 2) return samples
  return [...new Map(samples.map((sample) => [keyOf(sample.labels), sample])).values()]
}

const keyOf = (labels: Labels): string => Object.values(labels).join('\n')
