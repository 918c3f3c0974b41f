/**
 * The last events of all nodes for those who look at them later: newest first, filtered by node,
 * kind and severity. They hold no payload.
 */

import { Fault } from '../../src/base/fault.js'
import {
  type EventFilter,
  isKnownKind,
  isWanted,
  severityOrder,
} from '../../src/observe/event-filter.js'
import type { Admin } from './admin.js'
import type { AdminRequest } from './admin-request.js'
import { pieceOf } from './listing.js'
import type { Timeline, Told } from './timeline.js'

const byNumber = {
  keyOf: ({ number }: Told): string => `${number}`,
  isAfter: ({ number }: Told, after: string): boolean => number < Number(after),
}

export function addEvents(admin: Admin, timeline: Timeline): void {
  admin.get('/events', (request) => {
    const filter = filterOf(request)
    const page = request.page()
    if (page.after !== undefined && !/^\d{1,15}$/.test(page.after)) throw wrong('after')
    const found = timeline.last.filter((told) => isWanted(told, filter)).reverse()
    return pieceOf(found, page, byNumber)
  })
}

/** Several kinds are separated by commas. */
function filterOf(request: AdminRequest): EventFilter {
  const kinds = request.text('kind')?.split(',') ?? []
  if (!kinds.every(isKnownKind)) throw wrong('kind')
  const node = request.text('node')
  const given = request.text('severity') ?? 'info'
  const from = severityOrder.find((severity) => severity === given)
  if (from === undefined) throw wrong('severity')
  return { kinds, nodes: node === undefined ? [] : [node], from }
}

function wrong(field: string): Fault {
  return new Fault('COMMAND_INVALID', { command: 'events', field })
}
