/** The message that every contestant publishes: so many bytes of text on one topic. */

import type { QoS } from '../../../src/mqtt/wire.js'

export const topic = 'plant/line-1/press-3/temperature'
export const messageBytes = 200

export const payloadOf = (bytes: number): string =>
  '{"value":21.5,"unit":"degC","quality":"good"} '.repeat(Math.ceil(bytes / 40)).slice(0, bytes)

/** Acknowledged by one broker, with so many out at once. */
export interface Race {
  readonly port: number
  readonly window: number
  /** For what is kept on the way. */
  readonly directory: string
  readonly qos: QoS
  readonly bytes: number
}

/** One way to publish, connected and ready. */
export interface Contestant {
  /**
   * Publishes for so long, then waits for what is still out; resolves with how many messages the
   * broker has acknowledged, or for QoS 0 the socket taken.
   */
  deliver(spanMs: number): Promise<number>
}
