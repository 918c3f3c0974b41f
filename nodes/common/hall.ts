/**
 * What all nodes of one process share: the real or the given world, the disk budget, the links to
 * brokers, and the directory in which data is kept. One hall per world, so that tests do not meet.
 */

import { Counts } from '../../src/base/counts.js'
import type { World } from '../../src/base/ports.js'
import { Links } from '../../src/delivery/links.js'
import { realWorld } from '../../src/host/world.js'
import { Budget } from '../../src/store/budget.js'
import { Gates } from './gates.js'
import { Healths } from './healths.js'
import { LetterBoxes } from './letter-boxes.js'
import type { NodeRed } from './node-red.js'
import { Plots } from './plots.js'
import { Roster } from './roster.js'
import { textIn } from './settings-file.js'
import { Stores } from './stores.js'
import { Timeline } from './timeline.js'

/** Rooms get the real world from here: they never touch the host themselves. */
export { realWorld }

export interface Hall {
  readonly world: World
  readonly budget: Budget
  readonly links: Links
  readonly gates: Gates
  readonly letterBoxes: LetterBoxes
  readonly healths: Healths
  readonly stores: Stores
  /** Ids of nodes that are not open: not yet, or because something keeps them from it. */
  readonly opening: Set<string>
  readonly roster: Roster
  readonly timeline: Timeline
  /** By node, from the start of the process until the node is removed. */
  readonly counts: Map<string, Counts>
  readonly plots: Plots
}

const halls = new WeakMap<World, Hall>()

export function hallOf(world: World): Hall {
  const known = halls.get(world)
  if (known !== undefined) return known
  const links = new Links(world.clock)
  const roster = new Roster()
  const registries = { gates: new Gates(), letterBoxes: new LetterBoxes(), stores: new Stores() }
  const hall: Hall = {
    ...{ world, budget: new Budget(), links, healths: new Healths(world.clock) },
    ...{ ...registries, opening: new Set(), timeline: new Timeline() },
    ...{ roster, plots: new Plots(world.clock, roster), counts: new Map() },
  }
  halls.set(world, hall)
  return hall
}

/** What this node has counted so far, and goes on to count. */
export function countsOf({ counts }: Hall, nodeId: string): Counts {
  const found = counts.get(nodeId) ?? new Counts()
  counts.set(nodeId, found)
  return found
}

/**
 * Where the data of one node lives: `root`, else `resilience.dir` of settings.js, else RESILIENCE_DIR, else
 * `resilience` in the user directory; below it a folder by node id, which survives edits, moves
 * and deploys.
 */
export function directoryOf(RED: NodeRed, nodeId: string, root?: string): string {
  // Ids are hex in practice; whatever a hand-written flow has, it stays one name in this folder.
  return `${root ?? rootOf(RED)}/${encodeURIComponent(nodeId).replaceAll('.', '%2E')}`
}

/** Where data lives unless a store says otherwise. */
export function rootOf(RED: NodeRed): string {
  const dir = textIn(RED, 'dir') ?? process.env['RESILIENCE_DIR']
  return dir || `${RED.settings.userDir ?? '.'}/resilience`
}
