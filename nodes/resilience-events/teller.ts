/**
 * Events of other nodes as messages of a flow, in order and each once. While flows stop for a
 * deploy it waits: the timeline keeps what happens, a bounded number of events. It never tells of
 * the node that it speaks for, or one event could call forth the next.
 */

import type { Cancel } from '../../src/base/ports.js'
import type { Ms } from '../../src/base/units.js'
import { isWanted } from '../../src/observe/event-filter.js'
import type { StatusDocument } from '../../src/observe/status-document.js'
import type { Context } from '../common/room.js'
import type { Told } from '../common/timeline.js'
import type { Settings } from './resilience-events.settings.js'

export class Teller {
  readonly #context: Context<Settings>
  readonly #leave: (() => void)[]
  /** Number of the last event that it has told, or would have. */
  #told: number
  readonly #inWords: (told: Told) => string

  /** Tells of events after that number; `inWords` has the name of the node that each happened to. */
  constructor(context: Context<Settings>, from: number, inWords: (told: Told) => string) {
    this.#context = context
    this.#inWords = inWords
    this.#told = from
    this.#leave = [
      context.hall.timeline.watch(() => this.#tell()),
      context.work.whenStarted(() => this.#tell()),
    ]
  }

  /** Until what this returns is called. */
  tellEvery(span: Ms, status: () => Promise<StatusDocument>): () => void {
    const { hall, work } = this.#context
    const { clock } = hall.world
    let timer: Cancel = () => {}
    let isStopped = false
    const tell = async () => {
      if (work.isRunning) this.#send(await status(), () => isStopped)
    }
    const again = () => {
      if (isStopped) return
      timer = clock.wake(span, () => {
        tell()
          .catch((error: unknown) => work.complain(error))
          .finally(again)
      })
    }
    again()
    return () => {
      isStopped = true
      timer()
    }
  }

  /** Answers the number of the last event that it has told. */
  close(): number {
    for (const leave of this.#leave) leave()
    return this.#told
  }

  #send(document: StatusDocument, isStopped: () => boolean): void {
    if (isStopped()) return
    const { id: node } = this.#context
    const answer = { command: 'status', ok: true, node, result: document }
    this.#context.send(0, { topic: 'status', payload: document, resilience: { answer } })
  }

  #tell(): void {
    const { hall, work, id, settings } = this.#context
    if (!work.isRunning) return
    const news = hall.timeline.after(this.#told)
    this.#told = hall.timeline.count
    const wanted = news.filter((told) => told.node.id !== id && isWanted(told, settings.filter))
    for (const told of wanted) this.#context.send(0, this.#messageOf(told))
  }

  /** Others see the same event: a flow may change what it gets. */
  #messageOf(told: Told): { topic: string; payload: string; resilience: object } {
    const event = structuredClone(told)
    return { topic: event.kind, payload: this.#inWords(event), resilience: { event } }
  }
}
