/**
 * What the overview tells of one node when its row is open: every figure that it counts, as words
 * and values. It touches no page, asks nobody and imports nothing: browser and tests run this same
 * file.
 */

import type { Tally } from '../../src/base/tally.js'
import type { NodeRow, Said, Texts } from './overview-rows.js'

/** Only what there is; counts by outcome or reason come one by one. */
export function figuresOf({ tally }: Pick<NodeRow, 'tally'>, texts: Texts): readonly Said[] {
  const { queue, link, breaker, retry, bulkhead, letters, health } = tally
  return [
    ...(queue === undefined ? [] : ofQueue(queue, texts)),
    ...(link === undefined ? [] : ofLink(link)),
    ...(breaker === undefined ? [] : ofBreaker(breaker)),
    ...(retry === undefined ? [] : ofRetry(retry)),
    ...(bulkhead === undefined ? [] : ofBulkhead(bulkhead)),
    ...(letters === undefined ? [] : ofLetters(letters, texts)),
    ...(health?.checks ?? []).map(ofCheck),
  ]
}

function ofQueue(queue: NonNullable<Tally['queue']>, { sizeText }: Texts): readonly Said[] {
  const { bytes, inFlight, limitRatio, redelivered, store } = queue
  return [
    ...counts({ inFlight, redelivered }),
    said('bytes', { size: sizeText(bytes) }),
    said('limit', { percent: Math.round(limitRatio * 100) }),
    ...ofStore(store, sizeText),
  ]
}

function ofStore(
  { directory, freeBytes, quarantined }: NonNullable<Tally['queue']>['store'],
  sizeText: Texts['sizeText'],
): readonly Said[] {
  return [
    said('directory', { directory }),
    ...(typeof freeBytes === 'number' ? [said('free', { size: sizeText(freeBytes) })] : []),
    ...(quarantined === 0 ? [] : counts({ quarantined })),
  ]
}

function ofLink(link: NonNullable<Tally['link']>): readonly Said[] {
  const { server, connections, disconnections, published, failed, consecutiveFailures } = link
  return [
    said('server', { server }),
    ...counts({ published, failed, connections, disconnections, consecutiveFailures }),
  ]
}

function ofBreaker({ states, calls, refused }: NonNullable<Tally['breaker']>): readonly Said[] {
  const all = Object.values(states).reduce((sum, count) => sum + count, 0)
  return [
    // One breaker says so in its status.
    ...(all > 1 ? each('state', states) : []),
    ...each('calls', calls),
    ...counts({ refused }),
  ]
}

function ofRetry({ trying, waiting, attempts, gaveUp }: NonNullable<Tally['retry']>) {
  return [...counts({ trying, waiting }), ...each('attempts', attempts), ...each('gaveUp', gaveUp)]
}

function ofBulkhead(bulkhead: NonNullable<Tally['bulkhead']>): readonly Said[] {
  const { inFlight, waiting, limit, admitted, refused } = bulkhead
  return [...counts({ inFlight, places: limit, waiting, admitted }), ...each('refusedFor', refused)]
}

function ofLetters(letters: NonNullable<Tally['letters']>, { sizeText }: Texts): readonly Said[] {
  const { bytes, causes, fresh, store } = letters
  const size = said('bytes', { size: sizeText(bytes) })
  return [...counts({ causes, fresh }), size, ...ofStore(store, sizeText)]
}

function ofCheck(check: NonNullable<Tally['health']>['checks'][number]): Said {
  const { label, status } = check
  const { ok = 0, slow = 0, failed = 0 } = check.checks
  return said('check', { label, status, ok, slow, failed })
}

const said = (name: string, values: NonNullable<Said['values']>): Said => {
  return { key: `figure.${name}`, values }
}

function counts(figures: Readonly<Record<string, number>>): readonly Said[] {
  return Object.entries(figures).map(([name, count]) => said(name, { count }))
}

/** What never happened is left out. */
function each(name: string, by: Readonly<Partial<Record<string, number>>>): readonly Said[] {
  return Object.entries(by).flatMap(([what, count = 0]) =>
    count === 0 ? [] : [said(name, { what, count })],
  )
}
