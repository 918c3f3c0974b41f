/**
 * The admin routes of dead letters (dialogs.md section 9): look at letters, send them round, delete
 * and restore them, carry them to another gateway. What a person changes is an event. Messages are
 * left out where settings.js hides payloads.
 */

import { Fault } from '../../src/base/fault.js'
import type { Letter } from '../../src/delivery/letter.js'
import type { PageOf } from '../../src/delivery/letters.js'
import type { LetterFilter } from '../../src/policy/letter-selection.js'
import type { Admin } from '../common/admin.js'
import { Answer, Download } from '../common/admin-answer.js'
import type { AdminRequest, Listed } from '../common/admin-request.js'
import { byId, pieceOf } from '../common/listing.js'
import type { Message } from '../common/node-red.js'
import { encoded } from './arrivals.js'
import type { Desk, Desks } from './desks.js'
import { filterFrom, idsFrom, requestFrom } from './orders.js'
import { editedMessage, kindsIn, plainMessage } from './plain-message.js'
import { groupShown, lineShown, messageOf, statsShown, storyShown } from './shown.js'

const editBytesMax = 5 << 20
const importBytesMax = 100 << 20
const peekDefault = 10
const peekMax = 100

export function addRoutes(admin: Admin | undefined, desks: Desks): void {
  if (admin === undefined) return
  const deskOf = (request: AdminRequest) => desks.of(request.param('id'))
  addReading(admin, desks, deskOf)
  addRedriving(admin, deskOf)
  addChanging(admin, deskOf)
  addClearing(admin, deskOf)
}

type DeskOf = (request: AdminRequest) => Desk

function addReading(admin: Admin, desks: Desks, deskOf: DeskOf): void {
  const isShown = ({ original }: Letter) =>
    admin.showsPayloads && original.bytes.length <= editBytesMax
  const withMessage = (letter: Letter) => ({
    ...{ bytes: letter.original.bytes.length },
    msg: isShown(letter) ? plainMessage(messageOf(letter)) : null,
  })
  admin.get('/dlq', (request) => nodesShown(desks.all(), request))
  admin.get('/dlq/:id', (request) => deskShown(deskOf(request)))
  admin.get('/dlq/:id/groups', async (request) =>
    listed(await deskOf(request).letters.groups(pageOf(request)), groupShown),
  )
  admin.get('/dlq/:id/letters', async (request) => {
    const filter = { ...filterOf(request), ...asideOf(request) }
    return listed(await deskOf(request).letters.list(filter, pageOf(request)), lineShown)
  })
  admin.get('/dlq/:id/peek', async (request) => {
    const { letters } = deskOf(request)
    const found = await letters.peek(
      request.count('count', peekDefault, peekMax),
      filterOf(request),
    )
    return { items: found.map((letter) => ({ ...lineShown(letter), ...withMessage(letter) })) }
  })
  admin.get('/dlq/:id/letters/:letter', async (request) => {
    const letter = await letterOf(deskOf(request), request)
    const kinds = isShown(letter) ? kindsIn(messageOf(letter)) : {}
    return { ...storyShown(letter), ...withMessage(letter), kinds }
  })
  admin.get('/dlq/:id/export', (request) => {
    const { letters, id } = deskOf(request)
    if (!admin.showsPayloads) throw new Fault('PAYLOADS_HIDDEN')
    return new Download(`dead-letters-${id}.ndjson`, letters.export(filterOf(request)))
  })
}

function addRedriving(admin: Admin, deskOf: DeskOf): void {
  admin.post('/dlq/:id/retry', async (request) => {
    const desk = deskOf(request)
    const job = await desk.redriver.start(requestFrom(request.order))
    acted(desk, request, 'redrive', desk.redriver.progress?.total ?? 0)
    return new Answer(202, { job })
  })
  admin.get('/dlq/:id/jobs/:job', (request) => progressOf(deskOf(request), request))
  admin.delete('/dlq/:id/jobs/:job', async (request) => {
    const desk = deskOf(request)
    const { job } = progressOf(desk, request)
    if (await desk.redriver.cancel(job)) acted(desk, request, 'cancel', 1)
    return progressOf(desk, request)
  })
}

