/**
 * A short scripted life of a journal during which the disk fails: it goes on as its owner would,
 * opens again what gave up, and keeps note of what was promised. At its end the promises are held
 * against what the next process finds, and what is found after a power cut.
 */

import { Fault } from '../../src/base/fault.js'
import type { Journal } from '../../src/store/journal.js'
import { framingBytes } from '../../src/store/record.js'
import { owedOf, type Sent, wrongIn } from './crash-workload-verdict.js'
import { seededRandom } from './seeded-random.js'
import { isBalanced, readAll, StoreGround } from './store-ground.js'
import { afterPowerCut, testWorld } from './test-world.js'

/** Longer than anything in the store waits. */
const patienceMs = 5000
const settings = { segmentBytes: 700, ballastBytes: 300 }
const powerCuts = 2

export class FaultLife {
  ground = new StoreGround(testWorld({ wall: Date.UTC(2027, 0, 1) }))
  readonly complaints: string[] = []
  /** Openings that only another process could make: the lock could not be let go. */
  locked = 0
  readonly #sent: Sent[] = []
  #journal: Journal | undefined
  #settled = 0

  /** From opening to the second clean stop. */
  async live(): Promise<void> {
    await this.#append(5, 120)
    this.#settle(0, 2)
    await this.#append(4, 80)
    await this.#read()
    this.#settle(1, 5, 7)
    await this.ground.world.clock.advance(1100)
    await this.#append(1, 900)
    this.#settle(3, 4, 8)
    await this.#append(3, 100)
    await this.#stop()
    await this.#read()
    this.#settle(6, 9)
    await this.#append(3, 150)
    await this.#stop()
    await this.#read()
    await this.#stop()
  }

  /** The faults are over: what was promised must be there for whoever comes next. */
  async judge(): Promise<void> {
    this.ground.disk.heal()
    this.ground.disk.shortWrites = undefined
    await this.#stop()
    await this.#judge('next process', this.ground.afterKill())
    for (let cut = 0; cut < powerCuts; cut++) {
      const world = afterPowerCut(this.ground.world, seededRandom(cut))
      await this.#judge('power cut', new StoreGround(world))
    }
  }

  /** The journal at work, opened again if it gave up; undefined while it cannot be opened. */
  async #open(): Promise<Journal | undefined> {
    if (this.#journal?.failure !== undefined) await this.#stop()
    if (this.#journal !== undefined) return this.#journal
    for (let attempt = 0; attempt < 2 && this.#journal === undefined; attempt++) {
      const opened = await this.#ended('open', this.ground.open(settings))
      if (opened.is === 'kept') this.#journal = opened.value
      else if (codeOf(opened) === 'STORE_BUSY') {
        this.locked++
        this.ground = this.ground.afterKill()
      }
    }
    return this.#journal
  }

  async #append(count: number, size: number): Promise<void> {
    const journal = await this.#open()
    if (journal === undefined) return
    const ends = Array.from({ length: count }, async () => {
      const payload = Buffer.alloc(size, `${this.#sent.length} `)
      const sent: Sent = { payload, codec: 0, isSettled: false }
      const lane = this.#sent.push(sent) - 1
      const wasFailed = journal.failure !== undefined
      const end = await this.#ended(`append ${lane}`, journal.append({ payload, codec: 0, lane }))
      if (end.is === 'kept') {
        if (wasFailed) this.complaints.push(`append ${lane} accepted after a failure`)
        sent.sequence = end.value
      } else if (journal.failure === undefined) sent.isRefused = true
    })
    await Promise.all(ends)
  }

  #settle(...lanes: number[]): void {
    for (const lane of lanes) {
      const sent = this.#sent[lane]
      if (sent?.sequence === undefined || sent.isSettled) continue
      const { sequence, payload } = sent
      sent.isSettled = true
      this.#settled++
      this.#journal?.settle({ sequence, bytes: payload.length + framingBytes }, 'delivered')
    }
  }

  async #read(): Promise<void> {
    const journal = await this.#open()
    if (journal === undefined) return
    const read = await this.#ended('read', readAll(this.ground, journal))
    if (read.is === 'refused') return
    for (const { lane, payload } of read.value) {
      const sent = this.#sent[lane]
      if (sent !== undefined && Buffer.compare(payload, sent.payload) === 0) continue
      this.complaints.push(`read: message ${lane} is altered`)
    }
  }

  async #stop(): Promise<void> {
    const journal = this.#journal
    this.#journal = undefined
    if (journal !== undefined) await this.#ended('close', journal.close())
  }

  async #judge(story: string, ground: StoreGround): Promise<void> {
    const complain = (text: string) => this.complaints.push(`${story}: ${text}`)
    try {
      const journal = await ground.open(settings)
      const records = await readAll(ground, journal)
      const [offered, owed] = [this.#sent.length, owedOf(this.#sent)]
      const expected = { offered, owed, unstored: 0, ended: this.#settled }
      for (const wrong of wrongIn(expected, journal, records, this.#sent)) complain(wrong)
      if (!isBalanced(journal)) complain('no balance')
      if (ground.events.some(({ kind }) => kind === 'store.corrupt')) complain('taken for damaged')
      await ground.finish(journal.close())
    } catch (error) {
      complain(`cannot be opened: ${error instanceof Fault ? error.code : error}`)
    }
  }

  /** How something ended, which it must within a while; only faults of ours may come out. */
  async #ended<T>(what: string, work: Promise<T>): Promise<End<T>> {
    let isOver = false
    const end = work.then(
      (value): End<T> => ({ is: 'kept', value }),
      (reason: unknown): End<T> => ({ is: 'refused', reason }),
    )
    end.finally(() => {
      isOver = true
    })
    await this.ground.world.clock.settle()
    if (!isOver) await this.ground.world.clock.advance(patienceMs)
    if (!isOver) throw new Error(`${what} hangs`)
    const ended = await end
    if (ended.is === 'refused' && codeOf(ended) === '' && what !== 'read')
      this.complaints.push(`${what} rejects with ${ended.reason}`)
    return ended
  }
}

type End<T> = { readonly is: 'kept'; readonly value: T } | Refused
interface Refused {
  readonly is: 'refused'
  readonly reason: unknown
}

const codeOf = ({ reason }: Refused): string => (reason instanceof Fault ? reason.code : '')
