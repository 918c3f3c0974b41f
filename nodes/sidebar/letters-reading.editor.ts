/**
 * Reads what the page of dead letters shows, in one go: the nodes, the causes of one of them, and
 * the letters of what is unfolded, if anything about them has changed. Nothing is kept here.
 */

import type { Cause, Desk, Line, Piece } from './letter-shapes.js'

const readLetters: SidebarParts['readLetters'] = async (host, wanted, before) => {
  const { filter } = wanted
  const { items: desks } = await host.get<Piece<Desk>>('dlq?limit=500')
  const desk = desks.find(({ id }) => id === wanted.node) ?? desks[0]
  const common = { desks, desk, filter }
  if (desk === undefined) return { ...common, causes: [], causesTotal: 0, lists: new Map() }
  const { matching, isFiltered } = Resilience.letterPaths
  const read = (cause: string) => readList(host, desk, { ...wanted, cause }, before)
  if (isFiltered(filter)) {
    const list = await read(matching)
    const only = { ...nothing, cause: matching, count: list.total }
    return { ...common, causes: [only], causesTotal: 1, lists: new Map([[matching, list]]) }
  }
  const path = Resilience.letterPaths.groupsPath(desk.id, wanted.causes)
  const { items: causes, total: causesTotal } = await host.get<Piece<Cause>>(path)
  const lists = new Map<string, LetterList>()
  for (const { cause } of causes) if (wanted.letters.has(cause)) lists.set(cause, await read(cause))
  return { ...common, causes, causesTotal, lists }
}

async function readList(
  host: SidebarHost,
  { redrive: _redrive, fresh: _fresh, ...figures }: Desk,
  { cause, filter, letters }: LettersWanted & { readonly cause: string },
  before: LettersRead,
): Promise<LetterList> {
  const { piece, isFiltered, listPath } = Resilience.letterPaths
  const limit = letters.get(cause) ?? piece
  const of = JSON.stringify([figures, limit, filter])
  const known = before.lists.get(cause)
  // A letter that fails again changes its cause, and not the figures, of what a filter finds.
  if (known?.of === of && !isFiltered(filter)) return known
  const path = listPath(figures.id, { cause, filter, limit })
  const { items, total } = await host.get<Piece<Line>>(path)
  return { items, total, of }
}

const nothing: Omit<Cause, 'cause' | 'count'> = {
  ...{ givenUp: 0, poison: 0, firstAt: 0, lastAt: 0, note: '', example: { failure: null } },
}

/** With the causes and letters that somebody is writing in, though the gateway has them no more. */
const keepWritten: SidebarParts['keepWritten'] = (read, before, busy, isUnfolded) => {
  const { kept } = Resilience.letterPaths
  const isBusyLine = ({ id }: Line) => busy.has(id)
  const isBusy = ({ cause }: Cause) =>
    busy.has(cause) || before.lists.get(cause)?.items.some(isBusyLine) === true
  const causes = kept(before.causes, read.causes, { keyOf: ({ cause }) => cause, isBusy })
  const lists = new Map(read.lists)
  for (const { cause } of causes) {
    const [had, has] = [before.lists.get(cause), read.lists.get(cause)]
    if (had === undefined || !isUnfolded(cause)) continue
    const how = { keyOf: ({ id }: Line) => id, isBusy: isBusyLine }
    lists.set(cause, { ...(has ?? had), items: kept(had.items, has?.items ?? [], how) })
  }
  return { ...read, causes, lists }
}

Object.assign(Resilience.sidebar, { readLetters, keepWritten })
