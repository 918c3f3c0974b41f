/**
 * The messages that every contestant stores: 1 KB of JSON each, encoded anew each time, because a
 * store that is handed ready-made bytes is measured without the work that every message brings.
 */

import { performance } from 'node:perf_hooks'

export const messageBytes = 1024

const telemetry = {
  id: '',
  topic: 'plant/line-1/press-3/temperature',
  unit: 'degC',
  quality: 'good',
  sensors: [20.5, 21.25, 19.75, 22.5, 20.125, 21.5],
  note: '',
}
const idDigits = 10
const noteBytes = messageBytes - JSON.stringify(telemetry).length - idDigits
const message = { ...telemetry, note: 'measured every second '.repeat(60).slice(0, noteBytes) }

export function encoded(n: number): Buffer {
  message.id = String(n).padStart(idDigits, '0')
  return Buffer.from(JSON.stringify(message))
}

/** Messages per second with so many under way at any time; each waits for its own `append`. */
export async function appendsPerSecond(
  append: (payload: Buffer) => Promise<unknown>,
  outstanding: number,
  spanMs: number,
): Promise<number> {
  const begin = performance.now()
  const end = begin + spanMs
  let begun = 0
  const one = async () => {
    while (performance.now() < end) await append(encoded(begun++))
  }
  await Promise.all(Array.from({ length: outstanding }, one))
  return perSecond(begun, begin)
}

export function perSecond(count: number, begin: number): number {
  return (count / (performance.now() - begin)) * 1000
}
