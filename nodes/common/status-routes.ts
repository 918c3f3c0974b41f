/**
 * The admin routes about all nodes of ours together (dialogs.md section 9): who runs, and what
 * stands below each. What they answer holds figures and words, never a payload.
 */

import type { World } from '../../src/base/ports.js'
import { adminOf } from './admin.js'
import { hallOf } from './hall.js'
import type { NodeRed } from './node-red.js'
import type { RosterEntry } from './roster.js'

export function serveStatus(RED: NodeRed, world: World): void {
  const { roster } = hallOf(world)
  adminOf(RED)?.get('/nodes', () => {
    const items = roster.all.map(rowOf)
    return { items, next: null, total: items.length }
  })
}

function rowOf(entry: RosterEntry): object {
  return { ...entry.place(), status: entry.badge() ?? null, commands: entry.commands() }
}
