/**
 * Other stores in the same run, as far as they are installed; one that is not is skipped with a
 * word on how to get it. Each is driven as its makers advise for durable writes; what the bench
 * adds is the grouping that their interfaces lack.
 */

import { createRequire } from 'node:module'
import type { Peer, PeerStore } from './peer.js'
import { levelPeer } from './peer-level.js'
import { lmdbPeer } from './peer-lmdb.js'
import { sqlitePeer } from './peer-sqlite.js'

const candidates: readonly [name: string, make: (found: unknown) => Peer, how: string][] = [
  ['classic-level', levelPeer, 'npm install --no-save classic-level'],
  ['lmdb', lmdbPeer, 'npm install --no-save lmdb'],
  ['better-sqlite3', sqlitePeer('better-sqlite3'), 'npm install --no-save better-sqlite3'],
  ['node:sqlite', sqlitePeer('node:sqlite'), 'run with Node.js 22.13 or later'],
]

/** Those that load here; `skipped` is told of the others. */
export function installedPeers(skipped: (text: string) => void): Peer[] {
  const load = createRequire(__filename)
  return candidates.flatMap(([name, make, how]) => {
    try {
      return [make(load(name))]
    } catch {
      skipped(`${name} is not measured: it is not installed here (${how})`)
      return []
    }
  })
}

/** One message at a time from many callers: those of one loop turn share one durable write. */
export function grouped(store: PeerStore): (payload: Buffer) => Promise<void> {
  let waiting: { payload: Buffer; resolve: () => void; reject: (error: unknown) => void }[] = []
  let isRunning = false
  let next = 0
  const run = async () => {
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      try {
        await store.append(
          next,
          group.map(({ payload }) => payload),
        )
        next += group.length
        for (const { resolve } of group) resolve()
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    isRunning = false
  }
  return (payload) =>
    new Promise<void>((resolve, reject) => {
      waiting.push({ payload, resolve, reject })
      if (isRunning) return
      isRunning = true
      setImmediate(run)
    })
}
