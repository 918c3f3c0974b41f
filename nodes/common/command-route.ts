/**
 * Orders that a person gives to a node over the admin address, instead of a flow: the same commands
 * with the same fields. What was ordered becomes an event with that person's name. Payloads are not
 * shown where settings.js hides them.
 */

import { Fault } from '../../src/base/fault.js'
import type { Admin } from './admin.js'
import { type AdminRequest, tooLarge } from './admin-request.js'
import { envelopeOf } from './envelope.js'
import type { Message } from './node-red.js'
import { plain } from './plain-json.js'
import type { RosterEntry } from './roster.js'

/** They only look. */
const looking = new Set(['status', 'peek'])
const answerBytesMax = 5 << 20

export function addCommand(admin: Admin, entryOf: (request: AdminRequest) => RosterEntry): void {
  admin.post('/nodes/:id/command', async (request) => {
    const entry = entryOf(request)
    const { user } = request
    const order = request.order.inner(user === '' ? {} : { by: user })
    const { command } = order
    if (command === 'peek' && !admin.showsPayloads) throw new Fault('PAYLOADS_HIDDEN')
    const answered = await entry.obey(order)
    if (!looking.has(command)) {
      entry.emit({ kind: 'person.acted', user, command, count: countIn(answered) })
    }
    return { answer: readable(envelopeOf(answered)['answer'], command) }
  })
}

/** Messages of any kind may be in it, as many as were asked for. */
function readable(answer: unknown, command: string): unknown {
  const text = JSON.stringify(answer, plain)
  if (text.length > answerBytesMax) throw tooLarge(text.length, answerBytesMax, command)
  return JSON.parse(text)
}

/** How many messages it was done to, for a command that counts them. */
function countIn({ payload }: Message): number {
  const counts = ['dropped', 'count'].map((name) => Reflect.get(Object(payload ?? {}), name))
  return counts.find((count) => typeof count === 'number') ?? 1
}
