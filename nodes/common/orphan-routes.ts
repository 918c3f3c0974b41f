/**
 * What a person may do with directories that no node owns any more: see them, carry their messages
 * away, hand these to a node, or remove them for good. Messages are not shown where settings.js
 * hides payloads, and nothing that somebody works on is touched.
 */

import { Fault } from '../../src/base/fault.js'
import { erase } from '../../src/store/erasure.js'
import type { Admin } from './admin.js'
import { Download } from './admin-answer.js'
import type { AdminRequest } from './admin-request.js'
import { tell } from './announced.js'
import type { Hall } from './hall.js'
import { byId, pieceOf } from './listing.js'
import type { NodeRed } from './node-red.js'
import { orphanCountOf } from './orphan-count.js'
import { orphanLines, orphanOf, orphanReport, orphansOf } from './orphans.js'
import { failureShown } from './words.js'

export function addOrphans(admin: Admin, RED: NodeRed, hall: Hall): void {
  const find = (request: AdminRequest) => orphanOf(RED, hall, request.param('id'))
  const changed = () => {
    orphanCountOf(RED, hall).forget()
    hall.roster.changed()
  }
  admin.get('/orphans', async (request) => {
    const piece = pieceOf(await orphansOf(RED, hall), request.page(), byId)
    const items = []
    for (const orphan of piece.items) items.push(await orphanReport(hall, orphan))
    return { ...piece, items }
  })
  admin.get('/orphans/:id/export', async (request) => {
    const orphan = await find(request)
    if (!admin.showsPayloads) throw new Fault('PAYLOADS_HIDDEN')
    return new Download(`orphan-${orphan.id}.ndjson`, orphanLines(hall, orphan))
  })
  admin.post('/orphans/:id/adopt', async (request) => {
    const orphan = await find(request)
    const node = hall.roster.of(request.order.text('node')) ?? request.order.refuse('node')
    const { kind } = await orphanReport(hall, orphan)
    const { messages, stopped } = await node.adopt(orphan.directory, kind)
    const { user } = request
    if (messages > 0) node.emit({ kind: 'person.acted', user, command: 'adopt', count: messages })
    else if (stopped !== undefined) throw stopped
    if (stopped === undefined) await clear(hall, orphan.directory)
    changed()
    const at = hall.world.clock.wall()
    return { messages, stopped: stopped === undefined ? null : failureShown(RED, stopped, at) }
  })
  admin.post('/orphans/:id/purge', async (request) => {
    const orphan = await find(request)
    request.order.confirmed()
    const { messages, kind } = await orphanReport(hall, orphan)
    await erase(hall.world, orphan.directory)
    changed()
    const place = { id: orphan.node, type: kind, name: '', flow: '' }
    const count = messages ?? 0
    tell(RED, hall, place, { kind: 'person.acted', user: request.user, command: 'purge', count })
    return { messages: count }
  })
}

/** What is left when all messages have moved, unless something in it could not be read. */
async function clear(hall: Hall, directory: string): Promise<void> {
  const names: string[] = await hall.world.disk.list(directory).catch(() => []) // gone already
  const isKept = names.length === 0 || names.some((name) => name.endsWith('.bad'))
  const orphan = { id: '', node: '', store: '', directory }
  if (isKept || (await orphanReport(hall, orphan)).messages !== 0) return
  await erase(hall.world, directory)
}
