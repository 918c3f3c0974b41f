/**
 * Answers of ours on the address of the HTTP nodes, at paths that are compared as plain text. What
 * a flow answers at itself it leaves alone: a route that runs there behind ours goes first.
 */

import type { AdminApp, AdminHandler, AdminMessage, NodeRed } from './node-red.js'
import { plain } from './settings-file.js'
import { shared } from './words.js'

export interface RootAnswer {
  /** As `plain` writes them. */
  readonly paths: readonly string[]
  /** Key of the words for the log when a flow answers there. */
  readonly taken: string
  /** While false, there is nothing at these paths. */
  isShown(): boolean
  answer(path: string, message: AdminMessage, response: Parameters<AdminHandler>[1]): void
}

/** For good: what is mounted cannot be taken back. */
export function mountAtRoot(
  RED: NodeRed,
  app: AdminApp,
  { paths, taken, isShown, answer }: RootAnswer,
): void {
  let hasTold = false
  const handler: AdminHandler = (message, response, next) => {
    const path = plain((message.url ?? '').split('?', 1)[0] ?? '')
    if (!paths.includes(path) || !isReading(message) || !isShown()) return next()
    if (!isTaken(RED, app, handler, path)) return answer(path, message, response)
    if (!hasTold) RED.log?.warn(RED._(shared(taken), { path }))
    hasTold = true
    next()
  }
  app.use('/', handler)
}

/**
 * Whether something of the flow answers there. What runs is asked, for a node within a subflow, a
 * variable in its url or a pattern does not show in the flow; where that cannot be read, the flow.
 */
function isTaken(RED: NodeRed, app: AdminApp, handler: AdminHandler, path: string): boolean {
  const layers = app._router?.stack ?? []
  const own = layers.findIndex(({ handle }) => handle === handler)
  if (own < 0) return isInFlow(RED, path)
  // What comes before ours had its turn.
  return layers.slice(own + 1).some((layer) => layer.route?.methods.get && layer.match(path))
}

function isInFlow(RED: NodeRed, path: string): boolean {
  let isFound = false
  RED.nodes.eachNode?.(({ id, type, method, url }) => {
    const isRoute = type === 'http in' && method === 'get' && typeof url === 'string'
    if (isRoute && plain(url) === path && RED.nodes.getNode(id)) isFound = true
  })
  return isFound
}

const isReading = ({ method }: AdminMessage): boolean => method === 'GET' || method === 'HEAD'
