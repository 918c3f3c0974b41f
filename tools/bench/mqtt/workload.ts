/** The message that every contestant publishes: 200 bytes of text on one topic. */

export const topic = 'plant/line-1/press-3/temperature'
export const messageBytes = 200
export const payload = '{"value":21.5,"unit":"degC","quality":"good"} '
  .repeat(5)
  .slice(0, messageBytes)

/** Acknowledged by one broker, with so many out at once. */
export interface Race {
  readonly port: number
  readonly window: number
  /** For what is kept on the way. */
  readonly directory: string
}

/** One way to publish, connected and ready. */
export interface Contestant {
  /**
   * Publishes for so long, then waits for what is still out; resolves with how many messages the
   * broker has acknowledged.
   */
  deliver(spanMs: number): Promise<number>
}
