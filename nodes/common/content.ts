/**
 * A message as it is kept on disk and as it comes back: whole, but for what spoke to one node only
 * and what nobody can keep. Its key and the moment of its acceptance travel in `msg.resilience`.
 */

import { Fault } from '../../src/base/fault.js'
import type { EpochMs } from '../../src/base/units.js'
import { decode, type Encoded, encode } from '../../src/store/codec.js'
import type { StoredRecord } from '../../src/store/tail.js'
import { enveloped, envelopeOf, passing, travelling } from './envelope.js'
import type { Message } from './node-red.js'

/** What is known of a message when it is accepted. */
export interface Accepted {
  /** '' for none. */
  readonly key: string
  readonly firstAt: EpochMs
}

/** What is not kept: a token names what is out now, and the key is worked out anew. */
const staying: readonly string[] = [...passing, 'token', 'key']

/** Throws PAYLOAD_UNSTORABLE {path, kind}; with `leavesOut` such properties stay behind. */
export function stored(msg: Message, { key, firstAt }: Accepted, leavesOut: boolean): Encoded {
  const resilience = travelling(msg, key === '' ? { firstAt } : { firstAt, key }, staying)
  try {
    return encode(enveloped(msg, resilience), 'msg', leavesOut)
  } catch (error) {
    throw error instanceof Fault ? relative(error) : error
  }
}

/** The words around the path begin with `msg.` already. */
function relative({ code, values }: Fault): Fault {
  return new Fault(code, { ...values, path: String(values['path']).replace(/^msg\.?/, '') })
}

/** A new object each time. Throws for bytes that never were a message. */
export function restored({ codec, payload }: Pick<StoredRecord, 'codec' | 'payload'>): Message {
  // Buffers share their memory with the record, which may be released again.
  const bytes = codec === 0 ? payload : Buffer.from(payload)
  const value = decode(codec, bytes)
  if (typeof value !== 'object' || value === null) throw new Fault('SEGMENT_CORRUPT')
  return { ...value }
}

/** The key of a message; what stands for one that has none is its id. */
export function keyOf(record: StoredRecord): string {
  const { key } = envelopeOf(restored(record))
  return typeof key === 'string' && key !== '' ? key : record.id
}
