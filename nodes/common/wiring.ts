/**
 * What stands downstream of a node, and which of it cannot be trusted when it says that it has
 * finished: read from the wiring alone, before any message. It knows the core nodes and ours, and
 * judges no other; it imports nothing: the browser gets this very file.
 */

export interface WiredNode {
  readonly id: string
  readonly type: string
  /** Of a function node: what it does. */
  readonly func?: string
  /** Of a switch, change or inject: whatever the editor knows. */
  readonly [property: string]: unknown
}

/** The wiring, as the editor or a flow file has it. Links and subflows are followed behind it. */
export interface Wiring {
  node(id: string): WiredNode | undefined
  /** Ids behind an output; all outputs when none is named. */
  next(id: string, output?: number): readonly string[]
}

/**
 * - `early`: says done before it has sent, or before the answer is there.
 * - `timer`: a function that goes on after it has returned, and never calls `node.done()`.
 * - `says-nothing`: says done without knowing whether anything arrived.
 * - `slow`: may keep a message, or wait for others, longer than the time-out.
 * - `ends-here`: takes the message over; what follows is no part of it.
 * - `unknown`: a node of another package, which shows only when messages pass what it is like.
 * - `loop`: leads back to where it began; what comes back is done when it is accepted there.
 */
export type Doubt = 'early' | 'timer' | 'says-nothing' | 'slow' | 'ends-here' | 'unknown' | 'loop'

export interface Warning {
  readonly doubt: Doubt
  readonly id: string
  /** Watched instead: the last nodes behind it, or it alone. */
  readonly watch: readonly string[]
}

const doubts = new Map<string, Doubt>(
  Object.entries({
    trigger: 'early',
    'tcp request': 'early',
    'tcp out': 'says-nothing',
    'websocket out': 'says-nothing',
    'mqtt out': 'says-nothing',
    'udp out': 'says-nothing',
    'http request': 'slow',
    join: 'slow',
    batch: 'slow',
    sort: 'slow',
    delay: 'slow',
    'persistent-queue': 'ends-here',
    'resilient-mqtt-out': 'ends-here',
  }),
)

/** Core nodes and ours that are done when they say so (downstream.md section 7). */
const trusted: ReadonlySet<string> = new Set([
  ...['inject', 'debug', 'complete', 'catch', 'status', 'link in', 'link call', 'link out'],
  ...['comment', 'junction', 'switch', 'change', 'range', 'template', 'exec', 'rbe', 'mqtt in'],
  ...['http in', 'http response', 'websocket in', 'tcp in', 'udp in', 'split', 'csv', 'html'],
  ...['json', 'xml', 'yaml', 'file', 'file in', 'watch'],
  ...['circuit-breaker', 'resilience-retry', 'resilience-bulkhead'],
  ...['health-monitor', 'dlq', 'resilience-events'],
])

/** More than any flow that a person draws: beyond, the rest is not looked at. */
const nodesMax = 5_000

/** Ids of all nodes behind the first output, in the order in which a message meets them. */
export function nodesBehind(start: string, wiring: Wiring): string[] {
  return reachable(wiring.next(start, 0), start, wiring)
}

/** In the order in which a message meets them. */
export function warningsOf(start: string, wiring: Wiring): Warning[] {
  return nodesBehind(start, wiring).flatMap((id): Warning[] => {
    const node = wiring.node(id)
    const doubt = node === undefined ? undefined : doubtOf(node)
    const found = doubt === undefined ? [] : [{ doubt, id, watch: watchable(id, doubt, wiring) }]
    const isBack = wiring.next(id).includes(start)
    return isBack ? [...found, { doubt: 'loop', id, watch: [] }] : found
  })
}

function doubtOf({ type, func = '' }: WiredNode): Doubt | undefined {
  if (type === 'function') return goesOn(func) ? 'timer' : undefined
  // What is inside a subflow is looked at itself.
  if (trusted.has(type) || type.startsWith('subflow:')) return undefined
  return doubts.get(type) ?? 'unknown'
}

/** What a function sets in motion and does not wait for; comments are no code. */
function goesOn(source: string): boolean {
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
  const isLater = /\bset(Timeout|Interval)\s*\(|\.then\s*\(|\.on\s*\(/.test(code)
  return isLater && !/\bnode\s*\.\s*done\s*\(/.test(code) && !/\bawait\b/.test(code)
}

/** To watch a node that lies is no help: the work is known to be done where it ends. */
function watchable(id: string, doubt: Doubt, wiring: Wiring): string[] {
  if (doubt !== 'early' && doubt !== 'timer') return []
  const behind = reachable(wiring.next(id), id, wiring)
  const last = behind.filter((each) => wiring.next(each).length === 0)
  return last.length > 0 ? last : [id]
}

/** Each once, the nearest first; the node where it began is no part of it. */
function reachable(from: readonly string[], start: string, wiring: Wiring): string[] {
  const found = new Set(from.filter((id) => id !== start))
  for (const id of found) {
    if (found.size > nodesMax) break
    for (const each of wiring.next(id)) if (each !== start) found.add(each)
  }
  return [...found]
}
