/**
 * The command-line publisher that comes with mosquitto, fed one line for each message: from its
 * start to its end, which comes when the broker has acknowledged the last. It stores nothing. Where
 * it is not installed there is nothing to measure.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { loopback } from '../../common/ports.js'
import { programPath } from './mosquitto.js'
import { payloadOf, type Race, topic } from './workload.js'

/** Publishes so many messages; resolves with the rate. Undefined when it is not installed. */
export function mosquittoPub(
  { port, qos, bytes }: Race,
  signal: AbortSignal,
): ((count: number) => Promise<number>) | undefined {
  const program = programPath('mosquitto_pub')
  if (program === undefined) return undefined
  const args = ['-h', loopback, '-p', `${port}`, '-t', topic, '-q', `${qos}`, '-l']
  const line = `${payloadOf(bytes)}\n`
  return async (count) => {
    const begin = performance.now()
    const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'inherit'], signal })
    child.stdin.end(line.repeat(count))
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`mosquitto_pub ended with ${code}`)
    return (count / (performance.now() - begin)) * 1000
  }
}
