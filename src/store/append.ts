/**
 * One message on its way into a journal. It counts among the bytes that wait for the disk from the
 * moment when it is made until it has been answered for; it writes nothing.
 */

import type { Fault } from '../base/fault.js'
import type { Sequence } from '../base/units.js'
import type { Message } from './active.js'
import type { Budget } from './budget.js'
import { diskFault } from './files.js'
import { framingBytes } from './record.js'
import type { Waiting } from './waiting.js'

/** Who put a message in hears of it once, one way or the other. Must not throw. */
export interface Told {
  /** It is as safe as the durability setting says. */
  stored(sequence: Sequence): void
  failed(fault: Fault): void
}

export class Append implements Waiting {
  readonly message: Message
  sequence: Sequence = 0
  readonly #told: Told
  readonly #budget: Budget
  readonly #directory: string

  constructor(message: Message, told: Told, budget: Budget, directory: string) {
    this.message = message
    this.#told = told
    this.#budget = budget
    this.#directory = directory
    budget.appendBytes += message.payload.length + framingBytes
  }

  resolve(sequence: Sequence): void {
    this.#leave()
    this.#told.stored(sequence)
  }

  reject(error: unknown): void {
    this.#leave()
    this.#told.failed(diskFault(error, this.#directory))
  }

  #leave(): void {
    this.#budget.appendBytes -= this.message.payload.length + framingBytes
  }
}
