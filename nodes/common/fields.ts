/**
 * Reads the fields that a dialog saved, or a hand-written flow left out, and lists everything that
 * is wrong with them. A wrong figure never stops the reading: its default is used and the defect
 * says which words help. It holds no default and no text.
 */

import type { Values } from '../../src/base/fault.js'
import { type Ms, ms } from '../../src/base/units.js'
import * as grammar from './grammar.js'

/** Where the words live that several nodes use. */
export const commonWords = '@holdfast/node-red-resilience/common:'

/** Keys under `write.` in the common words: what a person shall write instead. */
export type Advice =
  | 'duration'
  | 'size'
  | 'rate'
  | 'share'
  | 'shareOrSize'
  | 'count'
  | 'number'
  | 'durationOrUnlimited'
  | 'countOrOff'
  | 'list'
  | 'properties'
  | 'payload'
  | 'text'
  | 'choice'
  | 'notShorter'
  | 'servers'
  | 'topic'
  | 'topicMissing'
  | 'clientId'
  | 'broker'
  | 'statusList'
  | 'watch'
  | 'property'
  | 'durationOrOff'
  | 'shareOrOff'
  | 'durationOrCount'
  | 'countOrUnlimited'
  | 'retryCodes'
  | 'fewerProbes'
  | 'reasonToOpen'
  | 'oneCheck'
  | 'url'
  | 'webSocketUrl'
  | 'hostPort'
  | 'service'
  | 'twoAttempts'
  | 'directory'
  | 'schedule'
  | 'environment'

export interface Defect {
  readonly field: string
  /** Locale key of the field's label; complete, so that every node can look it up. */
  readonly label: string
  /** Locale key of what to write, complete as well. */
  readonly write: string
  /** What the text has places for, such as `min` and `max`. */
  readonly values: Values
  /** The node cannot work without it and must refuse input; else the default is in use. */
  readonly required: boolean
}

/** A list or an object, or what is wrong with it. */
export type Structure<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly advice: Advice; readonly values?: Values }

/** What really arrives: in a flow written by hand any field may be missing, or of any type. */
export type Unchecked<Form> = { readonly [Field in keyof Form]?: unknown }

/** Fields of widgets that several dialogs share; their labels are common words too. */
const sharedFields: ReadonlySet<string> = new Set([
  'name',
  'maxMessages',
  'maxSize',
  'maxAge',
  'freeDisk',
  'overflow',
  'warnMessages',
  'durability',
  'store',
  'backoffInitial',
  'backoffFactor',
  'backoffMax',
  'backoffJitter',
  'attempts',
  'rateLimit',
  'deadLetter',
  'outcomeMode',
  'watchNodes',
  'outcomeTimeout',
  'failStatus',
  'failWhen',
])

export class Fields<Form extends object> {
  readonly #form: Unchecked<Form>
  readonly #defaults: Readonly<Record<keyof Form, unknown>>
  /** Where the words of this node live. */
  readonly #words: string
  /** Shared fields that this node calls by another name. */
  readonly #own: readonly string[]
  readonly #defects: Defect[] = []

  constructor(
    room: string,
    form: Unchecked<Form>,
    defaults: Readonly<Record<keyof Form, unknown>>,
    own: readonly (keyof Form & string)[] = [],
  ) {
    this.#own = own
    this.#form = form
    this.#defaults = defaults
    this.#words = commonWords.replace('/common:', `/${room}:`)
  }

