/**
 * Words for using one transport by hand: dial, be let in, publish, and see what it told. Nothing
 * here checks anything.
 */

import { ms } from '../../src/base/units.js'
import type {
  Connect,
  ConnectRequest,
  Ended,
  Packet,
  ProtocolVersion,
  PublishOutcome,
  Session,
  Transport,
} from '../../src/mqtt/wire.js'
import { Arrivals } from '../world/arrivals.js'
import type { PlayedBroker } from '../world/peer.js'

export interface Played {
  readonly broker: PlayedBroker
  readonly connect: Connect
}

export interface Dialled {
  readonly transport: Transport
  readonly sessions: Arrivals<Session>
  readonly ends: Arrivals<Ended>
  /** `<payload> <outcome>` in the order of settling. */
  readonly outcomes: Arrivals<string>
  publish(change: Partial<Packet> & Pick<Packet, 'payload'>): void
}

export function dial(
  { broker, connect: through }: Played,
  version: ProtocolVersion,
  change: Partial<ConnectRequest> = {},
): Dialled {
  const sessions = new Arrivals<Session>()
  const ends = new Arrivals<Ended>()
  const outcomes = new Arrivals<string>()
  const request: ConnectRequest = {
    server: broker.server,
    protocolVersion: version,
    clientId: 'gw1',
    keepalive: ms(15_000),
    connectTimeout: ms(10_000),
    ...change,
  }
  const transport = through(request, {
    connected: (session) => sessions.add(session),
    ended: (how) => ends.add(how),
  })
  const publish: Dialled['publish'] = (packet) => {
    const text = (outcome: PublishOutcome) =>
      outcome.is === 'acknowledged' ? outcome.is : `${outcome.is} ${outcome.failure.code}`
    transport.publish({ topic: 'line/1', qos: 1, retain: false, ...packet }, (outcome) =>
      outcomes.add(`${packet.payload} ${text(outcome)}`),
    )
  }
  return { transport, sessions, ends, outcomes, publish }
}

export async function admitted(
  played: Played,
  version: ProtocolVersion,
  grants?: Partial<Session>,
) {
  const client = dial(played, version)
  const peer = await played.broker.peer(0)
  peer.accept(grants)
  await client.sessions.first(1)
  return { client, peer }
}

export const serverName = ({ broker }: Played) => `${broker.server.host}:${broker.server.port}`

export const unreachable = (kind: string, why: string, broker: PlayedBroker) => {
  const values = { server: `${broker.server.host}:${broker.server.port}`, why }
  return { kind, failure: { code: 'BROKER_UNREACHABLE', values } }
}

export const shown = ({ topic, payload, qos, retain }: Omit<Packet, 'properties'>) => ({
  topic,
  payload: Buffer.from(payload).toString('hex'),
  qos,
  retain,
})

/** Lets whatever is still under way come in. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}
