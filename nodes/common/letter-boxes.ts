/**
 * Where nodes that give a message up and dead letter nodes meet, on any tab and without a wire: who
 * gives up hands over the message with its story, and forgets it only when it is safe there. It
 * keeps no message and decides nothing.
 */

import type { DropReason } from '../../src/base/event.js'
import type { EpochMs } from '../../src/base/units.js'
import type { Blame, NodeRef } from '../../src/policy/outcome.js'
import type { Message } from './node-red.js'

/** One failure of a message. */
export interface Failed {
  readonly at: EpochMs
  readonly blame: Blame
  /** From 1. */
  readonly attempt: number
}

/** A message that goes no further, with all that is known of why. */
export interface GivenLetter {
  readonly msg: Message
  /** Of the message, where it is kept durably: handed over twice, it makes one letter. */
  readonly id?: string
  /** Who gives it up: it can go back there. */
  readonly from: NodeRef
  readonly reason: DropReason
  readonly attempts: number
  /** When it was accepted there. */
  readonly firstAt: EpochMs
  /** Oldest first. */
  readonly failures: readonly Failed[]
  /** Ids of the nodes that its last attempt reached. */
  readonly path: readonly string[]
}

export interface LetterBox {
  /** Resolves when it is kept durably. Rejects when it cannot be kept. */
  accept(letter: GivenLetter): Promise<void>
}

export class LetterBoxes {
  readonly #boxes = new Map<string, LetterBox>()

  /** A dead letter node takes letters, until it calls what this returns. */
  open(id: string, box: LetterBox): () => void {
    this.#boxes.set(id, box)
    return () => {
      if (this.#boxes.get(id) === box) this.#boxes.delete(id)
    }
  }

  /** Undefined for a node that is gone, disabled, or cannot open what it keeps. */
  of(id: string): LetterBox | undefined {
    return this.#boxes.get(id)
  }
}
