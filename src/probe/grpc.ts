/**
 * Asks a gRPC server by its own health protocol, `grpc.health.v1.Health/Check`: one text goes out
 * and one number comes back, so both are framed here by hand (gRPC over HTTP/2: a byte of flags,
 * four of length; Protocol Buffers: field 1 each) and no client library is needed.
 */

import type { CallAnswer, Clock, Network, NetworkTls } from '../base/ports.js'
import type { Ms } from '../base/units.js'
import type { Found } from '../policy/health-state.js'
import { because, failedFor, type Trial, trialOf } from './probe.js'

export interface GrpcCheck {
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
  readonly timeout: Ms
  /** '' for the server as a whole. */
  readonly service: string
}

export function probeGrpc(
  network: Network,
  clock: Clock,
  { host, port, isSecure, timeout, service }: GrpcCheck,
  tls: NetworkTls | undefined,
): Trial {
  const exchange = network.call({
    ...{ host, port, isSecure, path: '/grpc.health.v1.Health/Check' },
    headers: { 'content-type': 'application/grpc', te: 'trailers' },
    body: framed(requestFor(service)),
    ...(tls === undefined ? {} : { tls }),
  })
  return trialOf(clock, timeout, exchange, (answer, latencyMs) => {
    return { latencyMs, ...judged(answer) }
  })
}

/** HealthCheckRequest { string service = 1 }; a field with its default is left out. */
function requestFor(service: string): Uint8Array {
  const text = utf8(service)
  return text.length === 0
    ? new Uint8Array()
    : new Uint8Array([0x0a, ...varint(text.length), ...text])
}

/** Not compressed. */
function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(5 + message.length)
  new DataView(frame.buffer).setUint32(1, message.length)
  frame.set(message, 5)
  return frame
}

const serving = 1
const codes: Readonly<Record<string, 'service-unknown' | 'not-understood'>> = {
  '5': 'service-unknown',
  '12': 'not-understood',
}

function judged({ headers, body }: CallAnswer): Found {
  const status = headers[':status'] ?? ''
  if (status !== '200') return failedFor(because('answered', { status }))
  const code = headers['grpc-status'] ?? ''
  if (code !== '0') {
    return failedFor(because(codes[code] ?? 'answered', { status: `gRPC ${code}` }))
  }
  const found = servingStatusIn(body)
  if (found === undefined) return failedFor(because('not-understood'))
  return found === serving ? { is: 'ok' } : failedFor(because('not-serving'))
}

/** HealthCheckResponse { ServingStatus status = 1 }; 0, UNKNOWN, is left out. */
function servingStatusIn(body: Uint8Array): number | undefined {
  if (body.length < 5 || body[0] !== 0) return undefined
  const length = new DataView(body.buffer, body.byteOffset).getUint32(1)
  const message = body.subarray(5, 5 + length)
  if (message.length !== length) return undefined
  if (length === 0) return 0
  return message[0] === 0x08 ? message[1] : undefined
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}

/** A dialog lets only ASCII into the name of a service. */
const utf8 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))
