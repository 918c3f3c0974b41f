/**
 * Whether flows stop for good or only for a deploy, known before any node is closed: a deploy puts
 * its new flows in force first. Node-RED says so itself only when all nodes are closed, and then
 * the process ends before anybody could say goodbye.
 */

import type { NodeRed } from './node-red.js'

/** To be asked from the moment on when nodes are being closed. */
export function stoppingOf({ events }: Pick<NodeRed, 'events'>): () => boolean {
  let started: unknown
  let isStopping = false
  events?.on('flows:started', ({ config }) => {
    started = config
    isStopping = false
  })
  events?.on('flows:stopping', ({ config }) => {
    isStopping = config === started
  })
  return () => isStopping
}
