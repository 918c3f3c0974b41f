/**
 * What is seen of all nodes together: the admin routes that the sidebar asks, and nothing that any
 * one node needs. The runtime half of the sidebar's plugin; it starts with Node-RED and decides
 * nothing.
 */

import type { World } from '../../src/base/ports.js'
import { realWorld } from '../common/hall.js'
import { serveMetrics } from '../common/metric-routes.js'
import type { NodeRed } from '../common/node-red.js'
import { warnOfSettings } from '../common/settings-file.js'
import { serveStatus } from '../common/status-routes.js'

export const sidebar =
  (world: World) =>
  (RED: NodeRed): void => {
    warnOfSettings(RED)
    serveStatus(RED, world)
    serveMetrics(RED, world)
  }

export default sidebar(realWorld)
