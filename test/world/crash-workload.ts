/**
 * A journal or a queue at work on the crash simulator: a seeded life of appends, settlements,
 * drops, rotations and clean restarts, with the states that crashes leave judged on the way. The
 * same settings give the same life on every machine.
 */

import type { Event } from '../../src/base/event.js'
import type { Fault } from '../../src/base/fault.js'
import type { Random } from '../../src/base/ports.js'
import { Budget } from '../../src/store/budget.js'
import type { Limits } from '../../src/store/limits.js'
import type { QueueSettings } from '../../src/store/queue.js'
import { CrashPayloads } from './crash-payloads.js'
import type { CrashReport, CrashSettings } from './crash-settings.js'
import { JournalSubject, QueueSubject, type Subject, unlimited } from './crash-subject.js'
import { CrashStates, storyOf } from './crash-workload-states.js'
import { openOf, owedOf, type Sent } from './crash-workload-verdict.js'
import type { MemoryDisk } from './memory-disk.js'
import { below, seededRandom } from './seeded-random.js'
import { type TestWorld, testWorld } from './test-world.js'

type Either = JournalSubject | QueueSubject

const directory = '/data/queue'
const wall = Date.UTC(2027, 0, 1) // later than any message may be to have an age
export async function crashEverywhere(settings: CrashSettings): Promise<CrashReport> {
  const workload = new CrashWorkload(settings)
  await workload.run()
  return workload.report
}

class CrashWorkload {
  readonly #settings: CrashSettings
  readonly #world: TestWorld
  readonly #random: Random
  readonly #payloads: CrashPayloads
  readonly #sent: Sent[] = []
  /** How the messages ended; the queue drops for its own reasons. */
  readonly #ended = { delivered: 0, 'dead-lettered': 0, unstored: 0, dropped: 0 }
  readonly #states: CrashStates
  #compactions = 0

  constructor(settings: CrashSettings) {
    const { seed, disk = {}, tamper, durability, hasLargeMessages = false } = settings
    this.#settings = settings
    this.#world = testWorld({ seed, disk, wall })
    if (settings.hasShortWrites === true) this.#world.disk.shortWrites = seededRandom(seed + 3)
    this.#random = seededRandom(seed + 1)
    this.#payloads = new CrashPayloads(this.#random, hasLargeMessages, () => this.#newestSegment())
    const states = {
      perOperation: settings.statesPerOperation,
      onlyKills: durability?.is === 'system',
      open: (world: TestWorld, emit: (event: Event) => void) => this.#openUnlimited(world, emit),
      tamper: (state: MemoryDisk) => tamper?.(state, directory),
    }
    this.#states = new CrashStates(states, this.#sent, seededRandom(seed + 2))
  }

  get report(): CrashReport {
    const { count: states, large: largeStates, complaints } = this.#states
    const { seed } = this.#settings
    return {
      states,
      largeStates,
      acknowledged: this.#acknowledged,
      compactions: this.#compactions,
      adopted: 0,
      ended: this.#ended,
      complaints: complaints.map((text) => `seed ${seed}, ${text}`),
    }
  }

