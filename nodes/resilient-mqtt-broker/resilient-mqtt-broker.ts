/**
 * The connection to an MQTT broker, shared by all nodes that name it. It makes the link and hands
 * it to the hall; it opens nothing before a node wants to send.
 */

import type { World } from '../../src/base/ports.js'
import type { Holder } from '../../src/delivery/links.js'
import { clientIdsFrom } from '../../src/mqtt/client-id.js'
import { Link } from '../../src/mqtt/link.js'
import { connect as realConnect } from '../../src/mqtt/transport.js'
import type { Connect, Tls } from '../../src/mqtt/wire.js'
import { furnishConfig } from '../common/config-room.js'
import { realWorld } from '../common/hall.js'
import type { NodeRed } from '../common/node-red.js'
import { stoppingOf } from '../common/stopping.js'
import { tlsFrom } from '../common/tls.js'
import { announceWith, isAnything } from './announcements.js'
import {
  type Credentials,
  type Form,
  parse,
  type Settings,
} from './resilient-mqtt-broker.settings.js'

export const resilientMqttBroker =
  (world: World, connect: Connect = realConnect) =>
  (RED: NodeRed): void => {
    const isStopping = stoppingOf(RED)
    furnishConfig<Form, Settings>(world, RED, {
      type: 'resilient-mqtt-broker',
      parse,
      registration: {
        credentials: { username: { type: 'text' }, password: { type: 'password' } },
      },
      open({ id, settings, credentials, hall, emit, evaluate, warn }) {
        const tls = tlsFrom(RED, settings.tls)
        const identity = JSON.stringify([settings, credentials, tls])
        const { announcements } = settings
        const announce = announceWith(announcements, evaluate, warn)
        const holder = isAnything(announcements) ? { emit, announce } : { emit }
        const parts = { world, connect, id, settings, credentials, tls }
        hall.links.claim(id, identity, holder, (present) => linkOf(parts, present))
        return {
          close: (removed) =>
            removed || isStopping() ? hall.links.drop(id) : hall.links.leave(id),
        }
      },
    })
  }

interface Parts {
  readonly world: World
  readonly connect: Connect
  readonly id: string
  readonly settings: Settings
  readonly credentials: Credentials
  readonly tls: Tls | undefined
}

async function linkOf(
  { world, connect, id, settings, credentials, tls }: Parts,
  { emit, announce }: Holder,
): Promise<Link> {
  const { clientId, connections, rate, tls: _node, announcements: _rows, ...link } = settings
  const ids = clientIdsFrom(clientId, id, await world.machine.fingerprint(), connections)
  const { username, password } = credentials
  const all = {
    ...link,
    ...ids,
    ...(Object.keys(rate).length > 0 ? { rate } : {}),
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    ...(tls === undefined ? {} : { tls }),
    ...(announce === undefined ? {} : { announce }),
  }
  return new Link(world, connect, all, emit)
}

export default resilientMqttBroker(realWorld)
