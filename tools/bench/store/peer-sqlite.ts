/**
 * SQLite as a queue, over either of two bindings: one table, write-ahead log, one transaction per
 * group. Both bindings block the event loop for as long as the disk takes; nothing is done about
 * that.
 */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { drainedAtOnce, type Peer, type PeerStore } from './peer.js'

interface Statement {
  run(...values: readonly (number | Buffer)[]): unknown
  all(...values: readonly number[]): unknown[]
}
interface Sqlite {
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}
type Constructor = new (path: string) => Sqlite

/** One library is the constructor, the other holds it. */
export function sqlitePeer(name: string): (library: unknown) => Peer {
  return (library) => {
    const Database =
      typeof library === 'function'
        ? (library as Constructor)
        : (library as { readonly DatabaseSync: Constructor }).DatabaseSync
    new Database(':memory:').close() // a binding that was not built fails only here
    return {
      name,
      async open(directory, isDurable) {
        mkdirSync(directory, { recursive: true })
        const db = new Database(join(directory, 'queue.db'))
        db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=${isDurable ? 'FULL' : 'NORMAL'}`)
        db.exec('CREATE TABLE IF NOT EXISTS queue (n INTEGER PRIMARY KEY, payload BLOB)')
        return storeOver(db)
      },
    }
  }
}

function storeOver(db: Sqlite): PeerStore {
  const insert = db.prepare('INSERT INTO queue VALUES (?, ?)')
  const select = db.prepare('SELECT n, payload FROM queue ORDER BY n LIMIT ?')
  const removeTo = db.prepare('DELETE FROM queue WHERE n <= ?')
  return {
    async append(first, payloads) {
      db.exec('BEGIN')
      for (const [i, payload] of payloads.entries()) insert.run(first + i, payload)
      db.exec('COMMIT')
    },
    async drain() {
      let count = 0
      for (;;) {
        const rows = select.all(drainedAtOnce) as { readonly n: number }[]
        const last = rows.at(-1)
        if (last === undefined) return count
        removeTo.run(last.n)
        count += rows.length
      }
    },
    close: async () => db.close(),
  }
}