  get #acknowledged(): number {
    return this.#sent.filter(({ sequence }) => sequence !== undefined).length
  }

  get #endedInAll(): number {
    return Object.values(this.#ended).reduce((sum, count) => sum + count, 0)
  }

  async run(): Promise<void> {
    const { steps, isImpatient = false } = this.#settings
    this.#world.disk.afterOperation = (operation) => {
      if (operation.kind === 'rename' && operation.path.endsWith('.seg.tmp')) this.#compactions++
      // A drop is counted before its sender learns of it.
      const open = this.#settings.limits?.overflow === 'drop-newest' ? openOf(this.#sent) : 0
      const counted = { unstored: this.#ended.unstored + open, ended: this.#endedInAll + open }
      this.#states.take(this.#world, operation, counted)
    }
    let subject = await this.#finish(this.#open())
    for (let step = 0; step < steps; step++) {
      for (let acts = below(this.#random, 3); acts >= 0; acts--) this.#act(subject)
      await this.#pause()
      if (this.#random.fraction() < 0.08) subject = await this.#restart(subject)
      await this.#states.judge(isImpatient)
      if (isImpatient && this.#states.complaints.length > 0) return
    }
    subject = await this.#restart(subject)
    await this.#finish(subject.close())
    await this.#states.judge(isImpatient)
  }

  /** One thing that happens to a subject; nothing waits for the one before. */
  #act(subject: Either): void {
    const lot = this.#random.fraction()
    if (lot < 0.5) for (let n = below(this.#random, 5); n >= 0; n--) this.#append(subject)
    else if (lot < 0.9) this.#settleSome(subject)
    else if (subject instanceof QueueSubject) this.#lease(subject)
    else if (lot < 0.95) subject.journal.released({ upTo: this.#sent.length, atMost: 20 })
    else {
      this.#ended.unstored++
      subject.journal.dropUnstored('overflow')
    }
  }

  #append(subject: Subject): void {
    const payload = this.#payloads.next(this.#sent.length)
    const sent: Sent = { payload, codec: this.#sent.length % 2, isSettled: false }
    const lane = this.#sent.push(sent) - 1
    const { accepted } = subject.totals
    const stored = subject.append({ payload, codec: sent.codec, lane })
    // Counted and not kept, at once: it may be on the disk before the promise tells.
    this.#ended.unstored += subject.totals.accepted - accepted
    stored.then(
      (sequence) => {
        if (sequence !== undefined) sent.sequence = sequence
        else sent.isRefused = true
      },
      (error: unknown) => {
        sent.isRefused = true
        if (/^(QUEUE_FULL|PAYLOAD_TOO_LARGE)/.test(storyOf(error))) return
        this.#states.complain(`append ${lane}: ${storyOf(error)}`)
      },
    )
  }

  /**
   * Some of the oldest, and rather more when many wait, so that segments become empty; in a sparse
   * life from anywhere, but seldom one in four.
   */
  #settleSome(subject: Either): void {
    const isQueue = subject instanceof QueueSubject
    const waiting = isQueue ? [...subject.leased.keys()] : owedOf(this.#sent)
    if (this.#settings.isSparse === true) {
      const shareOf = (lane: number) => (lane % 4 === 0 ? 0.05 : 0.4)
      const some = waiting.filter((lane) => this.#random.fraction() < shareOf(lane))
      for (const lane of some) this.#settle(subject, lane)
      return
    }
    const count = below(this.#random, waiting.length > 15 ? waiting.length : 8)
    for (let n = 0; n < count; n++) {
      const near = below(this.#random, Math.min(waiting.length, count + 4))
      const lane = waiting.splice(near, 1)[0]
      if (lane !== undefined) this.#settle(subject, lane)
    }
    if (isQueue) this.#lease(subject)
  }

  #settle(subject: Either, lane: number): void {
    const sent = this.#sent[lane]
    if (sent?.sequence === undefined) return
    const outcome = this.#random.fraction() < 0.9 ? 'delivered' : 'dead-lettered'
    sent.isSettled = true
    this.#ended[outcome]++
    if (subject.settle(lane, sent, outcome)) return
    this.#states.complain(`message ${sent.sequence} was settled before`)
  }

  #lease(subject: QueueSubject): void {
    subject.lease(below(this.#random, 6)).catch((error: unknown) => {
      this.#states.complain(`lease: ${storyOf(error)}`)
    })
  }

  /** Lets things happen: all of them, or as far as a slow disk gets in a while. */
  async #pause(): Promise<void> {
    const { clock } = this.#world
    if (this.#random.fraction() < 0.1) await clock.advance(1100)
    else if (this.#settings.disk?.syncTakes === undefined) await clock.settle()
    else await clock.advance(below(this.#random, this.#random.fraction() < 0.5 ? 4 : 12))
  }

  /** A clean stop loses nothing and repeats nothing. */
  async #restart(subject: Subject): Promise<Either> {
    await this.#finish(subject.close())
    this.#sent.forEach(({ sequence, isSettled, isRefused = false }, lane) => {
      if (sequence !== undefined || isSettled || isRefused) return
      this.#states.complain(`append ${lane} hangs`)
    })
    const opened = await this.#finish(this.#openUnlimited(this.#world))
    const records = await this.#finish(opened.readAll())
    const found = records.map(({ lane }) => lane).join()
    const owed = owedOf(this.#sent).join()
    if (found !== owed) this.#states.complain(`clean restart: [${found}] instead of [${owed}]`)
    this.#compareTotals(opened)
    if (opened instanceof JournalSubject) return opened
    await this.#finish(opened.close())
    return this.#finish(this.#open())
  }

  #compareTotals({ totals }: Subject): void {
    const { unstored, dropped, delivered, 'dead-lettered': letters } = this.#ended
    const { overflow = 0, expired = 0, superseded = 0 } = totals
    const drops = overflow + expired + superseded
    const told = [totals.accepted, totals.delivered, totals['dead-lettered'], drops]
    const due = [this.#acknowledged + unstored, delivered, letters, unstored + dropped]
    const [left, right] = [told, due].map((counts) => counts.map((count = 0) => count).join())
    if (left !== right) this.#states.complain(`clean restart: totals ${left}, not ${right}`)
  }

  #newestSegment(): Buffer | undefined {
    const { disk } = this.#world
    const newest = disk.namesIn(directory).findLast((name) => name.endsWith('.seg'))
    return newest === undefined ? undefined : disk.bytesOf(`${directory}/${newest}`)
  }

  #open(): Promise<Either> {
    const { limits } = this.#settings
    if (limits === undefined) return this.#openJournal(this.#world)
    return this.#openQueue(this.#world, { ...unlimited, ...limits })
  }

  /** To look into it: nothing is dropped. */
  #openUnlimited(world: TestWorld, emit?: (event: Event) => void): Promise<Either> {
    if (this.#settings.limits === undefined) return this.#openJournal(world, emit)
    return this.#openQueue(world, unlimited, emit)
  }

  #openJournal(world: TestWorld, emit?: (event: Event) => void) {
    return JournalSubject.open(this.#ground(world, emit), this.#subjectSettings(unlimited))
  }

  #openQueue(world: TestWorld, limits: Limits, emit?: (event: Event) => void) {
    const { traits } = this.#settings
    const disguise = traits && {
      traits: limits === unlimited ? { ...traits, isConflating: false } : traits,
      dropped: (place: number) => this.#dropped(place),
    }
    return QueueSubject.open(this.#ground(world, emit), this.#subjectSettings(limits), disguise)
  }

  #ground(world: TestWorld, emit: (event: Event) => void = () => {}) {
    const failed = (fault: Fault) => this.#states.complain(`gave up: ${storyOf(fault)}`)
    return { world, budget: new Budget(), emit, failed }
  }

  #subjectSettings(limits: Limits): QueueSettings {
    const { durability = { is: 'each' }, segmentBytes = 8192 } = this.#settings
    const keyOf = ({ lane }: { readonly lane: number }) => this.#dropped(lane)
    return { directory, queueId: 'q1', durability, segmentBytes, ballastBytes: 512, limits, keyOf }
  }

  /** The queue asks for the key of each stored message that it drops. */
  #dropped(lane: number): string {
    const sent = this.#sent[lane]
    if (sent !== undefined) sent.isSettled = true
    this.#ended.dropped++
    return `key ${lane}`
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
