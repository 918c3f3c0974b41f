/**
 * What a person sees of a persistent queue: its pace, what was given up lately, and the events that
 * tell of a hold and of a backlog that is gone. It looks once a second while anything waits, and
 * changes nothing.
 */

import type { Cancel } from '../../src/base/ports.js'
import type { Tally } from '../../src/base/tally.js'
import { type Instant, ms, since } from '../../src/base/units.js'
import type { Pace } from '../../src/delivery/pace.js'
import type { Releaser } from '../../src/delivery/releaser.js'
import type { Queue } from '../../src/store/queue.js'
import { QueueMeter, type QueueMeterParts } from '../common/queue-meter.js'
import type { Context } from '../common/room.js'
import type { QueueGate } from './gate.js'
import type { Settings } from './persistent-queue.settings.js'

const lookEvery = ms(1000)
/** A message that was given up longer ago does not colour the status any more. */
const gaveUpShownMs = 3_600_000

export class Watch {
  readonly #context: Context<Settings>
  readonly #queue: Queue
  readonly #gate: QueueGate
  readonly #releaserOf: () => Releaser
  readonly #meter: QueueMeter
  #timer: Cancel | undefined
  #isGateTold = false
  #toldHold: number | undefined
  #isClosed = false

  constructor(
    context: Context<Settings>,
    { gate, ...kept }: QueueMeterParts & { readonly gate: QueueGate },
    releaserOf: () => Releaser,
  ) {
    this.#context = context
    this.#queue = kept.queue
    this.#gate = gate
    this.#releaserOf = releaserOf
    this.#meter = new QueueMeter(context, kept)
  }

  /** Something that the status shows may have changed. */
  changed(): void {
    if (this.#isClosed) return
    const { clock } = this.#context.hall.world
    const drained = this.#meter.pace.level(this.#queue.waiting, clock.monotonic())
    if (drained !== undefined) this.#context.emit({ kind: 'queue.drained', ...drained })
    this.#timer ??= clock.wake(lookEvery, () => this.#look())
    this.#context.changed()
  }

  get figures(): { readonly pace: Pace; readonly gaveUp: number; readonly now: Instant } {
    const { gaveUp, gaveUpAt } = this.#releaserOf()
    const now = this.#context.hall.world.clock.monotonic()
    const isLately = gaveUpAt !== undefined && since(gaveUpAt, now) < gaveUpShownMs
    return { pace: this.#meter.pace, gaveUp: isLately ? gaveUp : 0, now }
  }

  /** Beyond the figures of the queue, for `status`. */
  answer(): object {
    const { isPaused, isGated, gaveUp, state, wait } = this.#releaserOf()
    const { clock } = this.#context.hall.world
    const retryAt =
      wait === undefined
        ? {}
        : { retryAt: Math.round(clock.wall() + since(clock.monotonic(), wait.until)) }
    return {
      ...{ paused: isPaused, held: isGated, gaveUp, out: state.out, ...retryAt },
      perSecond: Math.round(this.#meter.pace.deliveredPerSecond * 10) / 10,
    }
  }

  tally(): Tally {
    const { outcomes } = this.#context.counts
    return { queue: this.#meter.tally(this.#releaserOf().isPaused), outcomes }
  }

  /** Before the queue closes. */
  close(): void {
    this.#isClosed = true
    this.#meter.close()
    this.#timer?.()
  }

  #look(): void {
    this.#timer = undefined
    const { clock } = this.#context.hall.world
    this.#meter.sample()
    this.#tellHolds()
    this.#context.changed()
    if (this.#queue.waiting > 0 || this.figures.gaveUp > 0) {
      this.#timer = clock.wake(lookEvery, () => this.#look())
    }
  }

  #tellHolds(): void {
    const { isGated, state, holdEnding } = this.#releaserOf()
    const { waiting } = this.#queue
    const { emit, work } = this.#context
    const isHeld = isGated && waiting > 0
    if (isHeld && !this.#isGateTold) {
      emit({ kind: 'queue.held', by: work.nameOf(this.#gate.holder), waiting })
    }
    this.#isGateTold = isHeld
    const { hold } = state
    if (hold !== undefined && hold.message !== this.#toldHold) {
      const { node, values } = holdEnding?.blame ?? {}
      const by = node?.name || node?.type || String(values?.['nodes'] ?? hold.for)
      emit({ kind: 'queue.held', by, waiting })
    }
    this.#toldHold = hold?.message ?? this.#toldHold
    if (hold === undefined && state.out === 0) this.#toldHold = undefined
  }
}
