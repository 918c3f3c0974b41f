/**
 * The limit that a socket sets: one packet encoded once, its id written over, everything that may
 * go out in one write per turn of the event loop. It keeps nothing and hears only how many bytes of
 * acknowledgements came, so no client that must know which message was meant can reach it.
 */

import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { type Contestant, payloadOf, type Race, topic } from './workload.js'

const ackBytes = 4
const welcomeBytes = 4
const idMax = 65_535

/** QoS 1 only. */
export async function raw({ port, window, bytes }: Race): Promise<Contestant> {
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  socket.write(connectPacket('bench-raw'))
  const [welcome] = await once(socket, 'data')
  if (welcome.length !== welcomeBytes || welcome[3] !== 0) throw new Error('not let in')
  const packets = Buffer.concat(Array.from({ length: window }, () => publishPacket(bytes)))
  return { deliver: (spanMs) => deliver(socket, packets, window, spanMs) }
}

function deliver(socket: Socket, packets: Buffer, window: number, spanMs: number): Promise<number> {
  const length = packets.length / window
  const end = performance.now() + spanMs
  let [id, out, bytes, count] = [0, 0, 0, 0]
  let isDue = false
  return new Promise((resolve) => {
    const fill = () => {
      isDue = false
      const isOver = performance.now() >= end
      const free = isOver ? 0 : window - out
      for (let i = 0; i < free; i++) {
        id = id === idMax ? 1 : id + 1
        packets.writeUInt16BE(id, i * length + idOffset)
      }
      out += free
      if (free > 0) socket.write(Buffer.from(packets.subarray(0, free * length)))
      if (!isOver || out > 0) return
      socket.off('data', heard)
      resolve(count)
    }
    const heard = (chunk: Buffer) => {
      bytes += chunk.length
      const acked = Math.floor(bytes / ackBytes)
      bytes -= acked * ackBytes
      out -= acked
      count += acked
      if (isDue) return
      isDue = true
      setImmediate(fill)
    }
    socket.on('data', heard)
    fill()
  })
}

/** Keepalive 0: nothing has to be said while it is quiet (MQTT 3.1.1, 3.1.2.10). */
function connectPacket(clientId: string): Buffer {
  const id = Buffer.from(clientId)
  const body = [...text('MQTT'), 4, 2, 0, 0, 0, id.length, ...id]
  return Buffer.from([0x10, body.length, ...body])
}

const idOffset = 3 + 2 + Buffer.byteLength(topic)

/** Longer than 127 and shorter than 16,384 bytes: its length takes two. */
function publishPacket(bytes: number): Buffer {
  const body = [...text(topic), 0, 0, ...Buffer.from(payloadOf(bytes))]
  return Buffer.from([0x32, (body.length & 127) | 128, body.length >> 7, ...body])
}

const text = (value: string): number[] => [0, Buffer.byteLength(value), ...Buffer.from(value)]
