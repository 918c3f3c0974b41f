/**
 * Directories below the roots of all stores that no deployed node owns: of nodes that were deleted,
 * and of nodes whose store was changed, below the old root. A node that is disabled owns what it
 * has. While no flows run nothing is known, and nothing is told: better an orphan too few.
 */

import { Fault } from '../../src/base/fault.js'
import { exportedLine, keptFrom } from '../../src/delivery/letter-record.js'
import { Survey } from '../../src/store/survey.js'
import type { Hall } from './hall.js'
import type { NodeRed } from './node-red.js'
import { kindOf, type OrphanKind } from './orphan-kinds.js'
import { outcomesOf } from './outcomes.js'
import { Owners } from './owners.js'

export interface Orphan {
  /** The node's id; with the store's behind it where that is not the built-in one. */
  readonly id: string
  /** Id of the node that is gone, or lives elsewhere. */
  readonly node: string
  /** Id of the store; '' for what is built in. */
  readonly store: string
  readonly directory: string
}

/** With what lies in it; null where it cannot be read. */
export interface OrphanReport extends Orphan {
  readonly kind: OrphanKind
  readonly messages: number | null
  readonly bytes: number | null
  readonly oldestAt: number | null
}

/** What our nodes put into a directory. */
const ours = /^(META|BREAKER|MONITOR|LETTERS|REDRIVE)\.json$|^NUMBERS\.log$|\.seg$/
const journal = /^META\.json$|\.seg$/
/** More directories are not looked at: a root with so many is somebody else's. */
const namesMax = 10_000

/** By id. */
export async function orphansOf(RED: NodeRed, hall: Hall): Promise<readonly Orphan[]> {
  if (!outcomesOf(RED, hall.world).isRunning || RED.nodes.eachNode === undefined) return []
  const owners = new Owners(RED, hall)
  const found: Orphan[] = []
  for (const root of owners.roots) {
    // It may not be made yet.
    const names: string[] = await hall.world.disk.list(root.directory).catch(() => [])
    for (const name of names.slice(0, namesMax)) {
      const node = decoded(name)
      const owned = owners.of(node, root)
      if (owned === 'here') continue
      const directory = `${root.directory}/${name}`
      const inside: string[] = await hall.world.disk.list(directory).catch(() => []) // a file
      // A node that keeps its messages elsewhere may still have small things below the first root.
      const isOurs = inside.some((each) => (owned === 'elsewhere' ? journal : ours).test(each))
      const id = root.store === '' ? node : `${node}@${root.store}`
      if (isOurs) found.push({ id, node, store: root.store, directory })
    }
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Throws NOT_FOUND for what has an owner by now, or is gone. */
export async function orphanOf(RED: NodeRed, hall: Hall, id: string): Promise<Orphan> {
  const found = (await orphansOf(RED, hall)).find((each) => each.id === id)
  if (found === undefined) throw new Fault('NOT_FOUND', { what: `orphan ${id}` })
  return found
}

export async function orphanReport({ world }: Hall, orphan: Orphan): Promise<OrphanReport> {
  try {
    const survey = await Survey.of(world.disk, orphan.directory)
    const kind = await kindOf(await world.disk.list(orphan.directory), survey)
    const { messages, bytes, oldestAt = null } = survey
    return { ...orphan, kind, messages, bytes, oldestAt }
  } catch {
    return { ...orphan, kind: 'unknown', messages: null, bytes: null, oldestAt: null }
  }
}

/** What waits there, as a dead letter node exports and imports it: one JSON line each. */
export async function* orphanLines({ world }: Hall, orphan: Orphan): AsyncGenerator<Uint8Array> {
  const survey = await Survey.of(world.disk, orphan.directory)
  for await (const record of survey.read()) yield exportedLine(keptFrom(record))
}

/** A name that is no text is that of no node of ours. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
