/**
 * Validators for those who watch: the checks of a health monitor and what these need, the nodes
 * and the interval of `resilience-events`. Built
 * on the runtime's own reader of checks, so that a dialog accepts what the node understands.
 */

import type { CheckKind } from './checks.js'

const { address, checkRows, grammar, say } = Resilience
const { ranges } = Resilience.figures
const { figure, duration, count } = Resilience.checks

/** Absent is the default, which lacks an address. A variable is read when the flow starts. */
const checkList: Validate = function (value, _options) {
  if (grammar.environmentName(value) !== undefined) return true
  const rows = listIn(value ?? this._def.defaults['probes']?.value)
  const found = checkRows.checkRows(rows, { grammar, address })
  if (found.ok || found.advice === 'environment') return true
  return say(`write.${found.advice}`, found.values)
}

/** Lists are saved as such, and stand in the dialog as JSON text. */
function listIn(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

/** Whether the monitor has a check of that kind. */
const has = (node: EditorNode, kind: CheckKind): boolean =>
  checkRows.hasKind(listIn(Resilience.now(node, 'probes')), kind)

const checkBroker: Validate = function (value, options) {
  return has(this, 'mqtt') ? Resilience.valid.broker.call(this, value, options) : true
}

const checkNodes: Validate = function (value, _options) {
  if (!has(this, 'nodes')) return true
  const ids: readonly unknown[] = Array.isArray(value) ? value : []
  if (ids.length === 0) return say('write.watch')
  return heardNodes.call(this, value, _options)
}

/** Those that are chosen must be there. */
const heardNodes: Validate = (value, _options) => {
  const ids: readonly unknown[] = Array.isArray(value) ? value : []
  const isGone = (id: unknown) => typeof id !== 'string' || RED.nodes.node(id) == null
  return ids.some(isGone) ? say('write.watchGone') : true
}

const offOrSpan = (input: unknown) =>
  grammar.orWord('off', input, (other) => grammar.duration(other, ranges.interval))

Object.assign(Resilience.valid, {
  checkList,
  checkBroker,
  checkNodes,
  heardNodes,
  statusInterval: figure('durationOrOff', offOrSpan, { values: ranges.interval }),
  interval: duration('interval'),
  downAfter: count('downAfter'),
  upAfter: count('upAfter'),
})
