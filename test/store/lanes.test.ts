/**
 * Lanes against a small reader that passes over what is held: per lane in order, never two of one
 * lane out, every message once, and a table of at most 1,000 lanes.
 */

import fc from 'fast-check'
import 'should'
import { Lanes, lanesMax } from '../../src/store/lanes.js'
import { testSeed } from '../world/seeded-random.js'

describe('lanes', () => {
  it('let one of each lane out, in order, whatever is read, taken and ended when', () => {
    const move = fc.constantFrom('read', 'take', 'end', 'fetch', 'evict')
    const moves = fc.array(fc.tuple(move, fc.nat(50)), { maxLength: 300, size: 'large' })
    const lanes = fc.array(fc.nat(5), { maxLength: 80, size: 'large' })
    fc.assert(
      fc.property(lanes, moves, (messages, played) => {
        const reader = new SmallReader(messages)
        for (const [name, n] of played) reader[name](n)
        reader.finish()
        return reader.isOrdered
      }),
      { seed: testSeed, numRuns: 500 },
    )
  })

  it('number at most 1,000: a new one waits until another has ended', () => {
    const lanes = new Lanes()
    for (let lane = 1; lane <= lanesMax; lane++) {
      lanes.isNext(lane, lane).should.be.true()
      lanes.out(lane)
    }
    lanes.isNext(lanesMax + 1, lanesMax + 1).should.be.false()
    lanes.size.should.equal(lanesMax)
    lanes.ended(500)
    lanes.isNext(lanesMax + 1, lanesMax + 1).should.be.true()
  })

  it('that rest stay blocked until they may go on', () => {
    const lanes = new Lanes()
    lanes.out(7)
    lanes.passed(7, 12)
    lanes.ended(7, true)
    lanes.isNext(7, 12).should.be.false()
    lanes.passedOver().should.eql([])
    lanes.goOn()
    lanes.passedOver().should.eql([{ lane: 7, from: 12 }])
    lanes.lookedUp(7, undefined)
    lanes.size.should.equal(0)
  })
})

/** Reads, takes and ends messages as a feed does, without a disk. */
class SmallReader {
  readonly #messages: readonly number[]
  readonly #lanes = new Lanes()
  #ahead: number[] = []
  #scanned = 0
  readonly #out: number[] = []
  readonly #ended: number[] = []
  isOrdered = true

  constructor(messages: readonly number[]) {
    this.#messages = messages
  }

  read(): void {
    if (this.#scanned === this.#messages.length) return
    const sequence = this.#scanned++
    if (this.#lanes.isHeld(this.#laneOf(sequence))) {
      this.#lanes.passed(this.#laneOf(sequence), sequence)
    } else this.#ahead.push(sequence)
  }

  take(): void {
    const index = this.#ahead.findIndex((n) => this.#lanes.isNext(this.#laneOf(n), n))
    const [sequence] = index < 0 ? [] : this.#ahead.splice(index, 1)
    if (sequence === undefined) return
    const lane = this.#laneOf(sequence)
    const isFirst = !this.#messages.slice(0, sequence).some((other, n) => {
      return other === lane && !this.#ended.includes(n)
    })
    if (!isFirst || this.#out.some((n) => this.#laneOf(n) === lane)) this.isOrdered = false
    this.#lanes.out(lane)
    this.#out.push(sequence)
  }

  end(n: number): void {
    const [sequence] = this.#out.splice(n % Math.max(1, this.#out.length), 1)
    if (sequence === undefined) return
    this.#ended.push(sequence)
    this.#lanes.ended(this.#laneOf(sequence))
  }

  /** Two messages at most of a lane that may go on. */
  fetch(n: number): void {
    const all = this.#lanes.passedOver()
    const chosen = all[n % Math.max(1, all.length)]
    if (chosen === undefined) return
    const { lane, from } = chosen
    const found: number[] = []
    for (let at = from; at < this.#scanned; at++) if (this.#laneOf(at) === lane) found.push(at)
    this.#ahead.push(...found.slice(0, 2))
    this.#ahead.sort((a, b) => a - b)
    this.#lanes.lookedUp(lane, found[2])
  }

  evict(n: number): void {
    const keep = n % (this.#ahead.length + 1)
    for (const sequence of this.#ahead.splice(keep).reverse()) {
      this.#lanes.passed(this.#laneOf(sequence), sequence)
    }
  }

  /** Everything comes out in the end. */
  finish(): void {
    for (let turn = 0; turn < this.#messages.length * 4; turn++) {
      this.read()
      this.fetch(0)
      this.take()
      this.end(0)
    }
    if (this.#ended.length !== this.#messages.length || this.#lanes.size > 0) this.isOrdered = false
  }

  #laneOf(sequence: number): number {
    return this.#messages[sequence] ?? -1
  }
}
