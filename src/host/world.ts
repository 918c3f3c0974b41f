/** The real World: what every node gets that was not handed another one. It holds no state. */

import type { World } from '../base/ports.js'
import { realClock } from './clock.js'
import { realDisk } from './disk.js'
import { realMachine } from './machine.js'
import { realNetwork } from './network.js'
import { realRandom } from './random.js'

export const realWorld: World = Object.freeze({
  clock: realClock,
  random: realRandom,
  disk: realDisk,
  machine: realMachine,
  network: realNetwork,
})
