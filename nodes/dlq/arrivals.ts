/**
 * A message that failed as it becomes a dead letter: what is known of why is read from what a Catch
 * node or a node of ours has put on it, or comes with it without a wire. The message itself is kept
 * as it was before it failed; nothing is decided here.
 */

import type { DropReason } from '../../src/base/event.js'
import { type EpochMs, epochMs } from '../../src/base/units.js'
import type { Arrival, Original, Reported } from '../../src/delivery/letter.js'
import type { Blame } from '../../src/policy/outcome.js'
import { nodeError } from '../../src/policy/outcome-rules.js'
import { countOf, fieldOf, numberOf, textOf } from '../../src/policy/plain-data.js'
import { encode } from '../../src/store/codec.js'
import { envelopeOf, passedOn } from '../common/envelope.js'
import type { GivenLetter } from '../common/letter-boxes.js'
import type { Message } from '../common/node-red.js'
import type { Work } from '../common/work.js'

/** What arrives, and what the nodes around it are told it failed of. */
export interface Arriving {
  readonly arrival: Arrival
  readonly blame: Blame
}

/** From the input of the node. */
export function fromWire(msg: Message, work: Work, at: EpochMs): Arriving {
  const envelope = envelopeOf(msg)
  const error = errorOf(msg)
  const last = failureOf(envelope['failure'], msg, at) ?? reportedError(error, msg, at)
  const node = error?.source ?? last?.node
  const followed = work.pathOf(msg)
  const arrival: Arrival = {
    original: originalOf(msg, error !== undefined),
    reason: reasonOf(envelope['reason'], last),
    failures: last === undefined ? [] : [last],
    // What a node of ours gave up was changed on its way to the node that failed.
    source: error?.source.id ?? '',
    path: followed.length > 0 || node === undefined ? followed : [node.id],
    flow: work.flowOf(node?.id ?? followed.at(-1) ?? work.node.id),
    topic: topicOf(msg),
    ...beforeOf(envelope['deadLetter']),
  }
  return { arrival, blame: blameOf(last) }
}

/** From a node that names this one in its dialog. */
export function fromNode(given: GivenLetter, work: Work): Arrival {
  const { msg, id, reason, path, from } = given
  return {
    ...(id === undefined ? {} : { id }),
    original: originalOf(msg, false),
    reason,
    failures: given.failures.map((each) => reportedBlame(each.blame, each.at, each.attempt, work)),
    source: from.id,
    path: [from.id, ...path.filter((each) => each !== from.id)],
    flow: work.flowOf(from.id),
    topic: topicOf(msg),
    ...beforeOf(envelopeOf(msg)['deadLetter']),
  }
}

/** What the nodes around it learn: it failed, and is safe here. */
function blameOf(failure: Reported | undefined): Blame {
  if (failure === undefined) return { code: 'MESSAGE_DROPPED', values: dropped, kind: 'transient' }
  const { code, text, kind, node } = failure
  if (node === undefined) return { code: 'NODE_ERROR', values: { node: '', text }, kind, text }
  return { ...nodeError(node, { code, text }), kind }
}

const dropped = { reason: 'dead-lettered' } as const

/** A message as the codec keeps it; what cannot be kept on disk is left out. */
export function encoded(msg: Message): Original {
  return encode(msg, 'msg', true)
}

/** Without what Catch added, and without what spoke to nodes of ours on the way. */
function originalOf(msg: Message, isCaught: boolean): Original {
  const { error, _error, ...rest } = msg
  const before = isCaught ? (_error === undefined ? {} : { error: _error }) : msg
  const { token: _token, deadLetter: _letter, ...envelope } = envelopeOf(passedOn(msg, {}))
  const resilience = Object.keys(envelope).length > 0 ? { resilience: envelope } : {}
  const { resilience: _all, ...own } = isCaught ? { ...rest, ...before } : { ...before }
  return encoded({ ...own, ...resilience })
}

interface Caught {
  readonly message: string
  readonly code: string | undefined
  readonly stack: string | undefined
  readonly source: { readonly id: string; readonly type: string; readonly name?: string }
}

