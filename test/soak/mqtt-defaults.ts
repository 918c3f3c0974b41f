/**
 * The default times of a broker node, waited out: how soon a line that is half gone, swallowed
 * acknowledgements and a corrected password are noticed. Tests do this with short times; here the
 * defaults themselves are held to what was promised. It takes a minute.
 */

import { performance } from 'node:perf_hooks'
import { parse } from '../../nodes/resilient-mqtt-broker/resilient-mqtt-broker.settings.js'
import { ms } from '../../src/base/units.js'
import { firstOf, type RealLink, realLink } from '../mqtt/real-link.js'
import { ScriptedBroker } from '../world/scripted-broker.js'

export interface Noticed {
  readonly what: string
  readonly seconds: number
  readonly atMost: number
}

/** Of what the promise does not speak: connecting, and a busy machine. */
const slackSeconds = 1

export function mqttDefaults(): Promise<readonly Noticed[]> {
  return Promise.all([
    noticed('a line on which nothing is heard', 22.5 + slackSeconds, async ({ broker, line }) => {
      const peer = await broker.peer(0)
      peer.accept()
      await firstOf(line.events, 'link.connected')
      peer.mute()
      return () => firstOf(line.events, 'link.lost')
    }),
    noticed('swallowed acknowledgements', 15 + slackSeconds, async ({ broker, line }) => {
      const peer = await broker.peer(0)
      peer.accept()
      // Never settled: the link is closed before.
      line.deliver({}).catch(() => undefined)
      await peer.received(1)
      return () => firstOf(line.events, 'link.lost')
    }),
    noticed('a password that was corrected', 60 + slackSeconds, async ({ broker, line }) => {
      ;(await broker.peer(0)).refuse(0x86)
      await line.failed()
      return async () => (await broker.peer(1)).accept()
    }),
  ])
}

interface Scene {
  readonly broker: ScriptedBroker
  readonly line: RealLink
}

/** `begin` resolves when the trouble begins, with what waits for its end. */
async function noticed(
  what: string,
  atMost: number,
  begin: (scene: Scene) => Promise<() => Promise<unknown>>,
): Promise<Noticed> {
  const broker = await ScriptedBroker.listen()
  const { server } = broker
  const { settings } = parse({ servers: `${server.scheme}://${server.host}:${server.port}` })
  const { keepalive, connectTimeout, ackTimeout, backOff, maxInFlight } = settings
  const times = { keepalive, connectTimeout, ackTimeout, backOff, maxInFlight }
  const line = realLink(server, times)
  // The timers of the link keep no process alive.
  const alive = setInterval(() => undefined, 1000)
  try {
    const end = await begin({ broker, line })
    const from = performance.now()
    await end()
    return { what, seconds: (performance.now() - from) / 1000, atMost }
  } finally {
    clearInterval(alive)
    await line.link.close(ms(0))
    await broker.stop()
  }
}
