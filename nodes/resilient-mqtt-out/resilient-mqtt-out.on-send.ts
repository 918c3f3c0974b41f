/**
 * The expression that makes the payload of `resilient-mqtt-out` at send time, and the numbers that
 * it can refer to. A message for which it has no value is refused when it comes in, as far as that
 * can be known then; the expression sees the message as it was stored.
 */

import { Fault } from '../../src/base/fault.js'
import type { EpochMs } from '../../src/base/units.js'
import { type Form, OnSend } from '../../src/delivery/on-send.js'
import { messageFrom, type Publication, packetFrom } from '../../src/delivery/publication.js'
import { Numbering } from '../../src/store/numbering.js'
import { SharedDisk } from '../../src/store/shared-disk.js'
import type { Expression } from '../common/expression.js'
import type { Context } from '../common/room.js'
import type { Settings } from './resilient-mqtt-out.settings.js'

const label = '@holdfast/node-red-resilience/resilient-mqtt-out:label.onSend'

/** Undefined where payloads go out as they came. Throws EXPRESSION_FAILED. */
export function formOf({ settings, expression }: Context<Settings>): Form | undefined {
  const { onSend } = settings
  return onSend === undefined ? undefined : formWith(expression(label, onSend))
}

/** Undefined where nothing is numbered. Rejects as `Numbering.open`; the directory must be there. */
export async function numberingOf({
  settings,
  hall,
  directory,
}: Context<Settings>): Promise<Numbering | undefined> {
  if (!/\$sequence\b/.test(settings.onSend ?? '')) return undefined
  const { world, budget } = hall
  const bootId = await world.machine.bootId()
  return Numbering.open(new SharedDisk(world.disk, budget), directory, bootId)
}

export function onSendOf(
  { settings, failed }: Context<Settings>,
  {
    form,
    numbering,
  }: { readonly form: Form | undefined; readonly numbering: Numbering | undefined },
  ready: () => void,
): OnSend | undefined {
  const { messageId } = settings.forwarding
  return form && new OnSend({ form, numbering, messageId, ready, failed })
}

/** Rejects with EXPRESSION_FAILED for a message that could not be sent. */
export async function check(form: Form, packet: Publication, storedAt: EpochMs): Promise<void> {
  const message = { packet, record: { id: '', storedAt }, isHistorical: false }
  await form(message, { sequence: 1, sinceConnect: 1 })
}

/** The expression sees the message with what our nodes add to it. */
function formWith(expression: Expression): Form {
  return async ({ packet, record, isHistorical }, { sequence, sinceConnect }) => {
    if (sequence === undefined) throw expression.failed('10,000 topics are numbered already')
    const { id, storedAt } = record
    const resilience = { id, storedAt, historical: isHistorical }
    const msg = { ...messageFrom(packet), resilience }
    const payload = await expression.value(msg, { sequence, sinceConnect })
    return payloadOf(payload, packet, expression)
  }
}

function payloadOf(
  payload: unknown,
  { topic, qos, retain }: Publication,
  { failed }: Expression,
): Publication['payload'] {
  try {
    return packetFrom({ payload }, { topic, qos, retain }).payload
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw failed(`its value holds a ${error.values['kind']}`)
  }
}
