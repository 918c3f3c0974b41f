/**
 * What a TLS connection is asked for, in the words that Node and MQTT.js share. An absent setting
 * stays absent, so that the system's own holds. It checks no certificate and opens nothing.
 */

import type { Tls } from './wire.js'

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
