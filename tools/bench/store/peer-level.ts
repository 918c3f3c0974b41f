/**
 * classic-level as a queue: numbers as keys, one synced batch per group. Draining remembers its
 * position, or every read would walk over what was deleted; a restart would have to.
 */

import { drainedAtOnce, type Peer, type PeerStore } from './peer.js'

type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: Buffer }
  | { readonly type: 'del'; readonly key: string }

interface Level {
  open(): Promise<void>
  batch(operations: readonly Operation[], options: { readonly sync: boolean }): Promise<void>
  iterator(): LevelIterator
  close(): Promise<void>
}
interface LevelIterator {
  nextv(count: number): Promise<(readonly [string, Buffer])[]>
  close(): Promise<void>
}
interface Library {
  readonly ClassicLevel: new (path: string, options: Readonly<Record<string, string>>) => Level
}

export function levelPeer(library: unknown): Peer {
  const { ClassicLevel } = library as Library
  return {
    name: 'classic-level',
    async open(directory, isDurable) {
      const db = new ClassicLevel(directory, { keyEncoding: 'utf8', valueEncoding: 'buffer' })
      await db.open()
      return storeOver(db, isDurable)
    },
  }
}

function storeOver(db: Level, sync: boolean): PeerStore {
  return {
    append(first, payloads) {
      const puts = payloads.map((value, i) => ({
        type: 'put' as const,
        key: keyOf(first + i),
        value,
      }))
      return db.batch(puts, { sync })
    },
    async drain() {
      const iterator = db.iterator()
      let count = 0
      for (;;) {
        const entries = await iterator.nextv(drainedAtOnce)
        if (entries.length === 0) break
        const removals = entries.map(([key]) => ({ type: 'del' as const, key }))
        await db.batch(removals, { sync })
        count += entries.length
      }
      await iterator.close()
      return count
    },
    close: () => db.close(),
  }
}

const keyOf = (n: number) => String(n).padStart(12, '0')
