/**
 * The connection to an MQTT broker, shared by all nodes that name it. It makes the link and hands
 * it to the hall; it opens nothing before a node wants to send.
 */

import type { Emit } from '../../src/base/event.js'
import type { World } from '../../src/base/ports.js'
import { clientIdFrom } from '../../src/mqtt/client-id.js'
import { Link } from '../../src/mqtt/link.js'
import { connect as realConnect } from '../../src/mqtt/transport.js'
import type { Connect, Tls } from '../../src/mqtt/wire.js'
import { furnishConfig } from '../common/config-room.js'
import { realWorld } from '../common/hall.js'
import type { NodeRed } from '../common/node-red.js'
import { tlsFrom } from '../common/tls.js'
import {
  type Credentials,
  type Form,
  parse,
  type Settings,
} from './resilient-mqtt-broker.settings.js'

export const resilientMqttBroker =
  (world: World, connect: Connect = realConnect) =>
  (RED: NodeRed): void =>
    furnishConfig<Form, Settings>(world, RED, {
      type: 'resilient-mqtt-broker',
      parse,
      registration: {
        credentials: { username: { type: 'text' }, password: { type: 'password' } },
      },
      open({ id, settings, credentials, hall, emit }) {
        const tls = tlsFrom(RED, settings.tls)
        const identity = JSON.stringify([settings, credentials, tls])
        const make = (tell: Emit) =>
          linkOf({ world, connect, id, settings, credentials, tls, tell })
        hall.links.claim(id, identity, emit, make)
        return {
          close: (removed) => (removed ? hall.links.drop(id) : hall.links.leave(id)),
        }
      },
    })

interface Parts {
  readonly world: World
  readonly connect: Connect
  readonly id: string
  readonly settings: Settings
  readonly credentials: Credentials
  readonly tls: Tls | undefined
  readonly tell: Emit
}

async function linkOf({ world, connect, id, settings, credentials, tls, tell }: Parts) {
  const clientId = settings.clientId || clientIdFrom(id, await world.machine.fingerprint(), 0)
  const { username, password } = credentials
  const login = { ...(username ? { username } : {}), ...(password ? { password } : {}) }
  const security = tls === undefined ? {} : { tls }
  const { tls: _id, ...link } = settings
  return new Link(world, connect, { ...link, clientId, ...login, ...security }, tell)
}

export default resilientMqttBroker(realWorld)
