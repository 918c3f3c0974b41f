/**
 * A dead letter as a record of the journal, as a line of an export, and back. A record is one line
 * with the story and, behind it, the bytes of the message as they came; its lane is the cause. A
 * record of another kind of node reads as a letter without a story, so that its backlog can be
 * taken over; one of a later format is refused.
 */

import type { DropReason } from '../base/event.js'
import { Fault } from '../base/fault.js'
import { type EpochMs, epochMs } from '../base/units.js'
import { causeOf } from '../policy/letter-cause.js'
import { countOf, fieldOf, numberOf, textOf as textIn } from '../policy/plain-data.js'
import type { Message } from '../store/active.js'
import { laneOf } from '../store/lane.js'
import { adoptedFrom } from '../store/stored.js'
import type { StoredRecord } from '../store/tail.js'
import { afterLine, base64, bytesOf, textOf, utf8, withLine } from '../store/text.js'
import {
  failuresMax,
  type Letter,
  type LetterFailure,
  type Original,
  pathLengthMax,
  type Story,
} from './letter.js'

const format = 1
/** A record's header has one digit for it. */
const codecMax = 15

/** A letter without what changes while it is kept. */
export type Kept = Story & Pick<Letter, 'id' | 'storedAt' | 'original'>

export function messageOf({ id, storedAt, original, ...story }: Kept): Message {
  const payload = withLine(JSON.stringify({ format, ...storyOnly(story) }), original.bytes)
  const { codec } = original
  return adoptedFrom({ id, storedAt, codec, lane: laneOf(story.cause), payload })
}

/** Throws DISK_UNWRITABLE for a record of a later version. */
export function keptFrom({ id, storedAt, codec, payload, sequence }: StoredRecord): Kept {
  const at = epochMs(storedAt)
  const { line, rest } = afterLine(payload) ?? { line: '', rest: payload }
  const document = line.startsWith('{') ? parsed(line) : undefined
  if (countOf(document, 'format') === undefined) {
    return { ...blank(at, sequence), id, storedAt: at, original: { codec, bytes: payload } }
  }
  // The checksum has vouched for the rest of the line.
  const story = document as Written
  if (story.format > format) {
    throw new Fault('DISK_UNWRITABLE', { directory: '', why: `format ${story.format} is newer` })
  }
  return told(story, id, at, { codec, bytes: rest })
}

/** Whether a record is a letter, of whatever version. */
export function isLetter({ payload }: Pick<StoredRecord, 'payload'>): boolean {
  const { line } = afterLine(payload) ?? { line: '' }
  return line.startsWith('{') && countOf(parsed(line), 'format') !== undefined
}

/** A story as it is written; the first letters of format 1 have no `source`. */
interface Written extends Omit<Story, 'source'> {
  readonly format: number
  readonly source?: string
}

/** Field by field: an opening reads every letter, and a spread takes as long as all the rest. */
function told(story: Written, id: string, storedAt: EpochMs, original: Original): Kept {
  return {
    id,
    storedAt,
    original,
    reason: story.reason,
    cause: story.cause,
    firstAt: story.firstAt,
    lastAt: story.lastAt,
    failures: story.failures,
    source: story.source ?? '',
    path: story.path,
    flow: story.flow,
    topic: story.topic,
    hops: story.hops,
    redrives: story.redrives,
    permanents: story.permanents,
    isGivenUp: story.isGivenUp,
    editedFrom: story.editedFrom,
    number: story.number,
    job: story.job,
  }
}

/** One line of JSON, with its line feed. Plain JSON stays readable, the rest is base64. */
export function exportedLine({ id, storedAt, original, ...story }: Kept): Uint8Array {
  const { codec, bytes } = original
  const head = JSON.stringify({ format, id, storedAt, codec, ...storyOnly(story) }).slice(0, -1)
  const text = codec === 0 ? textOf(bytes) : ''
  const isPlain = text.startsWith('{') && !text.includes('\n')
  const msg = isPlain ? `"msg":${text}` : `"bytes":"${base64(bytes)}"`
  return utf8(`${head},${msg}}\n`)
}

