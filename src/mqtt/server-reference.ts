/**
 * The server to which a broker sends its clients (MQTT 5, 4.11: a list separated by spaces, each a
 * name or address with an optional port). Only the first is looked at; what is not understood is
 * no reference.
 */

import type { Server } from './wire.js'

const form = /^(?:\[([\da-f:.]+)\]|([^\s:[\]/]+))(?::(\d{1,5}))?$/i

/** Reached the same way as `like`, the server that said so. */
export function serverFrom(reference: string, like: Server): Server | undefined {
  const [first = ''] = reference.trim().split(/\s+/)
  const [, address, name, digits] = form.exec(first) ?? []
  const host = address ?? name
  const port = digits === undefined ? like.port : Number(digits)
  if (host === undefined || port < 1 || port > 65_535) return undefined
  return { ...like, host: host.toLowerCase(), port }
}