/** As a Catch node leaves it: it names the node. */
function errorOf(msg: Message): Caught | undefined {
  const error = msg['error']
  const source = fieldOf(error, 'source')
  const [id, type, name] = ['id', 'type', 'name'].map((field) => textOf(source, field))
  if (id === undefined || type === undefined) return undefined
  return {
    message: textOf(error, 'message') ?? '',
    code: textOf(error, 'code'),
    stack: textOf(error, 'stack'),
    source: { id, type, ...(name === undefined ? {} : { name }) },
  }
}

function reportedError(error: Caught | undefined, msg: Message, at: EpochMs): Reported | undefined {
  if (error === undefined) return undefined
  const { message, stack, source } = error
  const code = error.code ?? /^(\w*Error)\b/.exec(stack ?? message)?.[1] ?? 'NODE_ERROR'
  const { kind } = nodeError(source, { code, text: message })
  return {
    ...{ at, code, text: message, kind, attempt: attemptOf(msg), node: source },
    ...(stack === undefined ? {} : { stack }),
  }
}

/** As a node of ours writes it. */
function failureOf(failure: unknown, msg: Message, now: EpochMs): Reported | undefined {
  const [code, text] = [textOf(failure, 'code'), textOf(failure, 'text')]
  if (code === undefined || text === undefined) return undefined
  const node = fieldOf(failure, 'node')
  const [id, type, name] = ['id', 'type', 'name'].map((field) => textOf(node, field))
  const isNode = id !== undefined && type !== undefined
  const { statusCode } = msg
  const isStatus = code === 'HTTP_STATUS' && typeof statusCode === 'number'
  return {
    at: epochMs(numberOf(failure, 'at') ?? now),
    code: isStatus ? `${code} ${statusCode}` : code,
    ...{ text, kind: textOf(failure, 'kind') === 'permanent' ? 'permanent' : 'transient' },
    attempt: attemptOf(msg),
    ...(isNode ? { node: { id, type, ...(name === undefined ? {} : { name }) } } : {}),
  }
}

/** As a letter tells of what a node of ours learned. */
export function reportedBlame(blame: Blame, at: EpochMs, attempt: number, work: Work): Reported {
  const { code, kind, values, node } = blame
  const status = code === 'HTTP_STATUS' ? ` ${values['status']}` : ''
  const text = textOf(work.failure(blame), 'text') ?? code
  return { at, code: `${code}${status}`, kind, text, attempt, ...(node && { node }) }
}

function attemptOf(msg: Message): number {
  return countOf(msg['resilience'], 'attempt') ?? 1
}

/** The closed list of reasons (dialogs.md section 5) is what nodes of ours write. */
function reasonOf(written: unknown, failure: Reported | undefined): DropReason {
  if (typeof written === 'string' && reasons.has(written)) return written as DropReason
  if (failure === undefined) return 'operator'
  return byCode[failure.code] ?? (failure.kind === 'permanent' ? 'permanent' : 'max-attempts')
}

const byCode: Readonly<Record<string, DropReason>> = {
  NOT_AUTHORISED: 'not-authorised',
  PAYLOAD_TOO_LARGE: 'too-large',
  PAYLOAD_UNSTORABLE: 'unstorable',
  QUEUE_FULL: 'overflow',
  OUTCOME_TIMEOUT: 'timeout',
  POISON: 'poison',
}

const reasons: ReadonlySet<unknown> = new Set<DropReason>([
  ...(['expired', 'overflow', 'max-attempts', 'permanent', 'timeout', 'deadline'] as const),
  ...(['budget', 'refused', 'too-large', 'not-authorised', 'poison', 'cycle'] as const),
  ...(['offline', 'superseded', 'unstorable', 'operator'] as const),
])

/** What a redriven message says of the letter that it was. */
function beforeOf(row: unknown): Pick<Arrival, 'before'> {
  const id = textOf(row, 'id')
  if (id === undefined) return {}
  return {
    before: { id, redrives: countOf(row, 'redrives') ?? 0, hops: countOf(row, 'hops') ?? 0 },
  }
}

function topicOf({ topic }: Message): string {
  return typeof topic === 'string' ? topic : ''
}
