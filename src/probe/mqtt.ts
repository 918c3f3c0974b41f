/**
 * Asks how the link to a broker is: whether it stands, how quickly the broker has confirmed what
 * was published since the last check, and, with a topic, whether a message of its own comes back.
 * The link belongs to the broker node; this opens no connection.
 */

import type { Failure } from '../base/fault.js'
import type { Clock, Exchange } from '../base/ports.js'
import { type Ms, ms } from '../base/units.js'
import type { Found } from '../policy/health-state.js'
import { because, failedFor, type Trial, trialAtOnce, trialOf } from './probe.js'

/** The link as it is seen from here. */
export interface LinkView {
  readonly isConnected: boolean
  /** Why it is not. */
  readonly failure: Failure | undefined
  /** Confirmations so far, and how long they took together. */
  readonly confirmed: { readonly count: number; readonly sumMs: number }
  /** Subscribes, publishes this text and resolves when it has come back. */
  echo(topic: string, text: string): Exchange<void>
}

export interface MqttCheck {
  /** '' for connection and confirmations only. */
  readonly topic: string
  readonly timeout: Ms
}

/** `linkOf` is undefined where there is no broker node at work. */
export function mqttProbe(
  clock: Clock,
  { topic, timeout }: MqttCheck,
  linkOf: () => LinkView | undefined,
  nonce: () => string,
): () => Trial {
  let before = { count: 0, sumMs: 0 }
  return () => {
    const link = linkOf()
    if (link === undefined) return trialAtOnce(() => failedFor(because('no-broker')))
    if (!link.isConnected) {
      return trialAtOnce(() => failedFor(link.failure ?? because('not-connected')))
    }
    const { count, sumMs } = link.confirmed
    const [more, moreMs] = [count - before.count, sumMs - before.sumMs]
    before = { count, sumMs }
    if (topic === '') return trialAtOnce(() => confirmed(more, moreMs))
    return trialOf(clock, timeout, link.echo(topic, nonce()), (_heard, latencyMs) => {
      return { is: 'ok', latencyMs }
    })
  }
}

/** Without traffic it is known only that the connection stands. A new link counts from 0 again. */
function confirmed(count: number, sumMs: number): Found {
  return count > 0 ? { is: 'ok', latencyMs: ms(Math.round(sumMs / count)) } : { is: 'ok' }
}
