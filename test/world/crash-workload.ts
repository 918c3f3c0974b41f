/**
 * A journal at work on the crash simulator: a seeded life of appends, settlements, rotations and
 * clean restarts. After every operation of the disk it takes samples of what a power cut or a kill
 * leaves, opens the journal there and says what is wrong. It judges by promises alone and does not
 * look into files.
 */

import type { Event } from '../../src/base/event.js'
import { Fault, reasonOf } from '../../src/base/fault.js'
import type { Random } from '../../src/base/ports.js'
import { Budget } from '../../src/store/budget.js'
import { Journal } from '../../src/store/journal.js'
import { framingBytes } from '../../src/store/record.js'
import type { JournalSettings } from '../../src/store/settings.js'
import type { Durability } from '../../src/store/syncer.js'
import type { StoredRecord } from '../../src/store/tail.js'
import type { MemoryDisk, MemoryDiskOptions } from './memory-disk.js'
import { changesDisk, describeOperation, type Operation } from './memory-disk-faults.js'
import { below, seededRandom } from './seeded-random.js'
import { afterKill, afterPowerCut, type TestWorld, testWorld } from './test-world.js'

export interface CrashSettings {
  readonly seed: number
  /** Things that happen to the journal. */
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
  /** States in which the journal was opened, repeated crashes included. */
  readonly states: number
  readonly operations: number
  /** Messages appended and acknowledged. */
  readonly acknowledged: number
  /** What was wrong, and where to find it again. */
  readonly complaints: string[]
}

/** One message that was handed to the journal; its number in the list travels as its lane. */
interface Sent {
  readonly payload: Uint8Array
  readonly codec: number
  sequence?: number
  isSettled: boolean
}

/** A disk after a crash, and what must be found there. */
interface State {
  readonly world: TestWorld
  readonly after: string
  /** Messages handed over before the crash: no other may be found. */
  readonly offered: number
  /** Lanes of those acknowledged and not settled. */
  readonly owed: readonly number[]
  readonly isRepeated: boolean
}

