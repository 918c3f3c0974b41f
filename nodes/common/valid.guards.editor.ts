/**
 * Validators for the fields of those who guard the work of others: outcomes, keys, breaker, retry
 * and bulkhead. Built on the same grammar and in the same manner as all others.
 */

import type { Figure } from './grammar.js'

type Read = (input: unknown) => Figure<unknown>

const { grammar, figures } = Resilience
const { ranges } = figures
const { figure, duration, count, isLeftOut, readers } = Resilience.checks

type Ranged = keyof typeof ranges

/** Also nodes that are gone: they will never finish. */
const watchNodes: Validate = function (value, _options) {
  if (Resilience.now(this, 'outcomeMode') !== 'watch') return true
  const ids: readonly unknown[] = Array.isArray(value) ? value : []
  if (ids.length === 0) return Resilience.say('write.watch')
  const isGone = (id: unknown) => typeof id !== 'string' || RED.nodes.node(id) == null
  return ids.some(isGone) ? Resilience.say('write.watchGone') : true
}

const failWhen: Validate = function (value, _options) {
  const type = Resilience.now(this, 'failWhenType')
  const isNone = type !== 'msg' && type !== 'jsonata'
  return isNone || (typeof value === 'string' && value.trim() !== '')
    ? true
    : Resilience.say('write.property')
}

/** A property or an expression, where one of them is chosen. */
const key: Validate = function (value, _options) {
  const type = Resilience.now(this, 'keyType') ?? 'none'
  return type === 'none' || isLeftOut(value, false) || String(value).trim() !== ''
    ? true
    : Resilience.say('write.property')
}

/** A node of ours on the canvas, if one is chosen. Disabled, or with its tab, it does not run. */
const picked =
  (field: 'breaker' | 'monitor' | 'deadLetter'): Validate =>
  (value, _options) => {
    if (isLeftOut(value, true)) return true
    const found = RED.nodes.node(String(value))
    if (!found) return Resilience.say(`write.${field}Gone`)
    const tab = found.z === undefined ? undefined : RED.nodes.workspace(found.z)
    return found.d || tab?.disabled ? Resilience.say(`write.${field}Missing`) : true
  }

type Word = 'off' | 'unlimited'

const orWord =
  (word: Word, read: Read): Read =>
  (input) =>
    grammar.orWord(word, input, read)

const span =
  (field: Ranged): Read =>
  (input) =>
    grammar.duration(input, ranges[field])

const whole =
  (field: Ranged): Read =>
  (input) =>
    grammar.count(input, ranges[field])

const shareOrOff = figure('shareOrOff', orWord('off', grammar.share), {})

const rowOfFailures: Validate = function (value, options) {
  const verdict = anyRow.call(this, value, options)
  if (verdict !== true || isLeftOut(value, false)) return verdict
  const others = ['failureRate', 'slowRate'].map((field) => Resilience.now(this, field))
  return [value, ...others].every(isOff) ? Resilience.say('write.reasonToOpen') : true
}
const readRow = orWord('off', whole('consecutiveFailures'))
const anyRow = figure('countOrOff', readRow, { values: ranges.consecutiveFailures })
readers.set(rowOfFailures, readRow)

function isOff(value: unknown): boolean {
  const figure = grammar.orWord('off', value, () => ({ ok: false }) as const)
  return figure.ok
}

const anySuccesses = count('probeSuccesses')

const probeSuccesses: Validate = function (value, options) {
  const verdict = anySuccesses.call(this, value, options)
  if (verdict !== true || isLeftOut(value, false)) return verdict
  const written = [Resilience.now(this, 'probes'), this._def.defaults['probes']?.value]
  const probes = written.map(whole('probes')).find(({ ok }) => ok)
  const good = whole('probeSuccesses')(value)
  const isMore = probes?.ok && good.ok && Number(good.value) > Number(probes.value)
  return isMore ? Resilience.say('write.fewerProbes') : true
}
readers.set(probeSuccesses, whole('probeSuccesses'))

const readAttempts = orWord('unlimited', whole('attempts'))
const anyAttempts = figure('countOrUnlimited', readAttempts, { values: ranges.attempts })

const retryAttempts: Validate = function (value, options) {
  const read = readAttempts(value)
  if (read.ok && read.value === 1) return Resilience.say('write.twoAttempts')
  return anyAttempts.call(this, value, options)
}
readers.set(retryAttempts, readAttempts)

function callWindow(input: unknown): Figure<unknown> {
  const { windowRanges } = figures
  return grammar.either(
    grammar.duration(input, windowRanges.span),
    grammar.count(input, windowRanges.calls),
  )
}

const schedule = figure('schedule', (input) => grammar.schedule(input, ranges.redriveSchedule), {})

Object.assign(Resilience.valid, {
  redriveSchedule: schedule,
  stopAbove: shareOrOff,
  keepDeleted: duration('keepDeleted'),
  key,
  breaker: picked('breaker'),
  monitor: picked('monitor'),
  deadLetter: picked('deadLetter'),
  consecutiveFailures: rowOfFailures,
  failureRate: shareOrOff,
  slowRate: shareOrOff,
  slowAfter: duration('slowAfter'),
  minimumCalls: count('minimumCalls'),
  window: figure('durationOrCount', callWindow, {}),
  probes: count('probes'),
  probeSuccesses,
  stateMaxAge: figure('durationOrOff', orWord('off', span('stateMaxAge')), {
    values: ranges.stateMaxAge,
  }),
  retryAttempts,
  deadline: figure('durationOrUnlimited', orWord('unlimited', span('deadline')), {
    values: ranges.deadline,
  }),
  neverRetry: figure('retryCodes', grammar.retryCodes, {}),
  retryBudget: shareOrOff,
  slots: count('slots'),
  maxWaiting: count('maxWaiting'),
  maxWait: duration('maxWait'),
  watchNodes,
  failWhen,
  failStatus: figure('statusList', grammar.statusList, {}),
  outcomeTimeout: duration('outcomeTimeout'),
})
