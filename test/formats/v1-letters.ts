/** What `v1/letters` holds, as it was handed to the code that wrote it. */

import type { Arrival } from '../../src/delivery/letter.js'
import { failed, originalOf } from '../world/lettering.js'

/** A small segment, so that there are several; given up at the first redrive. */
export const lettersOfV1 = {
  attempts: 1,
  letters: { attempts: 1, segmentBytes: 3000 },
} as const

export const messagesOfV1Letters: readonly object[] = [
  { payload: 'given up', topic: 'line/0' },
  { payload: Buffer.from([0, 10, 255]), topic: 'deleted' },
  { payload: 'edited', at: new Date(1_764_000_000_000) },
  { payload: 'm3', text: 'Grüße\n' },
  { payload: 'm4', big: 2n ** 70n, none: undefined },
]

const failures = ['not found', 'not found', 'not found', 'refused 1', 'refused 2']

export const arrivalsOfV1: readonly Arrival[] = messagesOfV1Letters.map((message, n) =>
  failed(
    '',
    { text: failures[n] ?? '', stack: 'Error: x\n    at f (/a/b.js:1:2)' },
    { original: originalOf(message), id: `q1-0a-${n}`, topic: `t${n}` },
  ),
)

export const editedOfV1 = { payload: 'mended' }

export const noteOfV1 = 'ERP update at 14:30'
