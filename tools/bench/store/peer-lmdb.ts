/**
 * lmdb as a queue: numbers as keys; the puts of one loop turn share a commit, and a commit resolves
 * when it is on the disk (`overlappingSync` off, or it would resolve before).
 */

import { drainedAtOnce, type Peer, type PeerStore } from './peer.js'

interface Lmdb {
  put(key: number, value: Buffer): Promise<boolean>
  remove(key: number): Promise<boolean>
  getRange(options: { readonly start: number; readonly limit: number }): Iterable<{
    readonly key: number
    readonly value: Buffer
  }>
  close(): Promise<void>
}
interface Library {
  open(options: Readonly<Record<string, unknown>>): Lmdb
}

export function lmdbPeer(library: unknown): Peer {
  const { open } = library as Library
  return {
    name: 'lmdb',
    open: async (path, isDurable) =>
      storeOver(open({ path, encoding: 'binary', overlappingSync: false, noSync: !isDurable })),
  }
}

function storeOver(db: Lmdb): PeerStore {
  return {
    async append(first, payloads) {
      await Promise.all(payloads.map((payload, i) => db.put(first + i, payload)))
    },
    async drain() {
      let count = 0
      for (let start = 0; ; ) {
        const entries = [...db.getRange({ start, limit: drainedAtOnce })]
        const last = entries.at(-1)
        if (last === undefined) return count
        await Promise.all(entries.map(({ key }) => db.remove(key)))
        count += entries.length
        start = last.key + 1
      }
    },
    close: () => db.close(),
  }
}
