/**
 * Opens the sockets of mqtt and mqtts, and knows what a TLS connection is asked for; wss is opened
 * by MQTT.js with the same settings. Certificates are checked by Node alone, unless the settings
 * say not to. It waits for nothing: a socket that cannot connect says so by its 'error'.
 */

import { createConnection, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ConnectRequest, Tls } from './wire.js'

/** Throws when a certificate or key cannot be read. Writing may begin at once. */
export function openSocket({ server, tls = { verify: true } }: ConnectRequest): Socket {
  const { scheme, host, port } = server
  const socket = scheme === 'mqtts' ? openTls(host, port, tls) : createConnection({ host, port })
  return socket.setNoDelay(true)
}

function openTls(host: string, port: number, tls: Tls): Socket {
  // An address is no name that a server could be asked for (RFC 6066, 3).
  const name = isIP(host) === 0 ? { servername: host } : {}
  return connectTls({ host, port, ...name, ...certificatesOf(tls), ...namesOf(tls) })
}

interface Certificates {
  readonly rejectUnauthorized: boolean
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly passphrase?: string
}

export function certificatesOf({ verify, ca, cert, key, passphrase }: Tls): Certificates {
  return {
    rejectUnauthorized: verify,
    ...(ca === undefined ? {} : { ca: asPem(ca) }),
    ...(cert === undefined ? {} : { cert: asPem(cert) }),
    ...(key === undefined ? {} : { key: asPem(key) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  }
}

interface Names {
  readonly servername?: string
  readonly ALPNProtocols?: string[]
}

export function namesOf({ servername, alpnProtocols }: Tls): Names {
  return {
    ...(servername === undefined ? {} : { servername }),
    ...(alpnProtocols === undefined ? {} : { ALPNProtocols: [...alpnProtocols] }),
  }
}

/** The same bytes, as the type that Node and MQTT.js ask for. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const asPem = (pem: string | Uint8Array): string | Buffer =>
  typeof pem === 'string' ? pem : asBuffer(pem)
