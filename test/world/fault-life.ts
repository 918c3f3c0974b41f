/**
 * The same short life of a journal or a queue again and again, with a fault of the disk at one of
 * its operations: appends, settlements, rotation, reads, a restart. Whoever fails is closed and
 * opened again. In the end the disk is sound, and what was acknowledged must be there.
 */

import type { Event } from '../../src/base/event.js'
import { Fault } from '../../src/base/fault.js'
import { ms } from '../../src/base/units.js'
import { Budget } from '../../src/store/budget.js'
import type { QueueSettings } from '../../src/store/queue.js'
import type { Ground } from '../../src/store/settings.js'
import { JournalSubject, QueueSubject, unlimited } from './crash-subject.js'
import { storyOf } from './crash-workload-states.js'
import { owedOf, type Sent, wrongIn } from './crash-workload-verdict.js'
import type { FaultKind } from './fault-kinds.js'
import { ended, wrongRefusals } from './fault-verdict.js'
import { describeOperation, type Operation } from './memory-disk-faults.js'
import { seededRandom } from './seeded-random.js'
import { afterPowerCut, type TestWorld, testWorld } from './test-world.js'

export interface FaultLifeSettings {
  readonly subject: 'journal' | 'queue'
  /** Writes and syncs take their time, so that other things happen meanwhile. */
  readonly isSlow: boolean
  /** A queue drops its oldest beyond so many. */
  readonly maxMessages?: number
  /** None for a life without a fault. */
  readonly fault?: { readonly kind: FaultKind; readonly at: Operation }
}

export interface FaultReport {
  /** Every operation of a life without a fault. */
  readonly operations: readonly Operation[]
  readonly acknowledged: number
  readonly complaints: readonly string[]
}

type AnySubject = JournalSubject | QueueSubject

const directory = '/data/q1'
const shape = {
  directory,
  queueId: 'q1',
  durability: { is: 'each' },
  segmentBytes: 900,
  ballastBytes: 600,
} as const
const slow = { writeTakes: ms(4), syncTakes: ms(5) }
/** What a failed opening may be tried again while the fault lasts. */
const tries = 2

export async function liveWith(settings: FaultLifeSettings): Promise<FaultReport> {
  const life = new FaultLife(settings)
  await life.live()
  return life.report
}

class FaultLife {
  readonly #settings: FaultLifeSettings
  readonly #world: TestWorld
  readonly #sent: Sent[] = []
  readonly #groups: Array<readonly number[]> = []
  readonly #complaints: string[] = []
  readonly #operations: Operation[] = []
  #subject: AnySubject | undefined
  /** Faults that the subjects reported: each ends one of them. */
  #failures = 0
  #hasFailed = false
  #unstored = 0
  /** The file that may not be touched before the directory is opened again, and since when. */
  #failedSync = { path: '', after: 0 }

  constructor(settings: FaultLifeSettings) {
    this.#settings = settings
    const { fault, isSlow } = settings
    this.#world = testWorld({ disk: isSlow ? slow : {} })
    fault?.kind.order(this.#world.disk, fault.at.number)
    this.#world.disk.afterOperation = (operation) => this.#note(operation)
  }

  get report(): FaultReport {
    const { fault } = this.#settings
    const story = fault === undefined ? '' : `${fault.kind.name}, ${describeOperation(fault.at)}`
    return {
      operations: this.#operations,
      acknowledged: this.#sent.filter(({ sequence }) => sequence !== undefined).length,
      complaints: this.#complaints.map((text) => `${story}: ${text}`),
    }
  }

  async live(): Promise<void> {
    await this.#act((subject) => this.#append(subject, 3))
    await this.#act((subject) => this.#append(subject, 4))
    await this.#act((subject) => this.#settle(subject, 2))
    for (let n = 0; n < 4; n++) await this.#act((subject) => this.#append(subject, 2))
    await this.#act((subject) => this.#readAll(subject))
    await this.#act((subject) => this.#settle(subject, 8))
    await this.#act((subject) => this.#append(subject, 2))
    await this.#act((subject) => this.#rush(subject))
    await this.#act((subject) => this.#readAll(subject))
    await this.#act((subject) => this.#append(subject, 2))
    await this.#act((subject) => this.#settle(subject, 3))
    await this.#close()
    await this.#afterAll()
  }

  #note(operation: Operation): void {
    this.#operations.push(operation)
    const { kind, path } = operation
    const failed = this.#failedSync
    if (path.endsWith('/LOCK') && kind === 'create') failed.path = ''
    const isLate = path === failed.path && operation.number > failed.after
    if (isLate && ['write', 'sync'].includes(kind)) {
      this.#complain(`${describeOperation(operation)} after a failed sync`)
    }
  }

  /** One thing that happens, to a subject that is open. */
  async #act(deed: (subject: AnySubject) => Promise<void>): Promise<void> {
    if (this.#hasFailed) await this.#close()
    this.#subject ??= await this.#opened()
    if (this.#subject === undefined) return
    await deed(this.#subject)
    await this.#world.clock.advance(1100)
  }

  /** Undefined while the fault lasts. */
  async #opened(): Promise<AnySubject | undefined> {
    for (let n = 0; n < tries; n++) {
      const subject = await this.#ended('open', this.#open(this.#world))
      if (subject !== undefined) return subject
    }
    if (this.#settings.fault?.kind.lasts !== true) this.#complain('does not open again')
    return undefined
  }

  #open(world: TestWorld, isOurs = true): Promise<AnySubject> {
    const ground: Ground = {
      world,
      budget: new Budget(),
      emit: (event) => this.#told(event),
      failed: () => this.#failed(isOurs),
    }
    return this.#settings.subject === 'queue'
      ? QueueSubject.open(ground, this.#shape(isOurs))
      : JournalSubject.open(ground, this.#shape(isOurs))
  }

  #shape(isOurs: boolean): QueueSettings {
    const { maxMessages = unlimited.maxMessages } = this.#settings
    const limits = { ...unlimited, overflow: 'drop-oldest', maxMessages } as const
    const keyOf = ({ lane }: { readonly lane: number }) => this.#dropped(lane)
    return { ...shape, limits: isOurs ? limits : unlimited, keyOf }
  }

  /** The queue asks for the key of each message that it drops. */
  #dropped(lane: number): string {
    const sent = this.#sent[lane]
    if (sent !== undefined) sent.isSettled = true
    return `key ${lane}`
  }

  #failed(isOurs: boolean): void {
    const { at } = this.#settings.fault ?? {}
    this.#failures++
    this.#hasFailed = isOurs
    if (at?.kind === 'sync') {
      this.#failedSync = { path: at.path, after: this.#world.disk.operations }
    }
  }

