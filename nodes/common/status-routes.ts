/**
 * The admin routes about all nodes of ours together (dialogs.md section 9): the document of all,
 * and each node with what it can tell of itself. What they answer holds figures and words, never a
 * payload.
 */

import { Fault } from '../../src/base/fault.js'
import type { World } from '../../src/base/ports.js'
import { type Admin, adminOf } from './admin.js'
import type { AdminRequest } from './admin-request.js'
import { Balances } from './balances.js'
import { addCommand } from './command-route.js'
import { addEvents } from './event-routes.js'
import { type Hall, hallOf } from './hall.js'
import { byId, pieceOf } from './listing.js'
import { News } from './news.js'
import type { NodeRed } from './node-red.js'
import { answerOf, reportOf, statusNow, statusOfAll } from './node-reports.js'
import { addOrphans } from './orphan-routes.js'
import { outcomesOf } from './outcomes.js'
import type { RosterEntry } from './roster.js'
import { Statistics } from './statistics.js'

export function serveStatus(RED: NodeRed, world: World): void {
  const hall = hallOf(world)
  hall.plots.begin()
  const news = new News(RED, world.clock)
  hall.roster.watch(() => news.changed())
  hall.timeline.watch(() => news.changed())
  outcomesOf(RED, world).whenStarted(() => news.changed())
  const statistics = new Statistics(RED, () => statusNow(RED, hall))
  const balances = new Balances(hall.roster)
  hall.plots.watch((span) => {
    balances.look()
    news.changed()
    statistics.passed(span)
  })
  const admin = adminOf(RED)
  if (admin !== undefined) addRoutes(admin, RED, hall)
}

function addRoutes(admin: Admin, RED: NodeRed, hall: Hall): void {
  addCommand(admin, (request) => entryOf(hall, request))
  addEvents(admin, hall.timeline)
  addOrphans(admin, RED, hall)
  admin.get('/status', async ({ mayWrite }) => {
    return { ...(await statusOfAll(RED, hall)), mayWrite }
  })
  admin.get('/nodes', async (request) => {
    const all = hall.roster.all.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    const piece = pieceOf(all, request.page(), byId)
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
