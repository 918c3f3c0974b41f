/**
 * Limits of whatever keeps messages on disk, and how safely it keeps them: the same six fields and
 * one select in several dialogs, read in one place. Empty means inherited, from a store or from
 * what is built in. It measures nothing and drops nothing.
 */

import type { Values } from '../../src/base/fault.js'
import { type Ms, ms } from '../../src/base/units.js'
import type { Limits, Overflow } from '../../src/store/limits.js'
import type { Durability } from '../../src/store/syncer.js'
import type { Advice, Fields } from './fields.js'
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

/** What a node sets itself; undefined: its store says, or it is built in. */
export type GivenLimits = { readonly [Name in keyof Limits]: Limits[Name] | undefined }

/** A figure that is empty or wrong counts as not given; a wrong one is told. */
export function limitsFrom(fields: Fields<LimitsForm>): GivenLimits {
  const { maxMessages, maxSize, maxAge, warnMessages } = ranges
  return Object.freeze({
    maxMessages: given(fields, 'maxMessages', 'count', count, maxMessages),
    maxBytes: given(fields, 'maxSize', 'size', bytes, maxSize),
    maxAge: given(fields, 'maxAge', 'durationOrUnlimited', age, maxAge),
    freeDisk: given(fields, 'freeDisk', 'shareOrSize', free, {}),
    overflow: given(fields, 'overflow', 'choice', overflow, { list: overflows.join(', ') }),
    warnMessages: given(fields, 'warnMessages', 'countOrOff', warning, warnMessages),
  })
}

/** The limits in force: what is given, else what is inherited. */
export function limitsWith(given: GivenLimits, inherited: Limits): Limits {
  return Object.freeze({
    maxMessages: given.maxMessages ?? inherited.maxMessages,
    maxBytes: given.maxBytes ?? inherited.maxBytes,
    maxAge: given.maxAge ?? inherited.maxAge,
    freeDisk: given.freeDisk ?? inherited.freeDisk,
    overflow: given.overflow ?? inherited.overflow,
    warnMessages: given.warnMessages ?? inherited.warnMessages,
  })
}

/** Undefined: its store says. */
export function durabilityFrom(fields: Fields<DurabilityForm>): Durability | undefined {
  return Object.freeze(given(fields, 'durability', 'duration', durability, ranges.durability))
}

function given<Form extends object, Value>(
  fields: Fields<Form>,
  field: keyof Form & string,
  advice: Advice,
  read: (input: unknown) => grammar.Figure<Value>,
  values: Values,
): Value | undefined {
  const orNothing = (input: unknown): grammar.Figure<Value | undefined> =>
    input === '' ? { ok: true, value: undefined, canonical: '' } : read(input)
  return fields.figure(field, advice, orNothing, { ...values }, '')
}

const count = (input: unknown) => grammar.count(input, ranges.maxMessages)

const bytes = (input: unknown) => grammar.size(input, ranges.maxSize)

function age(input: unknown): grammar.Figure<Ms | 'unlimited'> {
  const read = (figure: unknown): grammar.Figure<Ms> => {
    const span = grammar.duration(figure, ranges.maxAge)
    return span.ok ? { ...span, value: ms(span.value) } : span
  }
  return grammar.orWord('unlimited', input, read)
}

function free(input: unknown): grammar.Figure<Limits['freeDisk']> {
  const share = grammar.share(input)
  if (share.ok) return { ...share, value: { share: share.value } }
  const size = grammar.size(input, ranges.freeDisk)
  return size.ok ? { ...size, value: { bytes: size.value } } : size
}

const overflows: readonly Overflow[] = ['drop-oldest', 'drop-newest', 'reject']

function overflow(input: unknown): grammar.Figure<Overflow> {
  const word = overflows.find((each) => each === input)
  return word === undefined ? { ok: false } : { ok: true, value: word, canonical: word }
}

function warning(input: unknown): grammar.Figure<number | 'off'> {
  const read = (figure: unknown) => grammar.count(figure, ranges.warnMessages)
  return grammar.orWord('off', input, read)
}

function durability(input: unknown): grammar.Figure<Durability> {
  const word = typeof input === 'string' ? input.trim().toLowerCase() : ''
  if (word === 'each' || word === 'system') {
    return { ok: true, value: { is: word }, canonical: word }
  }
  const every = grammar.duration(input, ranges.durability)
  return every.ok ? { ...every, value: { is: 'interval', every: ms(every.value) } } : every
}

/** What is in force where neither a node nor a store says otherwise. */
export const builtInLimits: Limits = Object.freeze({
  maxMessages: certain(count(builtIn.maxMessages)),
  maxBytes: certain(bytes(builtIn.maxSize)),
  maxAge: certain(age(builtIn.maxAge)),
  freeDisk: certain(free(builtIn.freeDisk)),
  overflow: builtIn.overflow,
  warnMessages: certain(warning(builtIn.warnMessages)),
})

export const builtInDurability: Durability = Object.freeze(certain(durability(builtIn.durability)))

function certain<Value>(figure: grammar.Figure<Value>): Value {
  if (!figure.ok) throw new Error('what is built in is not a figure')
  return figure.value
}
