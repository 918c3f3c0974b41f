/**
 * Metrics for Prometheus and the same as JSON: on the admin side for those who may read, and on the
 * address of the HTTP nodes for whoever knows the token, once there is one. All who ask at the same
 * time get the same answer; a flow's own `http in` goes first.
 */

import { createHash, timingSafeEqual } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { World } from '../../src/base/ports.js'
import { type Exposition, expositionOf } from '../../src/observe/exposition.js'
import { summaryOf } from '../../src/observe/summary.js'
import { adminOf } from './admin.js'
import { sendError, sendText, Text } from './admin-answer.js'
import { countedIn } from './counted.js'
import { hallOf } from './hall.js'
import { healthPathsIn } from './health-routes.js'
import type { AdminMessage, NodeRed } from './node-red.js'
import { mountAtRoot } from './node-root.js'
import { pathIn, textIn, warnOf } from './settings-file.js'

const mounted = new WeakSet<object>()

export function serveMetrics(RED: NodeRed, world: World): void {
  const hall = hallOf(world)
  const turn = () => new Promise<void>((go) => world.clock.soon(go))
  const counted = () => countedIn(RED, hall)
  const scrape = once(async () => expositionOf(await counted(), turn))
  const sumUp = once(async () => summaryOf(await counted(), world.clock.wall(), turn))
  const admin = adminOf(RED)
  admin?.get('/metrics', async () => textOf(await scrape()))
  admin?.get('/summary', sumUp)
  serveOutside(RED, scrape)
}

const textOf = ({ text, contentType }: Exposition): Text => new Text(text, contentType)

/** Whoever asks while it works gets the same: nobody can make it work twice at a time. */
function once<Told>(work: () => Promise<Told>): () => Promise<Told> {
  let running: Promise<Told> | undefined
  return () => {
    running ??= work().finally(() => {
      running = undefined
    })
    return running
  }
}

/** Once for each runtime: routes cannot be taken back. Without a token there is none. */
function serveOutside(RED: NodeRed, scrape: () => Promise<Exposition>): void {
  const token = textIn(RED, 'metricsToken') || process.env['RESILIENCE_METRICS_TOKEN']
  const { httpNode } = RED
  if (!token || httpNode === undefined || mounted.has(httpNode)) return
  mounted.add(httpNode)
  const isMeant = bearerOf(token)
  mountAtRoot(RED, httpNode, {
    ...{ paths: metricPathsIn(RED), taken: 'metrics.taken', isShown: () => true },
    answer(_path, message, response) {
      if (!isMeant(message)) return refuse(response)
      scrape().then(
        (exposition) => sendText(response, textOf(exposition)),
        (error: unknown) => sendError(RED, response, error),
      )
    },
  })
}

/** One path, or none where health has both the one that is set and the usual one. */
function metricPathsIn(RED: NodeRed): string[] {
  const usual = '/metrics'
  const path = pathIn(RED, 'metricsPath', usual)
  const isFree = (wanted: string) => !Object.hasOwn(healthPathsIn(RED), wanted)
  if (isFree(path)) return [path]
  warnOf(RED, 'metricsPath', 'otherPath')
  return [usual].filter(isFree)
}

/** RFC 6750, section 3. */
function refuse(response: ServerResponse): void {
  response.writeHead(401, { 'WWW-Authenticate': 'Bearer', 'Cache-Control': 'no-store' }).end()
}

/**
 * Whether a request bears the token (RFC 6750, section 2.1). Digests are compared, which are of one
 * length whatever was sent: how long that takes tells nothing of the token.
 */
function bearerOf(token: string): (message: AdminMessage) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  // A file that holds it may end with a line feed, which no header can.
  const wanted = digest(token.trim())
  return ({ headers: { authorization = '' } }) => {
    const [, given] = /^bearer +(\S.*)$/i.exec(authorization) ?? []
    return given !== undefined && timingSafeEqual(digest(given), wanted)
  }
}
