/**
 * MQTT.js as it comes, with nothing kept on disk: a fixed number of messages out, and each
 * acknowledgement's callback publishes the next.
 */

import { performance } from 'node:perf_hooks'
import { connectAsync } from 'mqtt'
import { type Contestant, payloadOf, type Race, topic } from './workload.js'

export async function plain({ port, window, qos, bytes }: Race): Promise<Contestant> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: 5,
    clientId: 'bench-plain',
  })
  const payload = payloadOf(bytes)
  const deliver = (spanMs: number) =>
    new Promise<number>((resolve, reject) => {
      const end = performance.now() + spanMs
      let out = 0
      let count = 0
      const acknowledged = (error?: Error) => {
        if (error) return reject(error)
        out--
        count++
        if (performance.now() < end) one()
        else if (out === 0) resolve(count)
      }
      const one = () => {
        out++
        client.publish(topic, payload, { qos }, acknowledged)
      }
      for (let i = 0; i < window; i++) one()
    })
  return { deliver }
}
