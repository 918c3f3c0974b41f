/**
 * All nodes of ours as those see them who look from outside, one report for each, and the document
 * of all. What a disk does not tell in time is left out: the rest is wanted most when a disk hangs.
 */

import type { Clock } from '../../src/base/ports.js'
import { type EpochMs, ms } from '../../src/base/units.js'
import {
  type NodeReport,
  type Reported,
  type StatusDocument,
  statusDocument,
} from '../../src/observe/status-document.js'
import { workOf } from '../../src/observe/work-of.js'
import type { Hall } from './hall.js'
import type { NodeRed } from './node-red.js'
import { orphanCountOf } from './orphan-count.js'
import { outcomesOf } from './outcomes.js'
import type { RosterEntry } from './roster.js'

/** Whoever asks has an answer by then. */
const answeredWithin = ms(2_000)

/** Asks every disk. */
export async function statusOfAll(RED: NodeRed, hall: Hall): Promise<StatusDocument> {
  const [all] = await Promise.all([
    Promise.all(hall.roster.all.map((entry) => reportedOf(hall, entry))),
    inTime(hall.world.clock, orphanCountOf(RED, hall).now()),
  ])
  return documentOf(RED, hall, all)
}

/** Asks no disk: nothing is known of when the oldest message was accepted. */
export function statusNow(RED: NodeRed, hall: Hall): StatusDocument {
  return documentOf(
    RED,
    hall,
    hall.roster.all.map((entry) => reported(hall, entry, null)),
  )
}

function documentOf(RED: NodeRed, hall: Hall, all: readonly Reported[]): StatusDocument {
  const { isRunning } = outcomesOf(RED, hall.world)
  const orphans = orphanCountOf(RED, hall).last
  return statusDocument(all, { isRunning, orphans, at: hall.world.clock.wall() })
}

export async function reportOf(hall: Hall, entry: RosterEntry): Promise<NodeReport> {
  return (await reportedOf(hall, entry)).report
}

/** The answer to its command `status`; null when it has none, or none in time. */
export async function answerOf({ world }: Hall, entry: RosterEntry): Promise<unknown> {
  return (await inTime(world.clock, entry.report())) ?? null
}

async function reportedOf(hall: Hall, entry: RosterEntry): Promise<Reported> {
  const oldestAt = await inTime(hall.world.clock, entry.oldestAt())
  return reported(hall, entry, oldestAt ?? null)
}

function reported(hall: Hall, entry: RosterEntry, oldestAt: EpochMs | null): Reported {
  const tally = entry.tally()
  const plot = hall.plots.of(entry.id)
  const perSecond = workOf(tally).perSecond ?? plot.rate.at(-1) ?? null
  const { id, type, name, flow } = entry.place()
  const badge = entry.badge()
  const status = badge === undefined ? null : { ...badge } // a flow may change what it gets
  const report = {
    ...{ id, type, name, flow, status, open: entry.isOpen() },
    ...{ settings: hall.roster.versionOf(id), commands: entry.commands() },
    ...{ tally: shortened(tally), oldestAt, perSecond, plot },
  }
  return { report, tally }
}

/** Undefined when it is late or fails. */
function inTime<Value>(clock: Clock, asked: Promise<Value>): Promise<Value | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.wake(answeredWithin, () => resolve(undefined))
    const settled = (value: Value | undefined) => {
      cancel()
      resolve(value)
    }
    asked.then(settled, () => settled(undefined))
  })
}

/** Spans without their buckets: those are for metrics. One object after another: there are many. */
function shortened(of: object): object {
  const short: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(of)) {
    if (name === 'buckets') continue
    if (Array.isArray(value)) short[name] = value.map(shortenedIn)
    else short[name] = shortenedIn(value)
  }
  return short
}

function shortenedIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? shortened(value) : value
}
