/**
 * Lets an MQTT broker on a socket be reached over WebSocket (RFC 6455), with TLS if it is given a
 * certificate, on the address on which the broker listens: unwraps what the client
 * sends and wraps what the broker answers. It knows binary frames and the closing one, no
 * fragments, and counts the frames of the client.
 */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Server } from '../../src/mqtt/wire.js'
import { type Certificate, tlsOptions } from './scripted-broker.js'

const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const closing = 8

export class WebSocketBridge {
  readonly server: Server
  /** Data frames that the client has sent. */
  frames = 0
  readonly #http: HttpServer
  readonly #sockets = new Set<Duplex>()

  private constructor(port: number, target: Server, certificate: Certificate | undefined) {
    const isPlain = certificate === undefined
    this.server = { scheme: isPlain ? 'ws' : 'wss', host: target.host, port, path: '/mqtt' }
    this.#http = isPlain ? createServer() : createTlsServer(tlsOptions(certificate))
    this.#http.on('upgrade', (request, socket) => {
      const key = request.headers['sec-websocket-key'] ?? ''
      const accept = createHash('sha1').update(`${key}${magic}`).digest('base64')
      const lines = [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
      ]
      lines.push(`Sec-WebSocket-Accept: ${accept}`, 'Sec-WebSocket-Protocol: mqtt', '', '')
      socket.write(lines.join('\r\n'))
      this.#join(socket, connect(target.port, target.host))
    })
  }

  static async open(
    port: number,
    target: Server,
    certificate?: Certificate,
  ): Promise<WebSocketBridge> {
    const bridge = new WebSocketBridge(port, target, certificate)
    bridge.#http.listen(port, target.host)
    await once(bridge.#http, 'listening')
    return bridge
  }

  stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) => this.#http.close(() => resolve()))
  }

  #join(client: Duplex, broker: Socket): void {
    let rest = Buffer.alloc(0)
    client.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      for (let frame = readFrame(rest); frame !== undefined; frame = readFrame(rest)) {
        rest = rest.subarray(frame.length)
        if (frame.kind === closing) client.end()
        else {
          this.frames += 1
          broker.write(frame.payload)
        }
      }
    })
    broker.on('data', (chunk) => client.write(binaryFrame(chunk)))
    for (const [one, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#sockets.add(one)
      // Either side may be cut off by a test; the other one is told by its close.
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  }
}

/** The first whole frame of a client; its payload comes masked. */
function readFrame(bytes: Buffer): { kind: number; payload: Buffer; length: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes.readUInt8(1) & 127
  const at = short === 127 ? 10 : short === 126 ? 4 : 2
  if (bytes.length < at + 4) return undefined
  const size =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short
  const length = at + 4 + size
  if (bytes.length < length) return undefined
  const mask = bytes.subarray(at, at + 4)
  const payload = Buffer.from(bytes.subarray(at + 4, length))
  for (const [index, byte] of payload.entries()) payload[index] = byte ^ (mask[index & 3] ?? 0)
  return { kind: bytes.readUInt8(0) & 15, payload, length }
}

function binaryFrame(payload: Buffer): Buffer {
  const header = Buffer.alloc(4)
  header.writeUInt8(0x82, 0)
  header.writeUInt8(126, 1)
  header.writeUInt16BE(payload.length, 2)
  return Buffer.concat([header, payload])
}
