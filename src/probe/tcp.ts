/** Asks whether a port takes connections. It says nothing to whoever listens there. */

import type { Clock, Network } from '../base/ports.js'
import type { Ms } from '../base/units.js'
import { type Trial, trialOf } from './probe.js'

export interface TcpCheck {
  readonly host: string
  readonly port: number
  readonly timeout: Ms
}

export function probeTcp(network: Network, clock: Clock, { host, port, timeout }: TcpCheck): Trial {
  return trialOf(clock, timeout, network.tcp(host, port), (_made, latencyMs) => {
    return { is: 'ok', latencyMs }
  })
}
