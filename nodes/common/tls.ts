/** Certificates and checks out of a core `tls-config` node, in our own terms. */

import type { NodeRed } from './node-red.js'

/** What core's `addTLSOptions` fills in. */
interface TlsOptions {
  ca?: string | Uint8Array
  cert?: string | Uint8Array
  key?: string | Uint8Array
  passphrase?: string
  servername?: string
  ALPNProtocols?: string[]
  rejectUnauthorized?: boolean
}

export interface NodeTls {
  readonly ca?: string | Uint8Array
  readonly cert?: string | Uint8Array
  readonly key?: string | Uint8Array
  readonly passphrase?: string
  readonly servername?: string
  readonly alpnProtocols?: readonly string[]
  readonly verify: boolean
}

/** Undefined when there is no such node, or it is of another type. */
export function tlsFrom(RED: NodeRed, id: string): NodeTls | undefined {
  const node = RED.nodes.getNode(id)
  if (!isTlsConfig(node)) return undefined
  const { ALPNProtocols, rejectUnauthorized, ...same } = node.addTLSOptions({})
  return {
    ...same,
    ...(ALPNProtocols === undefined ? {} : { alpnProtocols: ALPNProtocols }),
    verify: rejectUnauthorized !== false,
  }
}

function isTlsConfig(node: unknown): node is { addTLSOptions(options: TlsOptions): TlsOptions } {
  return typeof node === 'object' && node !== null && 'addTLSOptions' in node
}
