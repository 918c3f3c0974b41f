/**
 * Limits of whatever keeps messages on disk, and how safely it keeps them: the same six fields and
 * one select in several dialogs, read in one place. Empty means inherited, here from what is built
 * in. It measures nothing and drops nothing.
 */

import { type Bytes, type Ms, ms } from '../../src/base/units.js'
import type { Limits, Overflow } from '../../src/store/limits.js'
import type { Durability } from '../../src/store/syncer.js'
import type { Fields } from './fields.js'
import { builtIn, ranges } from './figures.js'
import * as grammar from './grammar.js'

/** What the two widgets save. */
export interface LimitsForm {
  maxMessages?: string
  maxSize?: string
  maxAge?: string
  freeDisk?: string
  overflow?: '' | Overflow
  warnMessages?: string
}

export interface DurabilityForm {
  /** '' inherited, `each`, `system`, or at most how often to commit. */
  durability?: string
}

export const limitsDefaults = {
  maxMessages: '',
  maxSize: '',
  maxAge: '',
  freeDisk: '',
  overflow: '',
  warnMessages: '',
} as const satisfies Required<LimitsForm>

export const durabilityDefaults = { durability: '' } as const satisfies Required<DurabilityForm>

export function limitsFrom(fields: Fields<LimitsForm>): Limits {
  return Object.freeze({
    maxMessages: count(fields),
    maxBytes: bytes(fields),
    maxAge: age(fields),
    freeDisk: free(fields),
    overflow: fields.choice('overflow', ['drop-oldest', 'drop-newest', 'reject'], builtIn.overflow),
    warnMessages: warning(fields),
  })
}

function count(fields: Fields<LimitsForm>): number {
  const range = ranges.maxMessages
  const read = (input: unknown) => grammar.count(input, range)
  return fields.figure('maxMessages', 'count', read, range, builtIn.maxMessages)
}

function bytes(fields: Fields<LimitsForm>): Bytes {
  const range = ranges.maxSize
  const read = (input: unknown) => grammar.size(input, range)
  return fields.figure('maxSize', 'size', read, range, builtIn.maxSize)
}

function age(fields: Fields<LimitsForm>): Ms | 'unlimited' {
  const range = ranges.maxAge
  const read = (input: unknown) =>
    grammar.orWord('unlimited', input, (figure) => grammar.duration(figure, range))
  const value = fields.figure('maxAge', 'durationOrUnlimited', read, range, builtIn.maxAge)
  return value === 'unlimited' ? value : ms(value)
}

function free(fields: Fields<LimitsForm>): Limits['freeDisk'] {
  const read = (input: unknown): grammar.Figure<Limits['freeDisk']> => {
    const share = grammar.share(input)
    if (share.ok) return { ...share, value: { share: share.value } }
    const size = grammar.size(input, ranges.freeDisk)
    return size.ok ? { ...size, value: { bytes: size.value } } : size
  }
  return fields.figure('freeDisk', 'shareOrSize', read, {}, builtIn.freeDisk)
}

function warning(fields: Fields<LimitsForm>): number | 'off' {
  const range = ranges.warnMessages
  const read = (input: unknown) =>
    grammar.orWord('off', input, (figure) => grammar.count(figure, range))
  return fields.figure('warnMessages', 'countOrOff', read, range, builtIn.warnMessages)
}

export function durabilityFrom(fields: Fields<DurabilityForm>): Durability {
  const range = ranges.durability
  const read = (input: unknown): grammar.Figure<Durability> => {
    const word = typeof input === 'string' ? input.trim().toLowerCase() : ''
    if (word === 'each' || word === 'system') {
      return { ok: true, value: { is: word }, canonical: word }
    }
    const every = grammar.duration(input, range)
    return every.ok ? { ...every, value: { is: 'interval', every: ms(every.value) } } : every
  }
  const durability = fields.figure('durability', 'duration', read, range, builtIn.durability)
  return Object.freeze(durability)
}
