/**
 * A releaser over a real queue on a world in memory, and a flow that does as it is told: what is
 * handed out waits until a test says how it ended. What must hold is for the tests to say.
 */

import type { DropReason } from '../../src/base/event.js'
import { ms } from '../../src/base/units.js'
import { Attempts } from '../../src/delivery/attempts.js'
import type { Handed, ReleaserSettings } from '../../src/delivery/release-host.js'
import { Releaser } from '../../src/delivery/releaser.js'
import type { Gate } from '../../src/policy/circuit-breaker-state.js'
import type { Blame, Ending } from '../../src/policy/outcome.js'
import { laneOf } from '../../src/store/lane.js'
import { Queue } from '../../src/store/queue.js'
import { StateFile } from '../../src/store/state-file.js'
import type { StoredRecord } from '../../src/store/tail.js'
import { directory, groundOf, type StoreGround } from './store-ground.js'

const limits = {
  maxMessages: 100_000,
  maxBytes: 1 << 28,
  maxAge: 'unlimited',
  freeDisk: { bytes: 0 },
  overflow: 'drop-oldest',
  warnMessages: 'off',
} as const

const usual: ReleaserSettings = {
  attempts: 5,
  backOff: { initial: ms(1000), factor: 2, max: ms(300_000), jitter: 0 },
  maxInFlight: 1,
  hasLanes: false,
  rate: {},
  keyOf: (record) => textOf(record),
}

export const textOf = ({ payload }: Pick<StoredRecord, 'payload'>): string =>
  Buffer.from(payload).toString()

/** One message that was handed out. */
export interface Out extends Handed {
  readonly text: string
  readonly token: string
  readonly settled: (ending: Ending) => void
}

export class Releasing {
  readonly ground: StoreGround
  readonly queue: Queue
  readonly releaser: Releaser
  /** Everything that was ever handed out. */
  readonly handed: Out[] = []
  readonly givenUp: { text: string; attempt: number; reason: DropReason }[] = []
  readonly abandoned: string[] = []
  gate: Gate = { free: Number.POSITIVE_INFINITY, retryAt: undefined }
  canGiveUp = true
  readonly #settings: ReleaserSettings

  private constructor(
    ground: StoreGround,
    queue: Queue,
    attempts: Attempts,
    settings: ReleaserSettings,
  ) {
    this.ground = ground
    this.queue = queue
    this.#settings = settings
    const { world } = ground
    const parts = { world, queue, attempts, gate: () => this.gate }
    this.releaser = new Releaser(parts, settings, {
      release: (handed, settled) => {
        const token = `t${this.handed.length}`
        this.handed.push({ ...handed, text: textOf(handed.record), token, settled })
        return token
      },
      abandon: (token) => this.abandoned.push(token),
      canGiveUp: () => this.canGiveUp,
      giveUp: ({ record, attempt, reason }) =>
        this.givenUp.push({ text: textOf(record), attempt, reason }),
      changed: () => {},
    })
    this.releaser.pump()
  }

  static async open(changes: Partial<ReleaserSettings> = {}, ground = groundOf()) {
    const settings = { ...usual, ...changes }
    const { maxInFlight, hasLanes, keyOf } = settings
    const opening = Queue.open(ground, {
      ...{ directory, queueId: 'q1', durability: { is: 'each' }, ballastBytes: 0, limits, keyOf },
      order: hasLanes ? 'lanes' : 'strict',
      maxInFlight: maxInFlight + 1 + (hasLanes ? 100 : 0),
    })
    const queue = await ground.finish(opening)
    const file = new StateFile(ground.disk, directory, 'ATTEMPTS.json')
    const attempts = await ground.finish(Attempts.open(file, () => {}))
    const releasing = new Releasing(ground, queue, attempts, settings)
    await ground.world.clock.settle()
    return releasing
  }

  /** The same queue in the next process, after this one was killed. */
  afterKill(): Promise<Releasing> {
    return Releasing.open(this.#settings, this.ground.afterKill())
  }

  async reopen(): Promise<Releasing> {
    await this.ground.finishWithin(300, this.releaser.close(ms(300)))
    await this.ground.finish(this.queue.close())
    return Releasing.open(this.#settings, this.ground)
  }

  /** The text before a colon is the lane. */
  async accept(...texts: string[]): Promise<void> {
    const keeping = texts.map((text) => {
      const [lane = ''] = text.includes(':') ? text.split(':') : []
      const message = { payload: Buffer.from(text), codec: 0, lane: lane === '' ? 0 : laneOf(lane) }
      return this.queue.accept(message, text)
    })
    await this.ground.finish(Promise.all(keeping))
    this.releaser.stored()
    await this.ground.world.clock.settle()
  }

  /** The last hand-out of this text ends. */
  async ends(text: string, outcome: Ending['outcome'], blame?: Blame): Promise<void> {
    const out = this.handed.findLast((each) => each.text === text)
    out?.settled({
      ...{ ...wellEnded, outcome },
      ...(blame === undefined ? {} : { blame }),
    })
    await this.ground.world.clock.settle()
  }

  /** Everything that is handed out ends well, until nothing more comes. */
  async drain(): Promise<string[]> {
    const from = this.handed.length
    for (let at = 0; at < this.handed.length; at++) {
      const { text, settled } = this.handed[at] ?? {}
      if (text === undefined || settled === undefined) continue
      await this.ends(text, 'ok')
    }
    return this.texts.slice(from)
  }

  async passes(spanMs: number): Promise<void> {
    await this.ground.world.clock.advance(spanMs)
  }

  get texts(): string[] {
    return this.handed.map(({ text }) => text)
  }
}

export const wellEnded: Ending = {
  ...{ outcome: 'ok', deliveries: 1, stillOpen: [], isHandedOver: false, tookMs: ms(1) },
}

export const broken: Blame = { code: 'NODE_ERROR', values: {}, kind: 'transient' }
