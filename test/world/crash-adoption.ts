/**
 * A journal that adopts orphans on the crash simulator: directories are filled, left, and adopted
 * in one go or in parts while the journal goes on working. After every operation states that
 * crashes leave are judged over both directories as one: what is in either is kept, what is in
 * both under one id is there once.
 */

import type { Event } from '../../src/base/event.js'
import { Fault } from '../../src/base/fault.js'
import type { Random } from '../../src/base/ports.js'
import { adopt } from '../../src/store/adoption.js'
import { Budget } from '../../src/store/budget.js'
import { Journal } from '../../src/store/journal.js'
import { framingBytes } from '../../src/store/record.js'
import type { Ground } from '../../src/store/settings.js'
import type { StoredRecord } from '../../src/store/tail.js'
import { type Directories, UnionSubject } from './crash-adoption-subject.js'
import { CrashPayloads } from './crash-payloads.js'
import type { CrashReport, CrashSettings } from './crash-settings.js'
import { CrashStates, storyOf } from './crash-workload-states.js'
import { owedOf, readAll, type Sent } from './crash-workload-verdict.js'
import { below, seededRandom } from './seeded-random.js'
import { type TestWorld, testWorld } from './test-world.js'

const directories: Directories = { owned: '/data/queue', orphan: '/data/orphan' }
const wall = Date.UTC(2027, 0, 1)

export async function adoptEverywhere(settings: CrashSettings): Promise<CrashReport> {
  const life = new AdoptingLife(settings)
  await life.run()
  return life.report
}

class AdoptingLife {
  readonly #settings: CrashSettings
  readonly #world: TestWorld
  readonly #random: Random
  readonly #payloads: CrashPayloads
  /** All messages of all journals; the place in the list is the lane. */
  readonly #sent: Sent[] = []
  /** Where each message lies in the journal that adopts, by lane. */
  readonly #places = new Map<number, Pick<StoredRecord, 'sequence' | 'bytes'>>()
  /** Under which id each message was known first, by lane. */
  readonly #ids = new Map<number, string>()
  readonly #states: CrashStates
  #ended = 0
  #adopted = 0

  constructor(settings: CrashSettings) {
    const { seed, disk = {} } = settings
    this.#settings = settings
    this.#world = testWorld({ seed, disk, wall })
    this.#random = seededRandom(seed + 1)
    this.#payloads = new CrashPayloads(this.#random, false, () => undefined)
    const states = {
      perOperation: settings.statesPerOperation,
      onlyKills: false,
      open: (world: TestWorld, emit: (event: Event) => void) =>
        UnionSubject.open(groundOf(world, emit), directories, this.#ids),
      tamper: () => {},
    }
    this.#states = new CrashStates(states, this.#sent, seededRandom(seed + 2))
  }

  get report(): CrashReport {
    const { count: states, large: largeStates, complaints } = this.#states
    const { seed } = this.#settings
    return {
      states,
      largeStates,
      acknowledged: this.#sent.filter(({ sequence }) => sequence !== undefined).length,
      compactions: 0,
      adopted: this.#adopted,
      ended: { delivered: this.#ended },
      complaints: complaints.map((text) => `seed ${seed}, ${text}`),
    }
  }

  async run(): Promise<void> {
    this.#world.disk.afterOperation = (operation) => {
      this.#states.take(this.#world, operation, { unstored: 0, ended: this.#ended })
    }
    let journal = await this.#open(directories.owned)
    for (let step = 0; step < this.#settings.steps; step++) {
      if (!(await this.#isThere(directories.orphan))) await this.#makeOrphan()
      this.#append(journal, below(this.#random, 4))
      this.#settleSome(journal)
      await this.#adopt(journal)
      if (this.#random.fraction() < 0.2) {
        await this.#finish(journal.close())
        journal = await this.#open(directories.owned)
      }
      await this.#states.judge(false)
    }
    await this.#finish(journal.close())
    await this.#states.judge(false)
  }

  async #isThere(directory: string): Promise<boolean> {
    const names = await this.#world.disk.list(directory).catch(() => [])
    return names.length > 0
  }

  async #makeOrphan(): Promise<void> {
    const orphan = await this.#open(directories.orphan)
    for (let rounds = 1 + below(this.#random, 4); rounds > 0; rounds--) {
      this.#append(orphan, below(this.#random, 8))
      await this.#world.clock.advance(20)
    }
    const records = await this.#finish(readAll(orphan))
    for (const record of records) {
      this.#ids.set(record.lane, record.id)
      this.#places.delete(record.lane)
      if (this.#random.fraction() < 0.3) this.#settle(orphan, record)
    }
    await this.#finish(orphan.close())
  }

  #append(journal: Journal, count: number): void {
    for (let n = 0; n < count; n++) {
      const payload = this.#payloads.next(this.#sent.length)
      const sent: Sent = { payload, codec: 0, isSettled: false }
      const lane = this.#sent.push(sent) - 1
      journal.append({ payload, codec: 0, lane }).then(
        (sequence) => {
          sent.sequence = lane
          this.#places.set(lane, { sequence, bytes: payload.length + framingBytes })
        },
        (error: unknown) => this.#states.complain(`append ${lane}: ${storyOf(error)}`),
      )
    }
  }

  #settleSome(journal: Journal): void {
    for (const lane of owedOf(this.#sent)) {
      const place = this.#places.get(lane)
      if (place === undefined || this.#random.fraction() > 0.2) continue
      this.#settle(journal, { lane, ...place })
    }
  }

  #settle(journal: Journal, record: Pick<StoredRecord, 'lane' | 'sequence' | 'bytes'>): void {
    const sent = this.#sent[record.lane]
    if (sent === undefined || sent.isSettled) return
    sent.isSettled = true
    this.#ended++
    if (journal.settle(record, 'delivered')) return
    this.#states.complain(`message ${record.lane} was settled before`)
  }

  /** All that is there, or as much as there is room for. */
  async #adopt(journal: Journal): Promise<void> {
    const room = this.#random.fraction() < 0.5 ? 1000 : journal.waiting + below(this.#random, 8)
    const full = new Fault('QUEUE_FULL')
    const refusalOf = (messages: number) => (journal.waiting + messages > room ? full : undefined)
    const ground = groundOf(this.#world, () => {})
    const { orphan } = directories
    const adopted = await this.#finish(adopt(ground, orphan, journal, refusalOf))
    this.#adopted += adopted.messages
    if (adopted.stopped !== undefined && adopted.stopped !== full) {
      this.#states.complain(`adoption: ${storyOf(adopted.stopped)}`)
    }
    for (const record of await this.#finish(readAll(journal))) {
      this.#places.set(record.lane, record)
      if (!this.#ids.has(record.lane)) this.#ids.set(record.lane, record.id)
    }
  }

  #open(directory: string): Promise<Journal> {
    const ground = groundOf(this.#world, () => {})
    return this.#finish(Journal.open(ground, UnionSubject.settingsFor(directory)))
  }

  /** Waits for something that may need time to pass. */
  async #finish<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const done = () => {
      isDone = true
    }
    work.then(done, done)
    for (let turn = 0; turn < 1000 && !isDone; turn++) await this.#world.clock.advance(5)
    if (!isDone) throw new Error('something does not come to its end')
    return work
  }
}

function groundOf(world: TestWorld, emit: (event: Event) => void): Ground {
  return { world, budget: new Budget(), emit, failed: () => {} }
}
