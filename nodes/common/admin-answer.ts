/**
 * What an admin route answers: JSON, or a download line by line that never waits in memory. An
 * error becomes a status, a code and words; what nobody foresaw is told in the log, not to the
 * browser.
 */

import type { ServerResponse } from 'node:http'
import { type Code, Fault, families } from '../../src/base/fault.js'
import type { NodeRed } from './node-red.js'
import { failureText } from './words.js'

/** An answer with a status of its own; anything else is answered as 200. */
export class Answer {
  readonly status: number
  readonly body: unknown
  readonly type: string

  constructor(status: number, body: unknown, type = 'application/json') {
    this.status = status
    this.body = body
    this.type = type
  }
}

/** A text of any type, as it stands. */
export class Text {
  readonly text: string
  readonly type: string

  constructor(text: string, type: string) {
    this.text = text
    this.type = type
  }
}

/** Lines of JSON, each with its line feed, offered as a file. */
export class Download {
  readonly fileName: string
  readonly lines: AsyncIterable<Uint8Array>

  constructor(fileName: string, lines: AsyncIterable<Uint8Array>) {
    this.fileName = fileName
    this.lines = lines
  }
}

/** Status by code; all other input is 400, and what is not the sender's matter 503. */
const statuses: Readonly<Record<string, number>> = {
  ORIGIN_REFUSED: 403,
  PAYLOADS_HIDDEN: 403,
  NOT_FOUND: 404,
  LETTER_GONE: 404,
  JOB_RUNNING: 409,
  SOURCE_GONE: 409,
  PAYLOAD_TOO_LARGE: 413,
  CONTENT_TYPE_REFUSED: 415,
}

const common = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }

export async function sendAnswer(response: ServerResponse, answer: unknown): Promise<void> {
  if (answer instanceof Download) return sendLines(response, answer)
  if (answer instanceof Text) return sendText(response, answer)
  sendJson(response, answer instanceof Answer ? answer : new Answer(200, answer))
}

export function sendError(RED: NodeRed, response: ServerResponse, error: unknown): void {
  const fault = error instanceof Fault ? error : new Fault('UNEXPECTED', {}, error)
  if (fault.code === 'UNEXPECTED') RED.log?.error(String(stackOf(fault.cause)))
  if (response.headersSent) {
    response.destroy() // a download that breaks off must not look complete
    return
  }
  const { code, values } = fault
  const { field } = values
  const text = failureText(RED, fault)
  const named = typeof field === 'string' ? { field } : {}
  sendJson(response, new Answer(statusOf(code), { error: { code, text, ...named } }))
}

function statusOf(code: Code): number {
  const family = families[code]
  return statuses[code] ?? (family === 'input' || family === 'permanent' ? 400 : 503)
}

function sendJson(response: ServerResponse, { status, body, type }: Answer): void {
  const text = JSON.stringify(body ?? {})
  response.writeHead(status, { ...common, 'Content-Type': `${type}; charset=utf-8` })
  response.end(text)
}

export function sendText(response: ServerResponse, { text, type }: Text): void {
  response.writeHead(200, { ...common, 'Content-Type': type })
  response.end(text)
}

/** No faster than it is taken, and no longer than somebody listens. */
async function sendLines(response: ServerResponse, { fileName, lines }: Download): Promise<void> {
  response.writeHead(200, {
    ...common,
    'Content-Type': 'application/x-ndjson; charset=utf-8',
    'Content-Disposition': `attachment; filename="${fileName.replace(/[^\w.-]/g, '_')}"`,
  })
  for await (const line of lines) {
    if (response.destroyed) return
    if (!response.write(line)) await whenTaken(response)
  }
  response.end()
}

function whenTaken(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const taken = () => {
      response.off('drain', taken).off('close', taken)
      resolve()
    }
    response.on('drain', taken).on('close', taken)
  })
}

function stackOf(error: unknown): unknown {
  return error instanceof Error ? (error.stack ?? error.message) : error
}
