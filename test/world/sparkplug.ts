/**
 * What Sparkplug B, version 3.0, requires of the messages that our example sends: rules written
 * down from the numbered statements of the specification (chapters 4 to 6), but for protobuf. What
 * a whole session must look like, the test of the example says.
 */

interface Metric {
  readonly name?: unknown
  readonly timestamp?: unknown
  readonly dataType?: unknown
  readonly value?: unknown
  readonly is_null?: unknown
}

interface Payload {
  readonly timestamp?: unknown
  readonly seq?: unknown
  readonly metrics?: readonly Metric[]
}

/** What is wrong with a message; empty for nothing. */
export function wrongWith(topic: string, text: string): string[] {
  const [, kind = ''] = /^spBv1\.0\/[^/+#]+\/(NBIRTH|NDATA|NDEATH)\/[^/+#]+$/.exec(topic) ?? []
  const rules = messages[kind]
  if (rules === undefined) return [`${topic} is no topic`]
  const payload: Payload = JSON.parse(text)
  return Object.entries(rules).flatMap(([rule, holds]) =>
    holds(payload) ? [] : [`${kind}: ${rule}`],
  )
}

type Rules = Readonly<Record<string, (payload: Payload) => boolean>>

const isTime = (value: unknown) => Number.isInteger(value) && Number(value) > 1.6e12
const isByte = (value: unknown) =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255
const metrics = ({ metrics: all = [] }: Payload) => all
const named = (payload: Payload, name: string) =>
  metrics(payload).find((each) => each.name === name)

const always: Rules = {
  'every metric has a name': (it) => metrics(it).every(({ name }) => typeof name === 'string'),
}

const counted: Rules = {
  ...always,
  'it has the time of publishing': ({ timestamp }) => isTime(timestamp),
  'it has a number from 0 to 255': ({ seq }) => isByte(seq),
  'every metric has its time': (it) => metrics(it).every(({ timestamp }) => isTime(timestamp)),
  'every metric has a value or none': (it) =>
    metrics(it).every(({ value, is_null: isNull }) => (value === undefined) === (isNull === true)),
}

const numbered: Rules = {
  'its bdSeq is an Int64 from 0 to 255': (it) => {
    const { dataType, value } = named(it, 'bdSeq') ?? {}
    return dataType === 'Int64' && isByte(value)
  },
}

const messages: Readonly<Record<string, Rules>> = {
  NBIRTH: {
    ...counted,
    ...numbered,
    'every metric has a type': (it) => metrics(it).every(({ dataType }) => dataType !== undefined),
    'it can be asked for a rebirth': (it) => {
      const { dataType, value } = named(it, 'Node Control/Rebirth') ?? {}
      return dataType === 'Boolean' && value === false
    },
  },
  NDATA: {
    ...counted,
    'no metric repeats its type': (it) =>
      metrics(it).every(({ dataType }) => dataType === undefined),
  },
  NDEATH: {
    ...always,
    ...numbered,
    'it has no number of its own': ({ seq }) => seq === undefined,
  },
}
