/**
 * Messages on their way in: each makes one letter, however often it is handed in under the same id,
 * and a letter that was redriven and failed again stays the same letter. New letters are summed to
 * one event a second.
 */

import type { Emit } from '../base/event.js'
import type { Cancel, Clock } from '../base/ports.js'
import { ms } from '../base/units.js'
import type { RedriveAttempts } from '../policy/letter-fate.js'
import type { Adoption } from '../store/adoption.js'
import type { Ground } from '../store/settings.js'
import { hexOf } from '../store/text.js'
import type { Arrival, Arrived, LetterFailure, Original } from './letter.js'
import { adoptLetters } from './letter-adoption.js'
import type { Entry } from './letter-index.js'
import type { LetterJournal } from './letter-journal.js'
import type { LetterLeases } from './letter-leases.js'
import { letterOf } from './letter-lists.js'
import type { Kept } from './letter-record.js'
import type { LetterRetention } from './letter-retention.js'
import { failedOnceMore, failureOf, storyOf } from './letter-story.js'

const idLengthMax = 256
const tellEvery = ms(1000)

export interface ArrivalsParts {
  readonly ground: Ground
  readonly letters: LetterJournal
  readonly retention: LetterRetention
  readonly leases: LetterLeases
  readonly attempts: RedriveAttempts
  /** Names this node in ids that it mints. */
  readonly queueId: string
  /** Letters up to this number were here, or may have been. */
  readonly lastNumber: number
}

export class LetterArrivals {
  readonly #parts: ArrivalsParts
  readonly #salt: string
  readonly #arriving = new Map<string, Promise<unknown>>()
  readonly #told: ArrivedEvents
  #number: number

  constructor(parts: ArrivalsParts) {
    const { world, emit } = parts.ground
    this.#parts = parts
    this.#number = parts.lastNumber
    this.#salt = hexOf(world.random.bytes(4))
    this.#told = new ArrivedEvents(world.clock, emit)
  }

  /** Rejects with PAYLOAD_TOO_LARGE, DISK_FULL, DISK_STALLED, DISK_UNWRITABLE or INTERRUPTED. */
  async accept(arrival: Arrival): Promise<Arrived> {
    const { index } = this.#parts.letters
    const before = arrival.before === undefined ? undefined : index.get(arrival.before.id)
    if (before !== undefined && before.aside === undefined) {
      await this.#returned(before, arrival)
      return { letter: before.id, is: 'returned' }
    }
    // Of a letter that went round, several messages may have been made: each is one of its own.
    const given = arrival.id
    if (given === undefined) return this.#fresh(arrival)
    const id = given.replaceAll('\n', ' ').slice(0, idLengthMax)
    if (index.get(id) !== undefined) return { letter: id, is: 'known' }
    const arriving = this.#arriving.get(id)
    if (arriving !== undefined) {
      await arriving
      return { letter: id, is: 'known' }
    }
    const keeping = this.#fresh(arrival, id).finally(() => this.#arriving.delete(id))
    this.#arriving.set(id, keeping)
    return keeping
  }

  /** A changed copy, with a link to the first. Rejects as `accept`. */
  copy(letter: Kept, original: Original): Promise<Entry> {
    const number = ++this.#number
    const blank = { redrives: 0, permanents: 0, isGivenUp: false, job: undefined }
    const { id: editedFrom } = letter
    const id = this.#minted(number)
    return this.#keep({ ...letter, ...blank, id, original, editedFrom, number, ...this.#now })
  }

  /** A letter that another node exported; false when it is here already. Rejects as `accept`. */
  async take(letter: Kept): Promise<boolean> {
    const id = letter.id.replaceAll('\n', ' ').slice(0, idLengthMax)
    const { index } = this.#parts.letters
    if (index.get(id) !== undefined) return false
    // A link to a letter that is here would make that one count as replaced.
    const isLinked = index.get(letter.editedFrom ?? '') === undefined
    const editedFrom = isLinked ? letter.editedFrom : undefined
    await this.#keep({ ...letter, id, editedFrom, number: ++this.#number, ...this.#now })
    return true
  }

  /**
   * Takes over what waits in a directory that no node owns any more. Stops with QUEUE_FULL before a
   * letter of this node would have to go. Rejects as `adoptLetters`.
   */
  adopt(directory: string): Promise<Adoption> {
    const { ground, retention } = this.#parts
    return adoptLetters(ground, directory, {
      take: (letter) => this.take(letter),
      refusalOf: (bytes) => retention.refusalOf(bytes),
    })
  }

  close(): void {
    this.#told.tell()
  }

  get #now() {
    return { storedAt: this.#parts.ground.world.clock.wall() }
  }

  async #fresh(arrival: Arrival, given?: string): Promise<Arrived> {
    const number = ++this.#number
    const { attempts } = this.#parts
    const { storedAt } = this.#now
    const story = storyOf(arrival, { number, at: storedAt, attempts })
    const id = given ?? this.#minted(number)
    const kept: Kept = { ...story, id, storedAt, original: arrival.original }
    const entry = await this.#keep(kept)
    this.#told.add(entry.cause)
    const givenUp = story.isGivenUp ? { givenUp: letterOf(kept, entry) } : {}
    return { letter: id, is: 'new', ...givenUp }
  }

  #keep(kept: Kept): Promise<Entry> {
    const { letters, retention } = this.#parts
    return retention.room(kept.original.bytes.length, () => letters.keep(kept))
  }

  /** Its redrive counts when that ends; what comes later only adds to the story. */
  async #returned(entry: Entry, arrival: Arrival): Promise<void> {
    const { letters, leases } = this.#parts
    const failure = this.#failureOf(arrival)
    if (leases.returned(entry, failure)) return
    const kept = await letters.read(entry)
    if (kept === undefined) return
    const redrives = Math.max(kept.redrives, arrival.before?.redrives ?? 0)
    await letters.retell(entry, {
      ...kept,
      ...failedOnceMore(kept, failure, { ...kept, redrives }),
    })
  }

  #failureOf({ failures, reason }: Arrival): LetterFailure {
    const last = failures.at(-1)
    if (last !== undefined) return failureOf(last)
    const at = this.#now.storedAt
    return { at, code: reason, kind: 'transient', text: '', attempt: 1 }
  }

  #minted(number: number): string {
    return `${this.#parts.queueId}-${this.#salt}-${number}`
  }
}

/** One event a second, with the cause of the last letter. */
class ArrivedEvents {
  readonly #clock: Clock
  readonly #emit: Emit
  #count = 0
  #cause = ''
  #cancel: Cancel | undefined

  constructor(clock: Clock, emit: Emit) {
    this.#clock = clock
    this.#emit = emit
  }

  add(cause: string): void {
    this.#count++
    this.#cause = cause
    this.#cancel ??= this.#clock.wake(tellEvery, () => this.tell())
  }

  tell(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const count = this.#count
    this.#count = 0
    if (count > 0) this.#emit({ kind: 'letters.arrived', cause: this.#cause, count })
  }
}
