/**
 * The release policy of a queue with a clock that is moved by hand and a backlog of numbers. It
 * plays the shell: leases when it may, carries verdicts out, and keeps what happened to each
 * message. It adds no rule of its own.
 */

import { after, type Instant, instant, ms } from '../../src/base/units.js'
import type { EndedWhy } from '../../src/policy/ended.js'
import { ended, hurry } from '../../src/policy/release.js'
import { again, next, took } from '../../src/policy/release-next.js'
import {
  freshRelease,
  type ReleaseEnded,
  type ReleaseSettings,
  type ReleaseVerdict,
} from '../../src/policy/release-state.js'

/** Those of dialogs.md 3.3, without spread. */
export const usual: ReleaseSettings = {
  attempts: 5,
  backOff: { initial: ms(1000), factor: 2, max: ms(300_000), jitter: 0 },
  maxInFlight: 1,
  hasLanes: false,
}

const failedBecause = (why: EndedWhy): ReleaseEnded => ({
  ...{ is: 'failed', why, deliveries: 1, onlyOpen: undefined },
})

export const ends = {
  ok: { is: 'ok', deliveries: 1, onlyOpen: undefined },
  nobody: { is: 'ok', deliveries: 0, onlyOpen: undefined },
  ignored: { is: 'ignored', deliveries: 1, onlyOpen: undefined },
  handedOver: { ...failedBecause({ code: 'NODE_ERROR', kind: 'transient' }), isHandedOver: true },
  failed: failedBecause({ code: 'NODE_ERROR', kind: 'transient' }),
  timeout: { is: 'timeout', deliveries: 1, onlyOpen: undefined },
  silent: { is: 'timeout', deliveries: 1, onlyOpen: 'n1' },
  interrupted: { is: 'interrupted', deliveries: 1, onlyOpen: undefined },
  unsure: { is: 'unsure', deliveries: 1, onlyOpen: undefined },
  refused: failedBecause({ code: 'BREAKER_OPEN', kind: 'refusal' }),
  login: failedBecause({ code: 'HTTP_STATUS', kind: 'permanent', values: { status: 401 } }),
  certificate: failedBecause({ code: 'CERTIFICATE_REFUSED', kind: 'permanent' }),
  permanent: failedBecause({ code: 'HTTP_STATUS', kind: 'permanent', values: { status: 400 } }),
} as const satisfies Record<string, ReleaseEnded>

export type End = keyof typeof ends

export class PlayedRelease {
  now = instant(1000)
  free = Number.POSITIVE_INFINITY
  canGiveUp = true
  readonly settings: ReleaseSettings
  readonly state = freshRelease()
  /** Every release, in order. */
  readonly released: number[] = []
  readonly settled: number[] = []
  readonly givenUp: number[] = []
  #leased = 0
  #backlog: number

  constructor(backlog: number, settings: Partial<ReleaseSettings> = {}) {
    this.#backlog = backlog
    this.settings = { ...usual, ...settings }
    this.pump()
  }

  add(count: number): void {
    this.#backlog += count
    this.pump()
  }

  get waiting(): number {
    return this.#backlog - this.settled.length - this.givenUp.length
  }

  /** Messages that are out just now, the oldest first. */
  get out(): number[] {
    const all = [...this.state.held.values()]
    return all.filter(({ at }) => at.is === 'out').map(({ message }) => message)
  }

  /** When something is due; undefined: not by time. */
  wakeAt: Instant | undefined

  pump(): void {
    for (;;) {
      const choice = next(this.state, this.free, this.now, this.settings)
      if (choice.is === 'none') {
        this.wakeAt = choice.wakeAt
        return
      }
      if (choice.is === 'again') again(this.state, choice.message)
      else {
        if (this.#leased === this.#backlog) {
          this.wakeAt = undefined
          for (const { at } of this.state.held.values()) {
            if (at.is === 'waiting' && (this.wakeAt === undefined || at.until < this.wakeAt))
              this.wakeAt = at.until
          }
          return
        }
        took(this.state, ++this.#leased)
      }
      this.released.push(choice.is === 'again' ? choice.message : this.#leased)
    }
  }

  /** The attempt that is out, of this message or of the only one, ends. */
  ends(end: End, message = this.out[0] ?? -1, more: Partial<ReleaseEnded> = {}) {
    const around = { now: this.now, fraction: 0, canGiveUp: this.canGiveUp }
    const verdicts = ended(this.state, message, { ...ends[end], ...more }, this.settings, around)
    for (const verdict of verdicts) this.#note(verdict)
    this.pump()
    return verdicts
  }

  passes(spanMs: number): void {
    this.now = after(this.now, ms(spanMs))
    this.pump()
  }

  flush(): void {
    hurry(this.state, this.now)
    this.pump()
  }

  /** What this message waits for, and how long; undefined when it does not. */
  waitOf(message: number): { readonly ms: number; readonly for: string } | undefined {
    const at = this.state.held.get(message)?.at
    return at?.is === 'waiting' ? { ms: at.until - this.now, for: at.for } : undefined
  }

  #note(verdict: ReleaseVerdict): void {
    if (verdict.is === 'settle') this.settled.push(verdict.message)
    if (verdict.is === 'give-up') this.givenUp.push(verdict.message)
  }
}
