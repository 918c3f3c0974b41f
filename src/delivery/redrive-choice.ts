/**
 * Which letters a redrive takes, the next to go first. A person is told why some cannot go, before
 * any is sent; the schedule leaves those where they are. It changes nothing.
 */

import { Fault } from '../base/fault.js'
import { type RedriveBy, type Selection, selectorOf } from '../policy/letter-selection.js'
import type { Entry } from './letter-index.js'
import type { Letters } from './letters.js'

interface Choice {
  readonly by: RedriveBy
  readonly selection: Selection
}

/** Rejects with SOURCE_GONE {node}, or LETTER_GONE when no letter is meant. */
export async function chosenFrom(
  letters: Letters,
  { by, selection }: Choice,
  hasPlace: (entry: Entry) => boolean,
): Promise<Entry[]> {
  const found = await letters.selected(selectorOf(selection, by))
  const lost = found.find((entry) => !hasPlace(entry))
  if (lost !== undefined && by === 'person') throw await goneOf(letters, lost)
  const chosen = lost === undefined ? found : found.filter(hasPlace)
  if (chosen.length === 0) throw new Fault('LETTER_GONE')
  return chosen
}

/** With the name of the node as the letter knows it. */
async function goneOf(letters: Letters, { id, source }: Entry): Promise<Fault> {
  const letter = await letters.read(id)
  const nodes = letter?.failures.map(({ node }) => node) ?? []
  const node = nodes.findLast((each) => each?.id === source)
  return new Fault('SOURCE_GONE', { node: node?.name || source || '?' })
}
