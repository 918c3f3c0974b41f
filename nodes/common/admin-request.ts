/**
 * One request to an admin route as its handler sees it: what stands in the path, behind the `?` and
 * in the body, read and checked. A value that is missing or wrong throws COMMAND_INVALID with the
 * field's name; nothing that a person typed is ever run as a pattern.
 */

import { Fault } from '../../src/base/fault.js'
import type { Bytes } from '../../src/base/units.js'
import { Order } from './commands.js'
import type { AdminMessage } from './node-red.js'

/** A piece of a list. */
export interface Page {
  /** From 1 to 500. */
  readonly limit: number
  /** Where the piece before it ended; undefined: from the start. */
  readonly after: string | undefined
}

/** A list in pieces, as every route answers it. */
export interface Listed<Item> {
  readonly items: readonly Item[]
  /** For `after` of the next piece; null: this was the last. */
  readonly next: string | null
  /** In the whole list. */
  readonly total: number
}

const limitDefault = 50
const limitMax = 500
/** No id, cause or filter is longer. */
const textLengthMax = 1000

export class AdminRequest {
  /** The fields of the body; `Order` checks them as those of a command. */
  readonly order: Order
  /** '' without adminAuth. */
  readonly user: string
  /** Whether the permission `resilience.write` is among those of who asks. */
  readonly mayWrite: boolean
  readonly #name: string
  readonly #params: Readonly<Record<string, string>>
  readonly #query: URLSearchParams
  readonly #message: AdminMessage
  readonly #bytesMax: Bytes

  /** `name`: what the route does, for error texts. */
  constructor(
    message: AdminMessage,
    route: {
      readonly name: string
      readonly params: Readonly<Record<string, string>>
      readonly query: URLSearchParams
      readonly body: object
      readonly bytesMax: Bytes
    },
  ) {
    this.order = new Order(route.name, { ...route.body })
    this.user = message.user?.username ?? ''
    this.mayWrite = message.user === undefined || isWriter(message.authInfo?.scope)
    this.#name = route.name
    this.#params = route.params
    this.#query = route.query
    this.#message = message
    this.#bytesMax = route.bytesMax
  }

  /** `:name` of the path. */
  param(name: string): string {
    return this.#params[name] ?? this.#refuse(name)
  }

  /** A whole number behind the `?`, from 1 to `max`; `otherwise` when it is absent. */
  count(name: string, otherwise: number, max: number): number {
    const text = this.#query.get(name)
    if (text === null || text === '') return otherwise
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
    return value >= 1 && value <= max ? value : this.#refuse(name)
  }

  /** A text behind the `?`; undefined when it is absent or empty. */
  text(name: string): string | undefined {
    const text = this.#query.get(name)
    if (text === null || text === '') return undefined
    return text.length <= textLengthMax ? text : this.#refuse(name)
  }

  page(): Page {
    return { limit: this.count('limit', limitDefault, limitMax), after: this.text('after') }
  }

  /** The body of a route that takes lines, as it comes. Throws PAYLOAD_TOO_LARGE on its way. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    let size = 0
    for await (const piece of this.#message) {
      size += piece.length
      if (size > this.#bytesMax) throw tooLarge(size, this.#bytesMax, this.#name)
      yield piece
    }
  }

  #refuse(field: string): never {
    throw new Fault('COMMAND_INVALID', { command: this.#name, field })
  }
}

/** As Node-RED reads permissions (user guide, "Securing Node-RED"): `write` is any `*.write`. */
function isWriter(scope: unknown): boolean {
  const scopes: unknown[] = Array.isArray(scope) ? scope.flat() : [scope]
  return ['*', 'write', '*.write', 'resilience.write'].some((each) => scopes.includes(each))
}

export function tooLarge(size: Bytes, limit: Bytes, who: string): Fault {
  return new Fault('PAYLOAD_TOO_LARGE', { size, limit, who })
}
