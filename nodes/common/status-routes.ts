/**
 * The admin routes about all nodes of ours together (dialogs.md section 9): the document of all,
 * and each node with what it can tell of itself. What they answer holds figures and words, never a
 * payload.
 */

import { Fault } from '../../src/base/fault.js'
import type { World } from '../../src/base/ports.js'
import { type Admin, adminOf } from './admin.js'
import type { AdminRequest } from './admin-request.js'
import { type Hall, hallOf } from './hall.js'
import { pieceOf } from './listing.js'
import { News } from './news.js'
import type { NodeRed } from './node-red.js'
import { answerOf, reportOf, statusOfAll } from './node-reports.js'
import type { RosterEntry } from './roster.js'

export function serveStatus(RED: NodeRed, world: World): void {
  const hall = hallOf(world)
  hall.plots.begin()
  const news = new News(RED, world.clock)
  hall.roster.watch(() => news.changed())
  hall.timeline.watch(() => news.changed())
  hall.plots.watch(() => news.changed())
  const admin = adminOf(RED)
  if (admin !== undefined) addRoutes(admin, RED, hall)
}

function addRoutes(admin: Admin, RED: NodeRed, hall: Hall): void {
  admin.get('/status', async ({ mayWrite }) => {
    return { ...(await statusOfAll(RED, hall)), mayWrite }
  })
  admin.get('/nodes', async (request) => {
    const piece = pieceOf(hall.roster.all, request.page(), ({ id }) => id)
    const items = await Promise.all(piece.items.map((entry) => reportOf(hall, entry)))
    return { ...piece, items }
  })
  admin.get('/nodes/:id', async (request) => {
    const entry = entryOf(hall, request)
    return { ...(await reportOf(hall, entry)), report: await answerOf(hall, entry) }
  })
}

/** Throws NOT_FOUND for a node that is gone, disabled, or none of ours. */
function entryOf({ roster }: Hall, request: AdminRequest): RosterEntry {
  const id = request.param('id')
  const entry = roster.of(id)
  if (entry === undefined) throw new Fault('NOT_FOUND', { what: `node ${id}` })
  return entry
}
