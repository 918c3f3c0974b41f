/**
 * The field "Dead letters to" at work: hands what its node gives up to the dead letter node that is
 * chosen. It looks that one up each time, because nodes come and go with deploys, and says so when
 * it is not there instead of losing a message.
 */

import type { DropReason } from '../../src/base/event.js'
import { Fault } from '../../src/base/fault.js'
import type { Cancel, World } from '../../src/base/ports.js'
import { type EpochMs, ms } from '../../src/base/units.js'
import type { Blame } from '../../src/policy/outcome.js'
import { commonWords } from './fields.js'
import type { Hall } from './hall.js'
import type { Failed, GivenLetter } from './letter-boxes.js'
import type { Work } from './work.js'

/** A dead letter node that has no room, or is being deployed, is asked again. */
const againAfter = ms(5_000)

/** What a node knows of a message that it gives up. */
export type Given = Omit<GivenLetter, 'from' | 'failures'> & {
  /** Oldest first; none for one that was never tried. */
  readonly failures: readonly Failed[]
}

/** What it needs of the room. */
export interface DeadLettersParts {
  readonly hall: Pick<Hall, 'letterBoxes'> & { readonly world: Pick<World, 'clock'> }
  readonly work: Pick<Work, 'node' | 'complain' | 'needs'>
}

export class DeadLetters {
  readonly #hall: DeadLettersParts['hall']
  readonly #work: DeadLettersParts['work']
  /** Id of the node that is chosen; '' for none. */
  readonly #chosen: string
  readonly #waits = new Set<Cancel>()
  readonly #unneed: () => void
  #isClosed = false

  constructor({ hall, work }: DeadLettersParts, chosen: string) {
    this.#hall = hall
    this.#work = work
    this.#chosen = chosen
    this.#unneed = work.needs('deadLetter', chosen)
  }

  get isChosen(): boolean {
    return this.#chosen !== ''
  }

  /** The chosen node takes letters just now. */
  get isThere(): boolean {
    return this.#hall.letterBoxes.of(this.#chosen) !== undefined
  }

  /** Resolves when it is kept. Rejects with SETTINGS_INVALID without that node, or as it does. */
  async keep({ failures, ...given }: Given): Promise<void> {
    const box = this.#hall.letterBoxes.of(this.#chosen)
    if (box === undefined) throw missing()
    const { clock } = this.#hall.world
    const known = failures.length > 0 ? failures : [neverTried(given.reason, clock.wall())]
    await box.accept({ ...given, from: this.#work.node, failures: known })
  }

  /** Tries until it is kept; pending for ever when its node closes first. Never rejects. */
  async keepAtLast(given: Given): Promise<void> {
    for (let isTold = false; ; isTold = true) {
      try {
        return await this.keep(given)
      } catch (error) {
        if (!isTold && !this.#isClosed) this.#work.complain(error)
        await this.#wait()
      }
    }
  }

  close(): void {
    this.#isClosed = true
    this.#unneed()
    for (const cancel of this.#waits) cancel()
    this.#waits.clear()
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isClosed) return
      const cancel = this.#hall.world.clock.wake(againAfter, () => {
        this.#waits.delete(cancel)
        resolve()
      })
      this.#waits.add(cancel)
    })
  }
}

/** What was set aside without an attempt failed by the rule that set it aside. */
function neverTried(reason: DropReason, at: EpochMs): Failed {
  const code = reason === 'poison' ? 'POISON' : 'MESSAGE_DROPPED'
  const values = reason === 'poison' ? { n: 2 } : { reason }
  const blame: Blame = { code, values, kind: reason === 'poison' ? 'permanent' : 'transient' }
  return { at, blame, attempt: 0 }
}

function missing(): Fault {
  return new Fault('SETTINGS_INVALID', {
    field: `${commonWords}label.deadLetter`,
    write: `${commonWords}write.deadLetterGone`,
  })
}
