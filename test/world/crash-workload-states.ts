/**
 * The states that crashes leave of the disk of one journal or queue: taken after every operation
 * that changes it, each opened and judged, some of them crashed again during recovery or after it.
 */

import type { Event } from '../../src/base/event.js'
import { Fault, reasonOf } from '../../src/base/fault.js'
import type { Random } from '../../src/base/ports.js'
import type { StoredRecord } from '../../src/store/tail.js'
import type { Subject } from './crash-subject.js'
import { type Expected, owedOf, type Sent, wrongIn } from './crash-workload-verdict.js'
import type { MemoryDisk } from './memory-disk.js'
import { changesDisk, describeOperation, type Operation } from './memory-disk-faults.js'
import { below } from './seeded-random.js'
import { afterKill, afterPowerCut, type TestWorld } from './test-world.js'

/** A disk after a crash, and what must be found there. */
interface State extends Expected {
  readonly world: TestWorld
  /** What happened, for people. */
  readonly story: string
  readonly isRepeated: boolean
}

type Counted = Pick<Expected, 'unstored' | 'ended'>

export interface CrashStatesSettings {
  readonly perOperation: number
  /** Power cuts may take what was acknowledged: only kills are tried. */
  readonly onlyKills: boolean
  readonly open: (world: TestWorld, emit: (event: Event) => void) => Promise<Subject>
  /** What a mutant does to each state before the journal is opened on it. */
  readonly tamper: (disk: MemoryDisk) => void
}

/** Share of states in which the power fails again, during recovery and after it. */
const repeated = 0.1
const killed = 0.2
/** Messages beyond this are what makes a state slow to judge. */
export const largeBytes = 64 << 10

export class CrashStates {
  readonly #settings: CrashStatesSettings
  readonly #sent: Sent[]
  readonly #random: Random
  readonly complaints: string[] = []
  #pending: State[] = []
  /** States in which the journal was opened, repeated crashes included. */
  count = 0
  /** States among them with a message over 64 KB. */
  large = 0

  constructor(settings: CrashStatesSettings, sent: Sent[], random: Random) {
    this.#settings = settings
    this.#sent = sent
    this.#random = random
  }

  complain(complaint: string): void {
    this.complaints.push(complaint)
  }

  /** To be called after every operation of the disk. */
  take(world: TestWorld, operation: Operation, { unstored, ended }: Counted): void {
    if (!changesDisk(operation)) return
    const offered = this.#sent.length
    const owed = owedOf(this.#sent)
    for (let n = 0; n < this.#settings.perOperation; n++) {
      const isRepeated = this.#random.fraction() < repeated
      const story = describeOperation(operation)
      const state = { world, story, offered, unstored, ended, owed, isRepeated }
      this.#pending.push(this.#crashed(state))
    }
  }

  /** Judges the states taken so far, until the first complaint if `isImpatient`. */
  async judge(isImpatient: boolean): Promise<void> {
    const states = this.#pending
    this.#pending = []
    for (const state of states) {
      if (isImpatient && this.complaints.length > 0) return
      await this.#examine(state)
    }
  }

  /** The same state after one more crash. */
  #crashed(state: State): State {
    const isKill = this.#settings.onlyKills || this.#random.fraction() < killed
    const world = isKill ? afterKill(state.world) : afterPowerCut(state.world, this.#random)
    return { ...state, world, story: `${state.story}, ${isKill ? 'kill' : 'power cut'}` }
  }

  /** Opens the journal on a state and says what is wrong there. */
  async #examine(state: State): Promise<void> {
    this.count++
    const { world, story } = state
    this.#settings.tamper(world.disk)
    const again = state.isRepeated ? this.#crashDuring(state) : []
    try {
      const subject = await this.#settings.open(world, ({ kind }) => {
        if (kind === 'store.corrupt') this.complain(`${story}: reported as damaged`)
      })
      const records = await subject.readAll()
      if (records.some(({ payload }) => payload.length > largeBytes)) this.large++
      for (const wrong of wrongIn(state, subject, records, this.#sent)) {
        this.complain(`${story}: ${wrong}`)
      }
      world.disk.afterOperation = undefined
      if (state.isRepeated) await this.#crashAfter(state, subject, records)
    } catch (error) {
      this.complain(`${story}: cannot be opened: ${storyOf(error)}`)
    }
    for (const next of again) await this.#examine(next)
  }

  /** Takes one state in the middle of the recovery that is about to begin. */
  #crashDuring(state: State): State[] {
    const found: State[] = []
    let left = below(this.#random, 12)
    state.world.disk.afterOperation = (operation) => {
      if (!changesDisk(operation) || left-- !== 0) return
      const story = `${state.story}, ${describeOperation(operation)}`
      found.push(this.#crashed({ ...state, story, isRepeated: false }))
    }
    return found
  }

  /** What recovery has shown is durable from then on, and so is what is appended next. */
  async #crashAfter(state: State, subject: Subject, records: readonly StoredRecord[]) {
    const payload = Buffer.from('one more')
    const lane = this.#sent.push({ payload, codec: 0, isSettled: true }) - 1
    const appended = subject.append({ payload, codec: 0, lane })
    await state.world.clock.advance(100)
    await appended
    const owed = [...records.map((record) => record.lane), lane]
    const story = `${state.story}, recovered, one more`
    const next = { ...state, story, offered: lane + 1, owed, isRepeated: false }
    await this.#examine(this.#crashed(next))
  }
}

export const storyOf = (error: unknown) =>
  error instanceof Fault ? `${error.code} ${JSON.stringify(error.values)}` : reasonOf(error)
