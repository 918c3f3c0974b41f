/**
 * The real network: HTTP, TCP, calls over HTTP/2 and WebSocket, each exchange over a connection of
 * its own. It adds no time-out, follows nothing, tries nothing twice, and reads no more of an
 * answer than was asked for. HTTP/2 and WebSocket are loaded when first used.
 */

import { type IncomingMessage, get as plainGet } from 'node:http'
import type { ClientHttp2Session } from 'node:http2'
import { get as secureGet } from 'node:https'
import { connect } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { WebSocket } from 'ws'
import type {
  CallAnswer,
  CallRequest,
  Exchange,
  HttpAnswer,
  HttpRequest,
  Network,
  NetworkTls,
  WebSocketRequest,
} from '../base/ports.js'
import { epochMs } from '../base/units.js'

/** More than any answer to a call, and any text of a WebSocket, that is understood. */
const answerBytesMax = 65_536

export const realNetwork: Network = {
  http: (request) => exchange<HttpAnswer>((told) => getting(request, told)),
  tcp: (host, port) => exchange<void>((told) => connecting(host, port, told)),
  call: (request) =>
    lazily(import('node:http2'), (http2, told: Told<CallAnswer>) => calling(http2, request, told)),
  webSocket: (request) =>
    lazily(import('ws'), ({ WebSocket }, told: Told<void>) => {
      const { url, headers, tls } = request
      const options = { maxPayload: answerBytesMax, perMessageDeflate: false, headers }
      return talking(new WebSocket(url, { ...options, ...tlsOptions(tls) }), request, told)
    }),
}

interface Told<Answer> {
  answer(answer: Answer): void
  failed(error: unknown): void
}

/** `begin` answers how to drop the connection; that is done too when the answer is there. */
function exchange<Answer>(begin: (told: Told<Answer>) => () => void): Exchange<Answer> {
  let drop = () => {}
  let isOver = false
  const end = () => {
    isOver = true
    drop()
  }
  const answer = new Promise<Answer>((resolve, reject) => {
    const once = (settle: () => void) => {
      if (isOver) return
      settle()
      end()
    }
    const failed = (error: unknown) => once(() => reject(error))
    try {
      drop = begin({ answer: (answer) => once(() => resolve(answer)), failed })
    } catch (error) {
      failed(error) // an address or a header that is none
    }
  })
  return { answer, stop: end }
}

function lazily<Answer, Module>(
  module: Promise<Module>,
  begin: (module: Module, told: Told<Answer>) => () => void,
): Exchange<Answer> {
  return exchange((told) => {
    let drop = () => {}
    let isStopped = false
    module
      .then((loaded) => {
        if (!isStopped) drop = begin(loaded, told)
      })
      .catch(told.failed)
    return () => {
      isStopped = true
      drop()
    }
  })
}

function getting(request: HttpRequest, told: Told<HttpAnswer>): () => void {
  const { url, headers, tls, textBytesMax } = request
  const isSecure = new URL(url).protocol === 'https:'
  // No agent: each check finds out whether a connection can be made.
  const options = { agent: false, headers, ...(isSecure ? tlsOptions(tls) : {}) } as const
  const asked = (isSecure ? secureGet : plainGet)(url, options, (response) => {
    const head = { status: response.statusCode ?? 0, ...certificateOf(response) }
    if (textBytesMax === 0) return told.answer({ ...head, text: '' })
    collected(response, textBytesMax, (bytes) => {
      told.answer({ ...head, text: bytes.toString('utf8') })
    })
    response.on('error', told.failed)
  })
  asked.on('error', told.failed)
  return () => asked.destroy()
}

function certificateOf({ socket }: IncomingMessage): Pick<HttpAnswer, 'certificateEndsAt'> {
  if (!(socket instanceof TLSSocket)) return {}
  const endsAt = Date.parse(socket.getPeerCertificate().valid_to)
  return Number.isNaN(endsAt) ? {} : { certificateEndsAt: epochMs(endsAt) }
}

/** Calls once: at the end, or when there is as much as is wanted. */
function collected(
  from: NodeJS.ReadableStream,
  bytesMax: number,
  heard: (bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = []
  let length = 0
  const all = () => Buffer.concat(chunks).subarray(0, bytesMax)
  from.on('data', (chunk: Buffer) => {
    if (length >= bytesMax) return
    chunks.push(chunk)
    length += chunk.length
    if (length >= bytesMax) heard(all())
  })
  from.on('end', () => heard(all()))
}

function connecting(host: string, port: number, told: Told<void>): () => void {
  const socket = connect({ host, port }, () => told.answer())
  socket.on('error', told.failed)
  return () => socket.destroy()
}

function calling(
  { connect: connectSession }: typeof import('node:http2'),
  { host, port, isSecure, tls, path, headers, body }: CallRequest,
  told: Told<CallAnswer>,
): () => void {
  const authority = host.includes(':') ? `[${host}]` : host
  const scheme = isSecure ? 'https' : 'http'
  const options = isSecure ? tlsOptions(tls) : {}
  const session: ClientHttp2Session = connectSession(`${scheme}://${authority}:${port}`, options)
  const stream = session.request({ ':method': 'POST', ':path': path, ...headers })
  const heard: Record<string, string> = {}
  const hear = (more: object) => {
    for (const [name, value] of Object.entries(more)) heard[name] = String(value)
  }
  let answered: Buffer = Buffer.alloc(0)
  stream.on('response', hear)
  stream.on('trailers', hear)
  collected(stream, answerBytesMax, (bytes) => {
    answered = bytes
    if (bytes.length === answerBytesMax) told.answer({ headers: heard, body: bytes })
  })
  stream.on('close', () => {
    if (heard[':status'] === undefined) told.failed(hungUp())
    else told.answer({ headers: heard, body: answered })
  })
  // Of a connection that failed the stream only says that it was cancelled.
  stream.on('error', (error) => told.failed(error.cause ?? error))
  session.on('error', told.failed)
  stream.end(Buffer.from(body))
  return () => session.destroy()
}

function talking(
  socket: WebSocket,
  { send, isExpected }: WebSocketRequest,
  told: Told<void>,
): () => void {
  const sent = (error?: Error | null) => {
    if (error) told.failed(error)
    else if (isExpected === undefined) told.answer()
  }
  socket.on('open', () => {
    if (send === '') sent()
    else socket.send(send, sent)
  })
  socket.on('message', (data, isBinary) => {
    if (!isBinary && isExpected?.(data.toString()) === true) told.answer()
  })
  socket.on('unexpected-response', (_request, { statusCode }) => {
    told.failed(Object.assign(new Error(`HTTP ${statusCode}`), { code: `HTTP_${statusCode}` }))
  })
  socket.on('close', () => told.failed(hungUp()))
  socket.on('error', told.failed)
  // Without a goodbye: one that is not answered would keep the connection for long.
  return () => socket.terminate()
}

const hungUp = (): Error => Object.assign(new Error('hung up'), { code: 'ECONNRESET' })

function tlsOptions(tls: NetworkTls | undefined): object {
  if (tls === undefined) return {}
  const { verify, ca, cert, key, passphrase, servername, alpnProtocols } = tls
  return {
    rejectUnauthorized: verify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(servername === undefined ? {} : { servername }),
    ...(alpnProtocols === undefined ? {} : { ALPNProtocols: [...alpnProtocols] }),
  }
}
