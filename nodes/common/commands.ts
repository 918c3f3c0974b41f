/**
 * Orders that a flow gives to a node: `msg.resilience.command`, its fields read and checked, and
 * the message that brings back the answer. Which commands there are, and what they do, each room
 * says (dialogs.md section 5).
 */

import { Fault } from '../../src/base/fault.js'
import { type Envelope, envelopeOf, passedOn } from './envelope.js'
import type { Message } from './node-red.js'

/** The result of a command becomes the answer. */
export type Command = (order: Order) => unknown

/** By name; a name that is not here is unknown. */
export type Commands = Readonly<Record<string, Command>>

/** One command and its fields. A field that is missing or wrong throws COMMAND_INVALID. */
export class Order {
  readonly command: string
  readonly #fields: Envelope

  constructor(command: string, fields: Envelope) {
    this.command = command
    this.#fields = fields
  }

  has(field: string): boolean {
    return this.#fields[field] !== undefined
  }

  /** A whole number from 1 to `max`; `otherwise` when it is absent. */
  count(field: string, otherwise: number, max: number): number {
    const value = this.#fields[field] ?? otherwise
    const isCount = typeof value === 'number' && Number.isInteger(value)
    return isCount && value >= 1 && value <= max ? value : this.refuse(field)
  }

  text(field: string): string {
    const value = this.#fields[field]
    return typeof value === 'string' && value !== '' ? value : this.refuse(field)
  }

  texts(field: string): readonly string[] {
    const value = this.#fields[field]
    const isText = (one: unknown): one is string => typeof one === 'string'
    return Array.isArray(value) && value.every(isText) ? value : this.refuse(field)
  }

  /** Undefined when it is absent. */
  flag(field: string): boolean | undefined {
    const value = this.#fields[field]
    return value === undefined || typeof value === 'boolean' ? value : this.refuse(field)
  }

  /** What `read` makes of whatever is there; it answers undefined for what is wrong. */
  value<Value>(field: string, read: (input: unknown) => Value | undefined): Value {
    return read(this.#fields[field]) ?? this.refuse(field)
  }

  /** What cannot be undone needs `confirm: true`. */
  confirmed(): void {
    if (this.#fields['confirm'] !== true) this.refuse('confirm')
  }

  /** The order that the field `command` names; `more` replaces fields. */
  inner(more: Envelope): Order {
    const { command: _, ...fields } = this.#fields
    return new Order(this.text('command'), { ...fields, ...more })
  }

  /** This field is missing, wrong, or means nothing here. */
  refuse(field: string): never {
    throw new Fault('COMMAND_INVALID', { command: this.command, field })
  }
}

/** The order in a message; undefined for a message that is none. */
export function orderFrom(msg: Message): Order | undefined {
  if (msg['resilience'] === undefined) return undefined // nearly every message
  const { command, ...fields } = envelopeOf(msg)
  return command === undefined ? undefined : new Order(String(command), fields)
}

/** Does as ordered and resolves with the message that answers. Rejects with COMMAND_UNKNOWN too. */
export async function obey(
  commands: Commands,
  order: Order,
  { msg, node }: { readonly msg: Message; readonly node: string },
): Promise<Message> {
  const { command } = order
  if (!Object.hasOwn(commands, command)) {
    throw new Fault('COMMAND_UNKNOWN', { command, list: Object.keys(commands).join(', ') })
  }
  const result = await commands[command]?.(order)
  const answer = { command, ok: true, node, result }
  return { ...passedOn(msg, { answer }), payload: result }
}