  #told(event: Event): void {
    if (event.kind !== 'store.corrupt') return
    this.#complain(`reported as damaged: ${JSON.stringify(event)}`)
  }

  async #append(subject: AnySubject, count: number): Promise<void> {
    const group: number[] = []
    const appended: Promise<unknown>[] = []
    for (let n = 0; n < count; n++) {
      const payload = Buffer.alloc(60 + n, `message ${this.#sent.length} `)
      const sent: Sent = { payload, codec: 1, isSettled: false }
      const lane = this.#sent.push(sent) - 1
      group.push(lane)
      appended.push(this.#appendOne(subject, lane, sent))
    }
    this.#groups.push(group)
    await this.#ended('append', Promise.all(appended))
    // After a failed write or sync nobody can say what is on the disk.
    if (!this.#hasFailed) for (const lane of group) this.#noteRefusal(lane)
  }

  #noteRefusal(lane: number): void {
    const sent = this.#sent[lane]
    if (sent !== undefined && sent.sequence === undefined) sent.isRefused = true
  }

  async #appendOne(subject: AnySubject, lane: number, sent: Sent): Promise<void> {
    const { payload, codec } = sent
    try {
      const sequence = await subject.append({ payload, codec, lane })
      if (sequence !== undefined) sent.sequence = sequence
    } catch (error) {
      if (!(error instanceof Fault)) this.#complain(`append ${lane}: raw ${storyOf(error)}`)
    }
  }

  async #settle(subject: AnySubject, count: number): Promise<void> {
    if (subject instanceof QueueSubject) await this.#ended('lease', subject.lease(count))
    const lanes = subject instanceof QueueSubject ? subject.leased.keys() : owedOf(this.#sent)
    for (const lane of [...lanes].slice(0, count)) {
      const sent = this.#sent[lane]
      if (sent?.sequence === undefined) continue
      sent.isSettled = true
      subject.settle(lane, sent, 'delivered')
    }
    if (subject instanceof JournalSubject) {
      this.#unstored++
      subject.journal.dropUnstored('overflow')
    }
  }

  /** Everything at once, and a close before any of it is done. */
  async #rush(subject: AnySubject): Promise<void> {
    const first = this.#append(subject, 2)
    await this.#world.clock.advance(6)
    const second = this.#append(subject, 3)
    await Promise.all([this.#settle(subject, 1), this.#close(), first, second])
  }

  async #readAll(subject: AnySubject): Promise<void> {
    await this.#ended('read', subject.readAll())
  }

  async #close(): Promise<void> {
    const subject = this.#subject
    this.#subject = undefined
    this.#hasFailed = false
    if (subject !== undefined) await this.#ended('close', subject.close())
  }

  /** The disk is sound again: nothing acknowledged is missing, now and after a power cut. */
  async #afterAll(): Promise<void> {
    const { disk } = this.#world
    disk.heal()
    disk.shortWrites = undefined
    disk.afterOperation = undefined
    const { fault } = this.#settings
    const groups = this.#groups.map((group) => group.flatMap((lane) => this.#sent[lane] ?? []))
    for (const wrong of wrongRefusals(fault?.kind, this.#failures, groups)) this.#complain(wrong)
    const open = await this.#ended('open at last', this.#open(this.#world))
    if (open === undefined) return this.#complain('does not open on a sound disk')
    const shown = await this.#judge('at last', open, owedOf(this.#sent))
    // Every life sees another power cut.
    const world = afterPowerCut(this.#world, seededRandom(fault?.at.number ?? 0))
    const next = await this.#ended('open after a power cut', this.#open(world, false), world)
    if (next !== undefined) await this.#judge('after a power cut', next, shown, world)
    await this.#ended('close at last', open.close())
    if (disk.namesIn(directory).includes('LOCK')) this.#complain('the lock is left behind')
  }

  async #judge(
    when: string,
    subject: AnySubject,
    owed: readonly number[],
    world = this.#world,
  ): Promise<number[]> {
    const records = (await this.#ended(`read ${when}`, subject.readAll(), world)) ?? []
    const ended = this.#unstored + this.#sent.filter(({ isSettled }) => isSettled).length
    const expected = { offered: this.#sent.length, unstored: this.#unstored, ended, owed }
    for (const wrong of wrongIn(expected, subject, records, this.#sent)) {
      this.#complain(`${when}: ${wrong}`)
    }
    return records.map(({ lane }) => lane)
  }

  #ended<T>(what: string, work: Promise<T>, { clock } = this.#world): Promise<T | undefined> {
    return ended(clock, work, (wrong) => this.#complain(`${what}${wrong}`), isSound(what))
  }

  #complain(text: string): void {
    this.#complaints.push(text)
  }
}

/** What happens on a sound disk must not be refused. */
const isSound = (what: string) => /at last|power cut/.test(what)
