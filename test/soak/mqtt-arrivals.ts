/**
 * The books of the MQTT chaos: what a publisher was promised against what reached the broker, topic
 * by topic. Every message has a number that grows in the order of sending and is never used twice.
 * It waits for nothing and excuses nothing.
 */

import { textOf, topicOf, topics } from '../world/publisher-child.js'

export class MqttArrivals {
  /** Arrivals, repeated ones included. */
  count = 0
  /** Of these, those that had come before. */
  duplicates = 0
  /** First arrivals behind one with a higher number on the same topic. */
  inversions = 0
  readonly complaints: string[] = []
  readonly #seen = new Set<number>()
  readonly #highest = new Map<string, number>(topics.map((topic) => [topic, 0]))

  add(topic: string, payload: string): void {
    const number = Number.parseInt(payload, 10)
    this.count++
    if (topic !== topicOf(number) || payload !== textOf(number)) {
      this.complaints.push(`altered: ${topic} ${payload.slice(0, 40)}`)
      return
    }
    if (this.#seen.has(number)) {
      this.duplicates++
      return
    }
    this.#seen.add(number)
    const highest = this.#highest.get(topic) ?? 0
    if (number < highest) this.inversions++
    this.#highest.set(topic, Math.max(highest, number))
  }

  /** Different messages. */
  get distinct(): number {
    return this.#seen.size
  }

  missing(accepted: ReadonlySet<number>): number[] {
    return [...accepted].filter((number) => !this.#seen.has(number))
  }
}