function addChanging(admin: Admin, deskOf: DeskOf): void {
  const edit = async (request: AdminRequest) => {
    const desk = deskOf(request)
    const letter = await letterOf(desk, request)
    const msg = request.order.value('msg', objectFrom)
    const isRedriven = request.order.flag('redrive') === true
    if (isRedriven) await desk.redriver.check({ selection: { ids: [letter.id] } })
    const original = encoded(editedMessage(messageOf(letter), msg))
    const id = await desk.letters.edit(letter.id, original)
    acted(desk, request, 'edit', 1)
    if (!isRedriven) return { id }
    return { id, job: await desk.redriver.start({ selection: { ids: [id] } }) }
  }
  admin.post('/dlq/:id/letters/:letter/edit', edit, { bytesMax: editBytesMax })
  admin.post('/dlq/:id/letters/delete', (request) => {
    const desk = deskOf(request)
    return counted(desk, request, 'delete', desk.letters.delete(idsFrom(request.order)))
  })
  admin.post('/dlq/:id/letters/restore', (request) => {
    const desk = deskOf(request)
    return counted(desk, request, 'restore', desk.letters.restore(idsFrom(request.order)))
  })
  admin.post('/dlq/:id/groups/:cause/note', async (request) => {
    const desk = deskOf(request)
    const note = request.order.value('note', noteFrom)
    await desk.letters.note(request.param('cause'), note)
    acted(desk, request, 'note', 1)
    return { note }
  })
  const takesLines = { type: 'application/x-ndjson', bytesMax: importBytesMax } as const
  const take = async (request: AdminRequest) => {
    const desk = deskOf(request)
    const imported = await desk.letters.import(request.bytes())
    acted(desk, request, 'import', imported.imported)
    return imported
  }
  admin.post('/dlq/:id/import', take, takesLines)
}

function addClearing(admin: Admin, deskOf: DeskOf): void {
  const clear = (filter: LetterFilter, command: string) => (request: AdminRequest) => {
    const desk = deskOf(request)
    request.order.confirmed()
    return counted(desk, request, command, desk.letters.clear(filter))
  }
  admin.post('/dlq/:id/clear', clear({}, 'clear'))
  admin.post('/dlq/:id/clear-given-up', clear({ state: 'given-up' }, 'clear-given-up'))
  admin.post('/dlq/:id/seen', async (request) => {
    const { letters, changed } = deskOf(request)
    await letters.seen()
    changed()
    return {}
  })
}

function nodesShown(all: readonly Desk[], request: AdminRequest): Listed<object> {
  const piece = pieceOf(all, request.page(), byId)
  return { ...piece, items: piece.items.map(deskShown) }
}

function deskShown({ id, name, flow, letters, redriver }: Desk): object {
  return { id, name, flow, ...statsShown(letters, redriver) }
}

function listed<Item>(
  { items, next, total }: PageOf<Item>,
  shown: (item: Item) => object,
): Listed<object> {
  return { items: items.map(shown), next: next ?? null, total }
}

function pageOf(request: AdminRequest): { limit: number; after?: string } {
  const { limit, after } = request.page()
  if (after === undefined) return { limit }
  if (!/^\d{1,15}$/.test(after)) throw wrong('after')
  return { limit, after }
}

function wrong(field: string): Fault {
  return new Fault('COMMAND_INVALID', { command: 'letters', field })
}

function filterOf(request: AdminRequest): LetterFilter {
  const names = ['cause', 'reason', 'text', 'state']
  const given = names.flatMap((name) => {
    const text = request.text(name)
    return text === undefined ? [] : [[name, text]]
  })
  const filter = filterFrom(Object.fromEntries(given))
  if (filter === undefined) throw wrong('state')
  return filter
}

/** Letters that were deleted or replaced, instead of those that are there. */
function asideOf(request: AdminRequest): { aside?: 'deleted' | 'resolved' } {
  const aside = request.text('aside')
  if (aside === undefined) return {}
  if (aside === 'deleted' || aside === 'resolved') return { aside }
  throw wrong('aside')
}

async function letterOf({ letters }: Desk, request: AdminRequest): Promise<Letter> {
  const id = request.param('letter')
  const letter = await letters.read(id)
  if (letter === undefined) throw new Fault('LETTER_GONE', { id })
  return letter
}

/** Of the job that runs, or ran last: earlier ones are not kept. */
function progressOf({ redriver }: Desk, request: AdminRequest) {
  const { progress } = redriver
  const job = request.param('job')
  if (progress?.job !== job) throw new Fault('NOT_FOUND', { what: `job ${job}` })
  return progress
}

async function counted(
  desk: Desk,
  request: AdminRequest,
  command: string,
  counting: Promise<number>,
): Promise<{ readonly count: number }> {
  const count = await counting
  acted(desk, request, command, count)
  return { count }
}

function acted(desk: Desk, { user }: AdminRequest, command: string, count: number): void {
  desk.emit({ kind: 'person.acted', user, command, count })
  desk.changed()
}

function objectFrom(input: unknown): Message | undefined {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input)
  return isObject ? { ...input } : undefined
}

function noteFrom(input: unknown): string | undefined {
  return typeof input === 'string' && input.length <= 1024 ? input : undefined
}
