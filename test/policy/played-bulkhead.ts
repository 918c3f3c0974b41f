/** A bulkhead with a clock that is moved by hand; it remembers who was let in, and when. */

import { after, type Instant, instant, ms } from '../../src/base/units.js'
import { decide } from '../../src/policy/bulkhead.js'
import {
  type BulkheadEvent,
  type BulkheadSettings,
  type BulkheadVerdict,
  freshBulkhead,
} from '../../src/policy/bulkhead-state.js'
import type { Ended } from '../../src/policy/ended.js'

/** Small enough to be full soon. */
export const usual: BulkheadSettings = {
  ...{ maxInFlight: 3, maxWaiting: 4, maxWait: ms(5000), isAdaptive: false },
}

export class PlayedBulkhead {
  now = instant(1000)
  wakeAt: Instant | undefined
  readonly settings: BulkheadSettings
  readonly state
  /** Messages that were let in, by key, in order. */
  readonly admitted = new Map<string, number[]>()
  /** Times that each message was let in, and that it ended here without. */
  readonly entered = new Map<number, number>()
  readonly turnedAway = new Map<number, number>()

  constructor(settings: Partial<BulkheadSettings> = {}, keysMax?: number) {
    this.settings = { ...usual, ...settings }
    this.state = freshBulkhead(keysMax)
  }

  tell(event: BulkheadEvent): readonly BulkheadVerdict[] {
    const { verdicts, wakeAt } = decide(this.state, event, this.now, this.settings)
    this.wakeAt = wakeAt
    for (const verdict of verdicts) {
      if (verdict.is === 'admit') {
        const { key, message } = verdict
        this.admitted.set(key, [...(this.admitted.get(key) ?? []), message])
        this.entered.set(message, (this.entered.get(message) ?? 0) + 1)
      } else if (verdict.is === 'refuse') {
        this.turnedAway.set(verdict.message, (this.turnedAway.get(verdict.message) ?? 0) + 1)
      }
    }
    return verdicts
  }

  /** So many messages come; the last words of each. */
  accept(count = 1, key = ''): (BulkheadVerdict['is'] | undefined)[] {
    return Array.from({ length: count }, () => this.tell({ is: 'accept', key }).at(-1)?.is)
  }

  ends(message: number, ended: Ended = { is: 'ok' }): readonly BulkheadVerdict[] {
    return this.tell({ is: 'ended', message, ended })
  }

  passes(spanMs: number): readonly BulkheadVerdict[] {
    this.now = after(this.now, ms(spanMs))
    return this.tell({ is: 'time' })
  }
}
