/** The store's figures, one row after another. */

import type { Bench } from '../bench.js'
import { type Measured, type Row, rowOf } from '../row.js'
import { appendCases, costCases } from './append.js'
import { backlogCases } from './backlog.js'
import { closeCase, drainCases, steadyCase } from './drain.js'
import { installedPeers } from './peers.js'
import { slowCases } from './slow.js'

export async function* storeSuite(bench: Bench): AsyncGenerator<Row> {
  for await (const measured of cases(bench)) yield rowOf('store', measured)
}

async function* cases(bench: Bench): AsyncGenerator<Measured> {
  bench.note(
    'One run each: 50 queues, the drain of the largest backlog, bytes and syncs (counted).',
  )
  bench.note('3 rounds at most: event-loop delay, drain, reopening, close.')
  // First, while the heap is small: a large one adds its collections to the delays.
  yield* slowCases(bench)
  const peers = installedPeers(bench.note)
  yield* appendCases(bench, peers)
  yield* costCases(bench)
  yield* drainCases(bench, peers)
  yield* steadyCase(bench)
  yield* backlogCases(bench)
  yield* closeCase(bench)
}
