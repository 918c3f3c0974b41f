/**
 * Makes a probe out of each check of the settings: hands it the network, the broker's link, the
 * flow behind the second output, or what this runtime knows of itself. It begins none and judges
 * nothing.
 */

import type { Exchange, NetworkTls, World } from '../../src/base/ports.js'
import { type Ms, ms } from '../../src/base/units.js'
import type { Link } from '../../src/mqtt/link.js'
import type { Ending } from '../../src/policy/outcome.js'
import { probeFlow } from '../../src/probe/flow.js'
import { probeGrpc } from '../../src/probe/grpc.js'
import { heartbeatProbe } from '../../src/probe/heartbeat.js'
import { probeHttp, type WebAccess } from '../../src/probe/http.js'
import { type LinkView, mqttProbe } from '../../src/probe/mqtt.js'
import { type NodeView, probeNodes } from '../../src/probe/nodes.js'
import type { Probe } from '../../src/probe/probe.js'
import { RuntimeProbe } from '../../src/probe/runtime.js'
import { probeTcp } from '../../src/probe/tcp.js'
import { Turnstile } from '../../src/probe/turnstile.js'
import { probeWebSocket } from '../../src/probe/web-socket.js'
import type { CheckSpec } from '../common/checks.js'
import type { Hall } from '../common/hall.js'

/** What the probes of one monitor look at. */
export interface Ground {
  readonly hall: Hall
  readonly directory: string
  readonly authorization: string
  readonly tls: NetworkTls | undefined
  /** Undefined without a broker node at work. */
  readonly link: Link | undefined
  /** Sends a check of this label to the second output. */
  ask(label: string, timeout: Ms): Exchange<Ending>
  watched(): readonly NodeView[]
}

/** One check that can be begun. */
export interface Ready {
  readonly spec: CheckSpec
  readonly probe: Probe
  /** A message came. */
  beat?(): void
  close?(): void
}

/** Of one world together. */
const atOnceMax = 64
const turnstiles = new WeakMap<World, Turnstile>()

export function turnstileOf(world: World): Turnstile {
  const found = turnstiles.get(world) ?? new Turnstile(atOnceMax)
  turnstiles.set(world, found)
  return found
}

export function readyFor(spec: CheckSpec, ground: Ground): Ready {
  const { hall, tls, authorization } = ground
  const { clock, network, random } = hall.world
  const timeout = ms(spec.timeout)
  const access: WebAccess = { authorization, ...(tls === undefined ? {} : { tls }) }
  switch (spec.kind) {
    case 'http':
      return { spec, probe: () => probeHttp(network, clock, { ...spec, timeout }, access) }
    case 'tcp':
      return { spec, probe: () => probeTcp(network, clock, { ...spec, timeout }) }
    case 'websocket':
      return { spec, probe: () => probeWebSocket(network, clock, { ...spec, timeout }, access) }
    case 'grpc':
      return { spec, probe: () => probeGrpc(network, clock, { ...spec, timeout }, tls) }
    case 'mqtt': {
      const nonce = () => Buffer.from(random.bytes(12)).toString('hex')
      const linkOf = () => (ground.link === undefined ? undefined : viewOf(ground.link))
      return { spec, probe: mqttProbe(clock, { ...spec, timeout }, linkOf, nonce) }
    }
    case 'flow':
      return {
        spec,
        probe: () => probeFlow(clock, timeout, () => ground.ask(spec.label, timeout)),
      }
    case 'heartbeat':
      return { spec, ...heartbeatProbe(clock, { ...spec, within: ms(spec.within) }) }
    case 'nodes':
      return { spec, probe: () => probeNodes(() => ground.watched()) }
    case 'runtime':
      return { spec, ...runtimeProbe({ ...spec, timeout }, ground) }
    default:
      return spec satisfies never
  }
}

/** The link is there as long as its broker node is. */
function viewOf(link: Link): LinkView {
  return {
    isConnected: link.state === 'connected',
    failure: link.failure,
    confirmed: link.tally.ackLatency,
    echo: (topic, text) => link.echo(topic, text),
  }
}

function runtimeProbe(
  spec: Extract<CheckSpec, { kind: 'runtime' }> & { readonly timeout: Ms },
  { hall, directory }: Ground,
): Pick<Ready, 'probe' | 'close'> {
  const { clock, disk, machine } = hall.world
  const check = { ...spec, loopDelay: ms(spec.loopDelay), oldestAge: ms(spec.oldestAge) }
  const runtime = new RuntimeProbe(clock, check, {
    memoryUsed: () => machine.memoryUsed(),
    space: async () => {
      await disk.makeDirectory(directory)
      return disk.space(directory)
    },
    oldestAgeMs: async () => {
      const all = await Promise.all(hall.roster.all.map((entry) => entry.oldestAt()))
      const moments = all.filter((at) => at !== undefined)
      return moments.length === 0 ? undefined : ms(clock.wall() - Math.min(...moments))
    },
    openBreakers: () => {
      const all = hall.roster.all.map((entry) => entry.tally().breaker?.states)
      return all.reduce((sum, states) => sum + (states?.open ?? 0) + (states?.isolated ?? 0), 0)
    },
  })
  return { probe: runtime.probe, close: () => runtime.close() }
}
