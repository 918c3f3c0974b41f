/**
 * The status of `resilient-mqtt-out`: which of its words fits, trouble first, and what its link has
 * counted. It looks and decides nothing else.
 */

import type { Code, Failure } from '../../src/base/fault.js'
import type { Tally } from '../../src/base/tally.js'
import type { Forwarder } from '../../src/delivery/forwarder.js'
import type { Link } from '../../src/mqtt/link.js'
import type { Queue } from '../../src/store/queue.js'
import type { QueueMeter } from '../common/queue-meter.js'
import type { Context, Status } from '../common/room.js'
import { isGuess, shared, spanText } from '../common/words.js'
import type { Settings } from './resilient-mqtt-out.settings.js'

/** What a person sees, trouble first. */
export function statusOf(
  { forwarding }: Settings,
  queue: Queue,
  link: Link,
  { drain, isPaused }: Forwarder,
): Status {
  const stored = () => ({ count: queue.waiting })
  const { damaged } = queue
  if (queue.isFull) {
    const values = { count: queue.drops.total }
    return { fill: 'red', shape: 'ring', key: 'status.full', values }
  }
  if (link.state === 'failed') return failedStatus(link.failure, stored())
  if (isPaused) return { fill: 'grey', shape: 'ring', key: 'status.paused', values: stored() }
  if (link.isThrottled) {
    return { fill: 'yellow', shape: 'ring', key: 'status.throttled', values: stored() }
  }
  if (link.state === 'connecting' && link.failure === undefined) {
    return { fill: 'yellow', shape: 'ring', key: 'status.connecting' }
  }
  if (link.state !== 'connected' && forwarding.whenOffline === 'fail') {
    return { fill: 'red', shape: 'ring', key: 'status.refusing' }
  }
  if (link.state !== 'connected') {
    return { fill: 'yellow', shape: 'ring', key: 'status.offline', values: stored() }
  }
  if (drain !== undefined) {
    const time = drain.left === undefined ? '…' : spanText(drain.left)
    return { fill: 'blue', shape: 'dot', key: 'status.draining', values: { ...stored(), time } }
  }
  if (damaged > 0) {
    const values = { count: damaged }
    return { fill: 'red', shape: 'dot', key: shared('status.damaged'), values }
  }
  return { fill: 'green', shape: 'dot', key: 'status.connected' }
}

/** For the answer to a command. */
export function figuresOf(link: Link): object {
  const { state, server, tally } = link
  return { state, server, ...tally }
}

/** What it and its link have counted. */
export function tallyOf(
  { settings: { broker }, work }: Context<Settings>,
  parts: { readonly meter: QueueMeter; readonly link: Link; readonly forwarder: Forwarder },
): Tally {
  const { state, server, tally } = parts.link
  const link = { ...tally, broker, brokerName: work.nameOf(broker), state, server }
  return { queue: parts.meter.tally(parts.forwarder.isPaused), link }
}

const failedKeys: Readonly<Partial<Record<Code, string>>> = {
  LOGIN_REFUSED: 'status.login-refused',
  CERTIFICATE_REFUSED: 'status.certificate',
  CLIENT_ID_IN_USE: 'status.client-id',
}

function failedStatus(failure: Failure | undefined, values: { count: number }): Status {
  const said = failedKeys[failure?.code ?? 'BROKER_UNREACHABLE'] ?? 'status.offline'
  const key = failure !== undefined && isGuess(failure) ? 'status.client-id-perhaps' : said
  return { fill: 'red', shape: 'ring', key, values }
}
