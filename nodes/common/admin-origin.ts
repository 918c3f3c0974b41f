/**
 * Whether a request was sent by a page of somebody else, in the browser of a person who has this
 * gateway open: Node-RED 4.1 lets every page call its admin address, and without adminAuth nothing
 * else would stop it. It looks at headers only, which a page cannot forge.
 */

import type { IncomingHttpHeaders } from 'node:http'

/**
 * A browser names where a page came from in `Sec-Fetch-Site` (Fetch Metadata, on https and
 * localhost) or in `Origin` (RFC 6454, section 7). A token proves that the page is meant to: no
 * foreign page has one. Programs send neither.
 */
export function isForeign(headers: IncomingHttpHeaders): boolean {
  if (headers.authorization !== undefined) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'cross-site' || site === 'same-site'
  const { origin } = headers
  if (origin === undefined) return false
  const page = hostOf(origin)
  const own = [headers.host, headers['x-forwarded-host']].flat()
  return page === undefined || !own.includes(page)
}

/** An opaque origin is `null`. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
