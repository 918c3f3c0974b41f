/**
 * A journal at work on the crash simulator: a seeded life of appends, settlements, rotations and
 * clean restarts, with the states that crashes leave judged on the way. The same settings give the
 * same life on every machine.
 */

import type { Event } from '../../src/base/event.js'
import type { Random } from '../../src/base/ports.js'
import { Budget } from '../../src/store/budget.js'
import { Journal } from '../../src/store/journal.js'
import { framingBytes } from '../../src/store/record.js'
import type { JournalSettings } from '../../src/store/settings.js'
import type { Durability } from '../../src/store/syncer.js'
import { CrashStates, storyOf } from './crash-workload-states.js'
import { owedOf, readAll, type Sent } from './crash-workload-verdict.js'
import type { MemoryDisk, MemoryDiskOptions } from './memory-disk.js'
import { below, seededRandom } from './seeded-random.js'
import { type TestWorld, testWorld } from './test-world.js'

export interface CrashSettings {
  readonly seed: number
  /** Turns of the journal's life, with up to three things happening in each. */
  readonly steps: number
  /** States built after every operation that changes the disk. */
  readonly statesPerOperation: number
  readonly durability?: Durability
  readonly segmentBytes?: number
  readonly disk?: Omit<MemoryDiskOptions, 'clock'>
  /** What a mutant does to each state before the journal is opened on it. */
  readonly tamper?: (disk: MemoryDisk, directory: string) => void
  /** Stop at the first complaint. */
  readonly isImpatient?: boolean
}

export interface CrashReport {
  readonly states: number
  /** Messages appended and acknowledged. */
  readonly acknowledged: number
  /** What was wrong, and where to find it again. */
  readonly complaints: readonly string[]
}

const directory = '/data/queue'
const sizes = [0, 1, 40, 100, 200, 200, 300, 388, 449, 450, 451, 1000]
/** Rare, because every state reads them all. */
const largeSizes = [4000, 20_000, 70_000]
const noise = seededRandom(4711).bytes(1 << 18)

export async function crashEverywhere(settings: CrashSettings): Promise<CrashReport> {
  const workload = new CrashWorkload(settings)
  await workload.run()
  return workload.report
}

class CrashWorkload {
  readonly #settings: CrashSettings
  readonly #world: TestWorld
  readonly #random: Random
  readonly #sent: Sent[] = []
  /** How the messages ended. */
  readonly #totals = { delivered: 0, expired: 0, overflow: 0 }
  readonly #states: CrashStates

  constructor(settings: CrashSettings) {
    const { seed, disk = {}, tamper, durability } = settings
    this.#settings = settings
    this.#world = testWorld({ seed, disk })
    this.#random = seededRandom(seed + 1)
    const states = {
      perOperation: settings.statesPerOperation,
      onlyKills: durability?.is === 'system',
      open: (world: TestWorld, emit: (event: Event) => void) => this.#open(world, emit),
      tamper: (state: MemoryDisk) => tamper?.(state, directory),
    }
    this.#states = new CrashStates(states, this.#sent, seededRandom(seed + 2))
  }

  get report(): CrashReport {
    const { count: states, complaints } = this.#states
    const acknowledged = this.#accepted
    const { seed } = this.#settings
    return { states, acknowledged, complaints: complaints.map((text) => `seed ${seed}, ${text}`) }
  }

