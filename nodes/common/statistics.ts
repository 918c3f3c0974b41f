/**
 * One line in the log every five minutes, at level debug, for all nodes together: what came, what
 * became of it, what waits. Whoever reads an old log learns from it how things stood; it is never
 * written in a process without nodes.
 */

import { ms } from '../../src/base/units.js'
import { droppedOf, type StatusDocument } from '../../src/observe/status-document.js'
import type { NodeRed } from './node-red.js'
import { figureText, shared, sizeText } from './words.js'

const every = ms(300_000)

export class Statistics {
  readonly #RED: NodeRed
  readonly #documentNow: () => StatusDocument
  #passed = 0

  constructor(RED: NodeRed, documentNow: () => StatusDocument) {
    this.#RED = RED
    this.#documentNow = documentNow
  }

  /** So much time has passed since it was last told. */
  passed(span: number): void {
    this.#passed += span
    if (this.#passed < every) return
    this.#passed = 0
    const RED = this.#RED
    RED.log?.debug(RED._(shared('statistics'), valuesOf(RED, this.#documentNow())))
  }
}

function valuesOf(RED: NodeRed, document: StatusDocument): Record<string, string> {
  const { balance, queues, deadLetters, nodes } = document
  const { accepted, delivered, waiting, deadLettered, difference } = balance
  const rate = nodes.reduce((sum, { perSecond }) => sum + (perSecond ?? 0), 0)
  const counts = {
    ...{ accepted, delivered, waiting, deadLettered, dropped: droppedOf(balance), difference },
    ...{ nodes: nodes.length, letters: deadLetters.waiting, rate: Math.round(rate * 10) / 10 },
  }
  const texts = Object.entries(counts).map(([name, count]) => [name, figureText(RED, count)])
  return { ...Object.fromEntries(texts), size: sizeText(queues.bytes + deadLetters.bytes) }
}
