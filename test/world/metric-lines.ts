/**
 * Prometheus text taken apart: each metric with its type and its samples, as far as tests ask for
 * it. Text format 0.0.4; it throws for a line that it does not know.
 */

export interface ReadSample {
  /** With `_bucket`, `_sum` or `_count` of a histogram. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ReadMetric {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: ReadSample[]
}

export function metricsIn(text: string): ReadMetric[] {
  const found: ReadMetric[] = []
  let help = ''
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, kind, name = '', said = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (kind === 'HELP') help = said
    else if (kind === 'TYPE') found.push({ name, type: said, help, samples: [] })
    else found.at(-1)?.samples.push(sampleIn(line))
  }
  return found
}

/** The value of the one series with this name and these labels. */
export function valueIn(text: string, name: string, labels: Readonly<Record<string, string>>) {
  const all = metricsIn(text).flatMap(({ samples }) => samples)
  const [only, other] = all.filter((sample) => {
    const fits = Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
    return sample.name === name && fits
  })
  return other === undefined ? only?.value : undefined
}

function sampleIn(line: string): ReadSample {
  const [, name, inside = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  if (name === undefined || value === undefined) throw new Error(`no sample: ${line}`)
  const labels = [...inside.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
    ([, label = '', text = '']) => [label, text.replace(/\\(.)/g, unescaped)] as const,
  )
  return { name, labels: Object.fromEntries(labels), value: numberIn(value) }
}

const unescaped = (_all: string, letter: string) => (letter === 'n' ? '\n' : letter)

function numberIn(text: string): number {
  return /^\+?inf$/i.test(text) ? Number.POSITIVE_INFINITY : Number(text.replace(/^nan$/i, 'NaN'))
}