const directory = '/data/queue'
const sizes = [0, 1, 40, 200, 200, 200, 450, 451, 1000, 4000, 20_000, 70_000]
const noise = seededRandom(4711).bytes(1 << 18)
/** Share of states in which the power fails again, during recovery and after it. */
const repeated = 0.1
const killed = 0.2

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
  readonly #complaints: string[] = []
  #pending: State[] = []
  #states = 0
  #operations = 0

  constructor(settings: CrashSettings) {
    this.#settings = settings
    this.#world = testWorld({ seed: settings.seed, ...(settings.disk && { disk: settings.disk }) })
    this.#random = seededRandom(settings.seed + 1)
  }

  get report(): CrashReport {
    const acknowledged = this.#sent.filter(({ sequence }) => sequence !== undefined).length
    const complaints = this.#complaints
    return { states: this.#states, operations: this.#operations, acknowledged, complaints }
  }

  get #isOver(): boolean {
    return this.#settings.isImpatient === true && this.#complaints.length > 0
  }

  async run(): Promise<void> {
    this.#world.disk.afterOperation = (operation) => this.#sample(operation)
    let journal = await this.#finish(this.#open(this.#world))
    for (let step = 0; step < this.#settings.steps && !this.#isOver; step++) {
      for (let acts = below(this.#random, 3); acts >= 0; acts--) this.#act(journal)
      await this.#pause()
      if (this.#random.fraction() < 0.04) journal = await this.#restart(journal)
      await this.#examineAll()
    }
    await this.#finish(journal.close())
    await this.#examineAll()
  }

  /** One thing that happens to a journal; nothing waits for the one before. */
  #act(journal: Journal): void {
    const lot = this.#random.fraction()
    if (lot < 0.5) for (let n = below(this.#random, 5); n >= 0; n--) this.#append(journal)
    else if (lot < 0.9) this.#settleSome(journal)
    else journal.released({ upTo: this.#sent.length, atMost: 20 })
  }

  #append(journal: Journal): void {
    const payload = this.#payload(this.#sent.length)
    const sent: Sent = { payload, codec: this.#sent.length % 2, isSettled: false }
    const lane = this.#sent.push(sent) - 1
    journal.append({ payload, codec: sent.codec, lane }).then(
      (sequence) => {
        sent.sequence = sequence
      },
      (error: unknown) => this.#complain(`append ${lane}: ${storyOf(error)}`),
    )
  }

  /** Mostly noise; sometimes bytes of the journal itself, as when somebody sends its files around. */
  #payload(lane: number): Uint8Array {
    const { disk } = this.#world
    const newest = disk.namesIn(directory).findLast((name) => name.endsWith('.seg'))
    if (newest !== undefined && this.#random.fraction() < 0.05) {
      return disk.bytesOf(`${directory}/${newest}`).subarray(-2000)
    }
    const size = sizes[below(this.#random, sizes.length)] ?? 0
    const at = (lane * 7919) % (noise.length - size)
    return noise.subarray(at, at + size)
  }

  /** Some of the oldest, and rather more when many wait, so that segments become empty. */
  #settleSome(journal: Journal): void {
    const waiting = this.#waiting()
    const count = below(this.#random, waiting.length > 40 ? waiting.length : 8)
    for (let n = 0; n < count; n++) {
      const near = below(this.#random, Math.min(waiting.length, count + 4))
      const [sent] = waiting.splice(near, 1)
      if (sent?.sequence === undefined) continue
      sent.isSettled = true
      const record = { sequence: sent.sequence, bytes: sent.payload.length + framingBytes }
      const outcome = this.#random.fraction() < 0.9 ? 'delivered' : 'expired'
      if (!journal.settle(record, outcome)) this.#complain(`${sent.sequence} was settled before`)
    }
  }

  #waiting(): Sent[] {
    return this.#sent.filter(({ sequence, isSettled }) => sequence !== undefined && !isSettled)
  }

  /** Lets things happen: all of them, or as far as a slow disk gets in a while. */
  async #pause(): Promise<void> {
    const { clock } = this.#world
    const lot = this.#random.fraction()
    if (lot < 0.1) await clock.advance(1100)
    else if (this.#settings.disk?.syncTakes === undefined) await clock.settle()
    else await clock.advance(below(this.#random, 12))
  }

  /** A clean stop loses nothing and repeats nothing. */
  async #restart(journal: Journal): Promise<Journal> {
    await this.#finish(journal.close())
    const next = await this.#finish(this.#open(this.#world))
    const records = await this.#finish(readAll(next))
    const found = records.map(({ lane }) => lane).join()
    const expected = this.#owed().join()
    if (found !== expected) {
      this.#complain(`after a clean restart ${found || 'nothing'} instead of ${expected}`)
    }
    return next
  }

  #owed(): number[] {
    const owed: number[] = []
    this.#sent.forEach(({ sequence, isSettled }, lane) => {
      if (sequence !== undefined && !isSettled) owed.push(lane)
    })
    return owed
  }

  #sample(operation: Operation): void {
    if (!changesDisk(operation)) return
    this.#operations++
    const { seed, statesPerOperation } = this.#settings
    const owed = this.#owed()
    for (let n = 0; n < statesPerOperation; n++) {
      const [what, world] = this.#crashed(this.#world)
      const after = `seed ${seed}, ${what} after ${describeOperation(operation)}`
      const isRepeated = this.#random.fraction() < repeated
      this.#pending.push({ world, after, offered: this.#sent.length, owed, isRepeated })
    }
  }

  async #examineAll(): Promise<void> {
    const states = this.#pending
    this.#pending = []
    for (const state of states) {
      if (this.#isOver) return
      await this.#examine(state)
    }
  }

  /** Opens the journal on a state and says what is wrong there. */
  async #examine(state: State): Promise<void> {
    this.#states++
    const { disk } = state.world
    this.#settings.tamper?.(disk, directory)
    const again = state.isRepeated ? this.#crashDuring(state) : undefined
    try {
      const events: Event[] = []
      const journal = await this.#open(state.world, (event) => events.push(event))
      const records = await readAll(journal)
      for (const wrong of wrongIn(state, journal, records, this.#sent)) {
        this.#complain(`${state.after}: ${wrong}`)
      }
      if (events.some(({ kind }) => kind === 'store.corrupt')) {
        this.#complain(`${state.after}: reported as damaged`)
      }
      disk.afterOperation = undefined
      if (state.isRepeated) await this.#crashAfter(state, journal, records)
    } catch (error) {
      this.#complain(`${state.after}: cannot be opened: ${storyOf(error)}`)
    }
    if (again !== undefined) for (const next of again) await this.#examine(next)
  }

  /** Takes one state in the middle of the recovery that is about to begin. */
  #crashDuring(state: State): State[] {
    const found: State[] = []
    let left = below(this.#random, 12)
    state.world.disk.afterOperation = (operation) => {
      if (!changesDisk(operation) || left-- !== 0) return
      const [what, world] = this.#crashed(state.world)
      const after = `${state.after}, ${what} after ${describeOperation(operation)}`
      found.push({ ...state, world, after, isRepeated: false })
    }
    return found
  }

  /** What recovery has shown is durable from then on, and so is what is appended next. */
  async #crashAfter(state: State, journal: Journal, records: readonly StoredRecord[]) {
    const payload = noise.subarray(0, 300)
    const lane = this.#sent.push({ payload, codec: 0, isSettled: true }) - 1
    const appended = journal.append({ payload, codec: 0, lane })
    await state.world.clock.advance(100)
    await appended
    const owed = [...records.map((record) => record.lane), lane]
    const [what, world] = this.#crashed(state.world)
    const after = `${state.after}, recovered, one more, ${what}`
    const next = { world, after, offered: lane + 1, owed, isRepeated: false }
    await this.#examine(next)
  }

  /** Messages that only the system has survive a kill, and promise nothing more. */
  #crashed(world: TestWorld): [string, TestWorld] {
    const isSystem = this.#settings.durability?.is === 'system'
    if (isSystem || this.#random.fraction() < killed) return ['kill', afterKill(world)]
    return ['power cut', afterPowerCut(world, this.#random)]
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
    const failed = (fault: Fault) => this.#complain(`the journal gave up: ${storyOf(fault)}`)
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

  #complain(complaint: string): void {
    this.#complaints.push(complaint)
  }
}

const storyOf = (error: unknown) =>
  error instanceof Fault ? `${error.code} ${JSON.stringify(error.values)}` : reasonOf(error)

async function readAll(journal: Journal): Promise<StoredRecord[]> {
  const all: StoredRecord[] = []
  for (;;) {
    const from = (all.at(-1)?.sequence ?? -1) + 1
    const next = await journal.read(from, { records: 50, bytes: 200_000 })
    if (next.length === 0) return all
    all.push(...next)
  }
}

/** What does not hold in a recovered journal; settled messages may be back, but unaltered. */
function* wrongIn(
  { offered, owed }: State,
  journal: Journal,
  records: readonly StoredRecord[],
  sent: readonly Sent[],
): Iterable<string> {
  let last: StoredRecord | undefined
  const found = new Set<number>()
  for (const record of records) {
    const { lane, sequence, payload, codec } = record
    const message = lane < offered ? sent[lane] : undefined
    if (message === undefined) yield `foreign message ${sequence} with lane ${lane}`
    else if (codec !== message.codec || Buffer.compare(payload, message.payload) !== 0) {
      yield `message ${lane} is altered`
    } else if (message.sequence !== undefined && message.sequence !== sequence) {
      yield `message ${lane} has number ${sequence} instead of ${message.sequence}`
    }
    if (last !== undefined && (last.lane >= lane || last.sequence >= sequence)) {
      yield `message ${lane} comes after ${last.lane}`
    }
    found.add(lane)
    last = record
  }
  for (const lane of owed) if (!found.has(lane)) yield `message ${lane} is lost`
  const { accepted, ...outcomes } = journal.totals
  const left = Object.values(outcomes).reduce((sum, count) => sum + count, 0)
  if (journal.waiting !== records.length)
    yield `${journal.waiting} wait, ${records.length} are read`
  if (accepted !== left + records.length) {
    yield `${accepted} accepted are not ${left} that left and ${records.length} that wait`
  }
  if (accepted > offered) yield `${accepted} accepted of ${offered} offered`
}
