/**
 * Routes of ours on the address of the HTTP nodes: where settings.js puts them, and whether a flow
 * answers there itself with an `http in`, which goes first. It mounts nothing.
 */

import type { AdminMessage, NodeRed } from './node-red.js'

/** A field of the section `resilience` of settings.js; undefined for what is no text. */
export function settingIn({ settings: { resilience } }: NodeRed, field: string) {
  const isSection = typeof resilience === 'object' && resilience !== null
  const value: unknown = isSection ? Reflect.get(resilience, field) : undefined
  return typeof value === 'string' ? value : undefined
}

/** The path in this field of settings.js; it begins with `/`. */
export function pathIn(RED: NodeRed, field: string, otherwise: string): string {
  const path = plain(settingIn(RED, field) ?? '')
  return path === '' ? otherwise : `/${path}`
}

/** Whether a node of the flow answers there itself. */
export function isTaken(RED: NodeRed, path: string): boolean {
  const wanted = plain(path)
  let isFound = false
  RED.nodes.eachNode?.(({ id, type, method, url }) => {
    const isRoute = type === 'http in' && method === 'get' && typeof url === 'string'
    if (isRoute && plain(url) === wanted && RED.nodes.getNode(id)) isFound = true
  })
  return isFound
}

export const isReading = ({ method }: AdminMessage): boolean =>
  method === 'GET' || method === 'HEAD'

/** As Express compares paths: without a slash at the end, in any case. */
const plain = (path: string): string => path.replace(/^\/+|\/+$/g, '').toLowerCase()
