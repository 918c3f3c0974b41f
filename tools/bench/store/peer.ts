/** What the bench asks of another store; types and one figure, so that every peer may import it. */

export interface PeerStore {
  /** Resolves when all of them are durable. Numbers ascend over all calls. */
  append(first: number, payloads: readonly Buffer[]): Promise<void>
  /** Reads and removes everything, in order and by hundreds; resolves with the count. */
  drain(): Promise<number>
  close(): Promise<void>
}

export interface Peer {
  readonly name: string
  /** Not durable: writes are left to the operating system, as for a drain. */
  open(directory: string, isDurable: boolean): Promise<PeerStore>
}

/** What a drain removes at once. */
export const drainedAtOnce = 100
