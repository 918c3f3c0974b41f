/**
 * Real chance, from the system's generator: good enough for salts, nonces and names. The only place
 * of the package that makes random numbers.
 */

import { randomBytes, randomInt } from 'node:crypto'
import type { Random } from '../base/ports.js'

/** The widest range that the generator offers. */
const steps = 2 ** 48 - 1

export const realRandom: Random = {
  fraction: () => randomInt(steps) / steps,
  bytes: (count: number): Uint8Array => randomBytes(count),
}
