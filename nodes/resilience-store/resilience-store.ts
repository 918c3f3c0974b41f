/**
 * Where messages are kept on disk, how safely, and how many: said once for several nodes. It keeps
 * nothing itself and touches no disk; each node has a queue of its own below the directory.
 */

import type { World } from '../../src/base/ports.js'
import { adminOf } from '../common/admin.js'
import { furnishConfig } from '../common/config-room.js'
import { hallOf, realWorld, rootOf } from '../common/hall.js'
import type { NodeRed } from '../common/node-red.js'
import { askedAbout, placesOf } from '../common/store-places.js'
import { type Form, parse, type Settings } from './resilience-store.settings.js'

export const resilienceStore =
  (world: World) =>
  (RED: NodeRed): void => {
    const { stores } = hallOf(world)
    adminOf(RED)?.get('/stores', (request) => {
      const directory = request.text('directory')
      const asked = directory === undefined ? stores.places(rootOf(RED)) : [askedAbout(directory)]
      return placesOf(world.disk, asked)
    })
    furnishConfig<Form, Settings>(world, RED, {
      type: 'resilience-store',
      parse,
      open: ({ id, settings, hall }) => ({ close: hall.stores.declare(id, settings) }),
    })
  }

export default resilienceStore(realWorld)