  get #accepted(): number {
    return this.#sent.filter(({ sequence }) => sequence !== undefined).length
  }

  async run(): Promise<void> {
    const { steps, isImpatient = false } = this.#settings
    this.#world.disk.afterOperation = (operation) => {
      this.#states.take(this.#world, operation, this.#totals.overflow)
    }
    let journal = await this.#finish(this.#open(this.#world))
    for (let step = 0; step < steps; step++) {
      for (let acts = below(this.#random, 3); acts >= 0; acts--) this.#act(journal)
      await this.#pause()
      if (this.#random.fraction() < 0.08) journal = await this.#restart(journal)
      await this.#states.judge(isImpatient)
      if (isImpatient && this.#states.complaints.length > 0) return
    }
    journal = await this.#restart(journal)
    await this.#finish(journal.close())
    await this.#states.judge(isImpatient)
  }

  /** One thing that happens to a journal; nothing waits for the one before. */
  #act(journal: Journal): void {
    const lot = this.#random.fraction()
    if (lot < 0.5) for (let n = below(this.#random, 5); n >= 0; n--) this.#append(journal)
    else if (lot < 0.9) this.#settleSome(journal)
    else if (lot < 0.95) journal.released({ upTo: this.#sent.length, atMost: 20 })
    else {
      this.#totals.overflow++
      journal.dropUnstored('overflow')
    }
  }

  #append(journal: Journal): void {
    const payload = this.#payload(this.#sent.length)
    const sent: Sent = { payload, codec: this.#sent.length % 2, isSettled: false }
    const lane = this.#sent.push(sent) - 1
    journal.append({ payload, codec: sent.codec, lane }).then(
      (sequence) => {
        sent.sequence = sequence
      },
      (error: unknown) => this.#states.complain(`append ${lane}: ${storyOf(error)}`),
    )
  }

  /** Mostly noise; sometimes bytes of the journal itself, as when somebody sends its files. */
  #payload(lane: number): Uint8Array {
    const { disk } = this.#world
    const newest = disk.namesIn(directory).findLast((name) => name.endsWith('.seg'))
    if (newest !== undefined && this.#random.fraction() < 0.05) {
      return disk.bytesOf(`${directory}/${newest}`).subarray(-2000)
    }
    const some = this.#random.fraction() < 0.03 ? largeSizes : sizes
    const size = some[below(this.#random, some.length)] ?? 0
    const at = (lane * 7919) % (noise.length - size)
    return noise.subarray(at, at + size)
  }

  /** Some of the oldest, and rather more when many wait, so that segments become empty. */
  #settleSome(journal: Journal): void {
    const waiting = owedOf(this.#sent)
    const count = below(this.#random, waiting.length > 15 ? waiting.length : 8)
    for (let n = 0; n < count; n++) {
      const near = below(this.#random, Math.min(waiting.length, count + 4))
      const sent = this.#sent[waiting.splice(near, 1)[0] ?? -1]
      if (sent?.sequence === undefined) continue
      sent.isSettled = true
      const record = { sequence: sent.sequence, bytes: sent.payload.length + framingBytes }
      const outcome = this.#random.fraction() < 0.9 ? 'delivered' : 'expired'
      this.#totals[outcome]++
      if (journal.settle(record, outcome)) continue
      this.#states.complain(`message ${sent.sequence} was settled before`)
    }
  }

  /** Lets things happen: all of them, or as far as a slow disk gets in a while. */
  async #pause(): Promise<void> {
    const { clock } = this.#world
    if (this.#random.fraction() < 0.1) await clock.advance(1100)
    else if (this.#settings.disk?.syncTakes === undefined) await clock.settle()
    else await clock.advance(below(this.#random, this.#random.fraction() < 0.5 ? 4 : 12))
  }

  /** A clean stop loses nothing and repeats nothing. */
  async #restart(journal: Journal): Promise<Journal> {
    await this.#finish(journal.close())
    this.#sent.forEach(({ sequence, isSettled }, lane) => {
      if (sequence === undefined && !isSettled) this.#states.complain(`append ${lane} hangs`)
    })
    const next = await this.#finish(this.#open(this.#world))
    const records = await this.#finish(readAll(next))
    const found = records.map(({ lane }) => lane).join()
    const owed = owedOf(this.#sent).join()
    if (found !== owed) this.#states.complain(`clean restart: [${found}] instead of [${owed}]`)
    this.#compareTotals(next)
    return next
  }

  #compareTotals(journal: Journal): void {
    const { delivered, expired, overflow } = this.#totals
    const accepted = this.#accepted + overflow
    for (const [name, count] of Object.entries({ accepted, delivered, expired, overflow })) {
      const told = Object.entries(journal.totals).find(([key]) => key === name)?.[1] ?? 0
      if (told !== count) this.#states.complain(`clean restart: ${name} ${told}, not ${count}`)
    }
  }

  #open(world: TestWorld, emit: (event: Event) => void = () => {}): Promise<Journal> {
    const { durability = { is: 'each' }, segmentBytes = 8192 } = this.#settings
    const settings: JournalSettings = {
      directory,
      queueId: 'q1',
      durability,
      segmentBytes,
      ballastBytes: 512,
    }
    const failed = (fault: Error) => this.#states.complain(`gave up: ${storyOf(fault)}`)
    return Journal.open({ world, budget: new Budget(), emit, failed }, settings)
  }

  /** Waits for something that may need time to pass. */
  async #finish<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const done = () => {
      isDone = true
    }
    work.then(done, done)
    for (let turn = 0; turn < 1000 && !isDone; turn++) await this.#world.clock.advance(5)
    return work
  }
}
