/**
 * Dead letters over a journal on a world in memory, and failed messages to hand in. It judges
 * nothing; what is opened after a kill or a power cut is the next process.
 */

import { epochMs, ms } from '../../src/base/units.js'
import type { Arrival, Letter, Reported } from '../../src/delivery/letter.js'
import { Letters, type LettersSettings } from '../../src/delivery/letters.js'
import { decode, encode } from '../../src/store/codec.js'
import type { Limits } from '../../src/store/limits.js'
import { directory, groundOf, type StoreGround } from './store-ground.js'

export const day = 86_400_000

/**
 * When the world of these tests begins: after this package was made, so that letters have an age.
 */
export const began = Date.UTC(2026, 10, 21)

const limits: Limits = {
  maxMessages: 100_000,
  maxBytes: 100 << 20,
  maxAge: ms(14 * day),
  freeDisk: { bytes: 0 },
  overflow: 'drop-oldest',
  warnMessages: 'off',
}

export type LetteringSettings = Partial<Omit<LettersSettings, 'limits'>> & {
  readonly limits?: Partial<Limits>
}

export const lettersSettings = (changes: LetteringSettings = {}): LettersSettings => ({
  ...{ directory, queueId: 'dlq', durability: { is: 'each' }, ballastBytes: 0 },
  ...{ keepDeletedMs: ms(day), attempts: 5 },
  ...changes,
  limits: { ...limits, ...changes.limits },
})

export const groundOfLetters = () => groundOf({ wall: began })

export class Lettering {
  readonly ground: StoreGround
  readonly letters: Letters
  readonly #changes: LetteringSettings

  private constructor(ground: StoreGround, letters: Letters, changes: LetteringSettings) {
    this.ground = ground
    this.letters = letters
    this.#changes = changes
  }

  static async open(changes: LetteringSettings = {}, ground = groundOfLetters()) {
    const letters = await ground.finish(Letters.open(ground, lettersSettings(changes)))
    return new Lettering(ground, letters, changes)
  }

  /** The same letters in the next process, after this one was killed. */
  afterKill(): Promise<Lettering> {
    return Lettering.open(this.#changes, this.ground.afterKill())
  }

  async reopen(): Promise<Lettering> {
    await this.ground.finish(this.letters.close())
    return Lettering.open(this.#changes, this.ground)
  }

  finish<T>(work: Promise<T>): Promise<T> {
    return this.ground.finish(work)
  }

  passes(spanMs: number): Promise<void> {
    return this.ground.world.clock.advance(spanMs)
  }

  /** As days pass; only the last minutes of them are lived through. */
  async calendarMoves(spanMs: number): Promise<void> {
    const { clock } = this.ground.world
    clock.setWall(clock.wall() + spanMs)
    // Nothing ages for a minute after the wall clock was set.
    await clock.advance(70_000)
  }

  /** Hands messages in one after another; answers the ids of their letters. */
  async accept(...arrivals: Arrival[]): Promise<string[]> {
    const ids: string[] = []
    for (const arrival of arrivals) {
      ids.push((await this.finish(this.letters.accept(arrival))).letter)
    }
    return ids
  }

  async all(): Promise<Letter[]> {
    const letters = await this.finish(this.letters.peek(100))
    return letters.reverse()
  }

  /** Texts of the messages, the oldest letter first. */
  async texts(): Promise<string[]> {
    return (await this.all()).map(textOf)
  }

  kinds(): string[] {
    return this.ground.events.map(({ kind }) => kind)
  }
}

/** A message with this text, that failed so. */
export function failed(text: string, failure: Partial<Reported> = {}, rest: Partial<Arrival> = {}) {
  const arrival: Arrival = {
    original: originalOf({ payload: text }),
    reason: 'max-attempts',
    failures: [reported(failure)],
    path: ['n1', 'n2'],
    flow: 'line 1',
    topic: '',
    ...rest,
  }
  return arrival
}

export function reported(changes: Partial<Reported> = {}): Reported {
  return {
    ...{ at: epochMs(began), code: 'HTTP_STATUS 503', kind: 'transient' },
    ...{ text: 'http request answered 503.', attempt: 5 },
    node: { id: 'n2', type: 'http request', name: 'ERP' },
    ...changes,
  }
}

export function originalOf(msg: object) {
  const { codec, bytes } = encode(msg)
  return { codec, bytes }
}

export function messageIn({ original }: Pick<Letter, 'original'>): unknown {
  return decode(original.codec, original.bytes)
}

export function textOf(letter: Pick<Letter, 'original'>): string {
  const message = messageIn(letter)
  return String(Reflect.get(Object(message), 'payload'))
}

/** accepted = outcomes + stored. */
export function isBalanced({ totals }: Letters): boolean {
  const { accepted, delivered, deadLettered, dropped, stored } = totals
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  return accepted === delivered + deadLettered + lost + stored
}