  get defects(): readonly Defect[] {
    return Object.freeze([...this.#defects])
  }

  duration(field: keyof Form & string, range: grammar.Range): Ms {
    const read = (input: unknown) => grammar.duration(input, range)
    return ms(this.figure(field, 'duration', read, { ...range }))
  }

  count(field: keyof Form & string, range: grammar.Range): number {
    return this.figure(field, 'count', (input) => grammar.count(input, range), { ...range })
  }

  number(field: keyof Form & string, range: grammar.Range): number {
    return this.figure(field, 'number', (input) => grammar.number(input, range), { ...range })
  }

  countOrUnlimited(field: keyof Form & string, range: grammar.Range): number | 'unlimited' {
    const read = (input: unknown) =>
      grammar.orWord('unlimited', input, (figure) => grammar.count(figure, range))
    return this.figure(field, 'countOrUnlimited', read, { ...range })
  }

  share(field: keyof Form & string): number {
    return this.figure(field, 'share', grammar.share)
  }

  rate(field: keyof Form & string): grammar.Rate {
    return Object.freeze(this.figure(field, 'rate', grammar.rate))
  }

  /** A check box; a variable or a person may have put a word there. */
  flag(field: keyof Form & string): boolean {
    const read = (input: unknown): grammar.Figure<boolean> => {
      const word = String(input).trim().toLowerCase()
      if (word !== 'true' && word !== 'false') return { ok: false }
      return { ok: true, value: word === 'true', canonical: word }
    }
    return this.figure(field, 'choice', read, { list: 'true, false' })
  }

  /** What `read` makes of a list or object; undefined, with a defect, when it says what is wrong. */
  structure<Value>(
    field: keyof Form & string,
    read: (input: unknown) => Structure<Value>,
    isRequired = false,
  ): Value | undefined {
    const input = this.#form[field] ?? this.#defaults[field]
    const structure = read(input)
    if (structure.ok) return structure.value
    if (this.#isSubstituted(field, input, false)) {
      this.wrong(field, structure.advice, structure.values, isRequired)
    }
    return undefined
  }

  choice<Word extends string>(
    field: keyof Form & string,
    words: readonly Word[],
    inherited = this.#defaults[field],
  ): Word {
    const read = (input: unknown): grammar.Figure<Word> => {
      const word = words.find((each) => each === String(input))
      return word === undefined ? { ok: false } : { ok: true, value: word, canonical: word }
    }
    const list = words.filter((word) => word !== '').join(', ')
    return this.figure(field, 'choice', read, { list }, inherited)
  }

  /** Text as it stands; `undefined`, with a defect, for a variable that is not set. */
  text(field: keyof Form & string, required = false): string | undefined {
    const input = this.#form[field] ?? this.#defaults[field]
    if (!this.#isSubstituted(field, input, required)) return undefined
    return typeof input === 'string' || typeof input === 'number' ? String(input) : ''
  }

  /** Whatever is in a field, unread. */
  value(field: keyof Form & string): unknown {
    return this.#form[field] ?? this.#defaults[field]
  }

  /** The figure in a field; `inherited` when it is absent, as empty as its default, or wrong. */
  figure<Value>(
    field: keyof Form & string,
    advice: Advice,
    read: (input: unknown) => grammar.Figure<Value>,
    values: Values = {},
    inherited = this.#defaults[field],
  ): Value {
    const input = this.#form[field] ?? this.#defaults[field]
    if (input !== this.#defaults[field] && this.#isSubstituted(field, input, false)) {
      const figure = read(input)
      if (figure.ok) return figure.value
      this.wrong(field, advice, values)
    }
    const figure = read(inherited)
    if (!figure.ok) throw new Error(`the default of ${field} is not a figure`)
    return figure.value
  }

  wrong(field: keyof Form & string, advice: Advice, values: Values = {}, required = false): void {
    const isShared = sharedFields.has(field) && !this.#own.includes(field)
    const words = isShared ? commonWords : this.#words
    this.#defects.push({
      field,
      label: `${words}label.${field}`,
      write: `${commonWords}write.${advice}`,
      values,
      required,
    })
  }

  /** Node-RED leaves `${NAME}` as it is when there is no such variable. */
  #isSubstituted(field: keyof Form & string, input: unknown, required: boolean): boolean {
    const name = grammar.environmentName(input)
    if (name !== undefined) this.wrong(field, 'environment', { name }, required)
    return name === undefined
  }
}
