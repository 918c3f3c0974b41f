/**
 * The status under a dead letter node: which of its words fits, trouble first (dialogs.md section
 * 6). It looks and decides nothing else.
 */

import type { LetterStats } from '../../src/delivery/letter.js'
import type { RedriveProgress } from '../../src/delivery/redrive-host.js'
import type { Status } from '../common/badge.js'
import { shared } from '../common/words.js'

export interface Shown {
  readonly stats: LetterStats
  readonly progress: RedriveProgress | undefined
  /** Letters that could not be read when it was opened. */
  readonly damaged: number
}

export function statusOf({ stats, progress, damaged }: Shown): Status {
  const dead = stats.waiting + stats.givenUp
  if (damaged > 0) {
    const values = { count: damaged }
    return { fill: 'red', shape: 'dot', key: shared('status.damaged'), values }
  }
  if (progress?.state === 'running') return redriving(progress)
  if (dead === 0) return { fill: 'green', shape: 'dot', key: 'status.none' }
  const { fresh, causes } = stats
  const values = { count: dead, fresh, causes }
  if (fresh > 0) return { fill: 'red', shape: 'ring', key: 'status.new', values }
  if (progress?.state === 'unreceived') {
    return { fill: 'yellow', shape: 'ring', key: 'status.no-receiver', values }
  }
  if (stats.isNearlyFull) {
    return { fill: 'yellow', shape: 'ring', key: 'status.nearly-full', values }
  }
  const key = causes === 1 ? 'status.seen-one' : 'status.seen'
  return { fill: 'grey', shape: 'ring', key, values }
}

function redriving({ ok, failed, back, gone, total }: RedriveProgress): Status {
  const values = { count: ok + failed + back + gone, all: total }
  return { fill: 'blue', shape: 'dot', key: 'status.redriving', values }
}