/** Undefined for what cannot be read. The letter is numbered by whoever takes it up. */
export function importedFrom(line: Uint8Array): Kept | undefined {
  const document = parsed(textOf(line))
  const story = isOurs(document) ? storyFrom(document) : undefined
  const [id, storedAt] = [textIn(document, 'id'), numberOf(document, 'storedAt')]
  const original = originalFrom(document)
  if (story === undefined || original === undefined) return undefined
  if (id === undefined || storedAt === undefined) return undefined
  return { ...story, id, storedAt: epochMs(storedAt), original }
}

function originalFrom(document: unknown): Original | undefined {
  const codec = countOf(document, 'codec')
  const [bytes, msg] = [textIn(document, 'bytes'), fieldOf(document, 'msg')]
  if (codec === undefined || codec > codecMax) return undefined
  if (bytes !== undefined) return { codec, bytes: bytesOf(bytes) }
  const isMessage = typeof msg === 'object' && msg !== null && !Array.isArray(msg)
  return isMessage && codec === 0 ? { codec, bytes: utf8(JSON.stringify(msg)) } : undefined
}

const isOurs = (document: unknown) => countOf(document, 'format') === format

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Field by field, so that nothing else of a letter gets into the line. */
function storyOnly(story: Story): Story {
  const { reason, cause, firstAt, lastAt, failures, path, flow, topic, hops, redrives } = story
  const { permanents, isGivenUp, editedFrom, number, job, source } = story
  return {
    ...{ reason, cause, firstAt, lastAt, failures, path, flow, topic, hops, redrives },
    ...{ permanents, isGivenUp, editedFrom, number, job, source },
  }
}

function storyFrom(from: unknown): Story | undefined {
  const [firstAt, lastAt] = [numberOf(from, 'firstAt'), numberOf(from, 'lastAt')]
  const [cause, reason] = [textIn(from, 'cause'), textIn(from, 'reason')]
  if (firstAt === undefined || lastAt === undefined) return undefined
  if (cause === undefined || reason === undefined) return undefined
  return {
    ...{ cause, firstAt: epochMs(firstAt), lastAt: epochMs(lastAt) },
    reason: reason as DropReason,
    failures: listIn(from, 'failures', failuresMax).flatMap((each) => failureFrom(each) ?? []),
    source: textIn(from, 'source') ?? '',
    path: listIn(from, 'path', pathLengthMax).filter((id) => typeof id === 'string'),
    flow: textIn(from, 'flow') ?? '',
    topic: textIn(from, 'topic') ?? '',
    hops: countOf(from, 'hops') ?? 1,
    redrives: countOf(from, 'redrives') ?? 0,
    permanents: countOf(from, 'permanents') ?? 0,
    isGivenUp: fieldOf(from, 'isGivenUp') === true,
    editedFrom: textIn(from, 'editedFrom'),
    number: countOf(from, 'number') ?? 0,
    job: textIn(from, 'job'),
  }
}

function failureFrom(from: unknown): LetterFailure | undefined {
  const [code, text, at] = [textIn(from, 'code'), textIn(from, 'text'), numberOf(from, 'at')]
  if (code === undefined || text === undefined || at === undefined) return undefined
  const node = fieldOf(from, 'node')
  const [id, type, name] = ['id', 'type', 'name'].map((field) => textIn(node, field))
  const stack = textIn(from, 'stack')
  return {
    ...{ code, text, at: epochMs(at), attempt: countOf(from, 'attempt') ?? 1 },
    kind: fieldOf(from, 'kind') === 'permanent' ? 'permanent' : 'transient',
    ...(id === undefined || type === undefined
      ? {}
      : { node: { id, type, ...(name === undefined ? {} : { name }) } }),
    ...(stack === undefined ? {} : { stack }),
  }
}

function listIn(from: unknown, name: string, atMost: number): unknown[] {
  const list = fieldOf(from, name)
  return Array.isArray(list) ? list.slice(-atMost) : []
}

/** Of a message that another kind of node kept. */
function blank(at: Letter['storedAt'], number: number): Story {
  const reason = 'operator'
  return {
    ...{ reason, cause: causeOf({ code: reason, text: '' }), firstAt: at, lastAt: at },
    ...{
      failures: [],
      source: '',
      path: [],
      flow: '',
      topic: '',
      hops: 1,
      redrives: 0,
      permanents: 0,
    },
    ...{ isGivenUp: false, editedFrom: undefined, number, job: undefined },
  }
}
