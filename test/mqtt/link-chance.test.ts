/**
 * The link on a line that breaks by chance, blind to what is on it, with and without messages on
 * which the broker hangs up: good ones are never set aside where the line is merely bad, bad ones
 * always are, and every topic keeps its order. Thousands of breaks on a standing clock.
 */

import should from 'should'
import { below, seededRandom, testSeed } from '../world/seeded-random.js'
import { Harness, type ListSource } from './harness.js'

const topics = ['a', 'b', 'c']
const count = 120

describe('link, on a line that breaks by chance', () => {
  for (const [share, runs] of [
    [0.02, 60],
    [0.05, 60],
  ] as const) {
    it(`sets no good message aside where ${share} of all sendings are hit`, async () => {
      for (let run = 0; run < runs; run++) {
        const line = await Line.run({ seed: testSeed + run, share, bad: [] })
        should(line.setAside).eql([], line.name)
        should(line.delivered).equal(count, line.name)
      }
    })
  }

  for (const share of [0, 0.02, 0.05]) {
    it(`sets aside what the broker hangs up on, and only that, where ${share} are hit`, async () => {
      for (let run = 0; run < 20; run++) {
        const line = await Line.run({ seed: testSeed + run, share, bad: [20, 21, 60] })
        should(line.setAside.toSorted()).eql(['20', '21', '60'], line.name)
        should(line.delivered).equal(count - 3, line.name)
      }
    })
  }

  it('keeps the order of every topic while it finds out', async () => {
    for (let run = 0; run < 20; run++) {
      const line = await Line.run({ seed: testSeed + run, share: 0, bad: [20, 21, 60] })
      should(line.inversions).equal(0, line.name)
    }
  })
})

interface Weather {
  readonly seed: number
  /** Of all sendings that end the connection, by chance. */
  readonly share: number
  /** Numbers of messages on which the broker hangs up. */
  readonly bad: readonly number[]
}

/** One history, to its end. */
class Line {
  readonly name: string
  /** First arrivals behind one with a higher number of the same topic. */
  inversions = 0
  readonly #weather: Weather
  readonly #link: Harness
  readonly #source: ListSource
  readonly #highest = new Map<string, number>()
  readonly #arrived = new Set<number>()

  private constructor(weather: Weather, link: Harness) {
    this.#weather = weather
    this.#link = link
    this.name = `seed ${weather.seed}, share ${weather.share}`
    this.#source = link.source()
    const packets = Array.from({ length: count }, (_, n) => ({
      topic: topics[n % topics.length] ?? '',
      payload: `${n}`,
    }))
    this.#source.send(...packets)
  }

  static async run(weather: Weather): Promise<Line> {
    const line = new Line(weather, await Harness.connected({ maxInFlight: 5 }))
    await line.#live()
    return line
  }

  get setAside(): string[] {
    const aside = this.#source.settled.filter((text) => text.endsWith(' POISON'))
    return aside.map((text) => text.split(' ')[0] ?? '')
  }

  get delivered(): number {
    return this.#source.settled.filter((text) => text.endsWith(' delivered')).length
  }

  async #live(): Promise<void> {
    const random = seededRandom(this.#weather.seed)
    const isHit = () => random.fraction() < this.#weather.share
    for (let breaks = 0; this.#source.settled.length < count; breaks++) {
      if (breaks > 2_000) throw new Error(`there is no end to it, ${this.name}`)
      await this.#serve(isHit, () => below(random, 2) === 0)
      if (this.#source.settled.length === count) return
      await this.#link.hangUp()
      await this.#link.comeBack()
    }
  }

  /** Until the line breaks. What is hit may have arrived: then only its acknowledgement is lost. */
  async #serve(isHit: () => boolean, mayArrive: () => boolean): Promise<void> {
    const { clock } = this.#link
    const { wire } = this.#link
    await clock.settle()
    for (let nth = 0; nth < wire.payloads.length; nth++) {
      const number = Number(wire.payloads[nth])
      if (this.#weather.bad.includes(number)) return
      const isLost = isHit()
      if (!isLost || mayArrive()) this.#arrive(number, wire.packets[nth]?.topic ?? '')
      if (isLost) return
      wire.answer(nth)
      await clock.settle()
    }
  }

  #arrive(number: number, topic: string): void {
    if (this.#arrived.has(number)) return
    this.#arrived.add(number)
    const highest = this.#highest.get(topic) ?? -1
    if (number < highest) this.inversions++
    this.#highest.set(topic, Math.max(highest, number))
  }
}
