/**
 * What goes past the MQTT library is what the library itself would have sent and heard: the same
 * bytes for the same PUBLISH, and the same packets out of the same bytes, however they are cut.
 */

import fc from 'fast-check'
import { type IClientOptions, MqttClient } from 'mqtt'
import should from 'should'
import { Acknowledgements } from '../../src/mqtt/acknowledgements.js'
import { FilteredStream } from '../../src/mqtt/filtered-stream.js'
import { encodedSize, writePublish } from '../../src/mqtt/publish-packet.js'
import type { Packet, ProtocolVersion } from '../../src/mqtt/wire.js'
import { PlayedSocket } from '../world/played-socket.js'
import { testSeed } from '../world/seeded-random.js'
import { turns } from './dial.js'
import { anyPacket } from './packets.js'

const admission = { 4: [0x20, 2, 0, 0], 5: [0x20, 3, 0, 0, 0] } as const

for (const version of [4, 5] as const) {
  describe(`beside the library, version ${version},`, () => {
    it('PUBLISH has the same bytes', async () => {
      const socket = new PlayedSocket()
      let id = 0
      const client = clientOver(version, socket, {
        allocate: () => id,
        getLastAllocated: () => id,
        register: () => true,
        deallocate: () => {},
        clear: () => {},
      })
      socket.brings(Buffer.from(admission[version]))
      await turns(2)
      const ids = fc.integer({ min: 1, max: 65_535 })
      const property = fc.asyncProperty(anyPacket, ids, async (packet, next) => {
        id = next
        socket.written.length = 0
        const { topic, payload, ...options } = inLibraryWords(packet)
        client.publish(topic, payload, options)
        await turns(1)
        ours(packet, id, version).should.eql(socket.bytes)
      })
      await fc.assert(property, { seed: testSeed, numRuns: 300 })
      client.end(true)
    })

    it('the same packets are heard, wherever the bytes are cut once', async () => {
      const packets = every[version]
      const whole = packets.flat()
      const plain = await heard(version, [whole], false)
      for (let at = 1; at < whole.length; at++) {
        const chunks = [whole.slice(0, at), whole.slice(at)]
        should(await heard(version, chunks, true)).eql(plain, `cut at ${at}`)
      }
      const single = whole.map((byte) => [byte])
      should(await heard(version, single, true)).eql(plain)
    })

    it('the same packets are heard in chance pieces, up to a close in mid packet', async () => {
      const packets = fc.array(fc.constantFrom(...every[version]), { maxLength: 30 })
      const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 9 })
      const kept = fc.double({ min: 0, max: 1, noNaN: true })
      const property = fc.asyncProperty(packets, sizes, kept, async (all, lengths, share) => {
        const bytes = all.flat()
        const part = bytes.slice(0, Math.ceil(bytes.length * share))
        const chunks: number[][] = []
        for (let at = 0, n = 0; at < part.length; n++) {
          const length = lengths[n % lengths.length] ?? 1
          chunks.push(part.slice(at, at + length))
          at += length
        }
        const plain = await heard(version, [part], false)
        should(await heard(version, chunks, true)).eql(plain)
      })
      await fc.assert(property, { seed: testSeed, numRuns: 150 })
    })
  })
}

/** Ids below 100 are waited for. */
const waited = 7
const unknown = 0x107
const inBoth = [
  [0x40, 2, 0, waited],
  [0x40, 2, 1, 7],
  [0x50, 2, 0, waited],
  [0x70, 2, 0, waited],
  [0xd0, 0],
  [0xb0, 2, 0, 9],
]
const publishOf = (length: number, ...properties: number[]): number[] => {
  const rest = 3 + properties.length + length
  const size = rest < 128 ? [rest] : [(rest & 127) | 128, rest >> 7]
  // Its bytes look like acknowledgements.
  const payload = Array.from({ length }, (_, n) => [0x40, 2, 0, waited][n % 4] ?? 0)
  return [0x30, ...size, 0, 1, 0x61, ...properties, ...payload]
}
const every: Readonly<Record<ProtocolVersion, readonly number[][]>> = {
  4: [...inBoth, [0x90, 3, 0, 9, 0], publishOf(9), publishOf(200)],
  5: [
    ...inBoth.slice(0, 5),
    [0xb0, 4, 0, 9, 0, 0],
    [0x90, 4, 0, 9, 0, 0],
    [0x40, 3, 0, waited, 0],
    [0x40, 3, 0, waited, 0x10],
    [0x40, 3, 0, waited, 0x97],
    [0x40, 4, 0, waited, 0, 0],
    [0x40, 4, 0, waited, 0x87, 0],
    [0x40, 8, 0, waited, 0, 4, 0x1f, 0, 1, 0x62],
    [0x50, 3, 0, waited, 0x80],
    [0x70, 3, 0, waited, 0x92],
    publishOf(9, 0),
    publishOf(200, 0),
  ],
}

interface Heard {
  /** PUBACK, PUBREC and PUBCOMP in their order. */
  readonly answers: string[]
  readonly others: string[]
  readonly errors: string[]
}

/** What is heard of these chunks until the connection ends behind them. */
async function heard(
  version: ProtocolVersion,
  chunks: readonly number[][],
  isFiltered: boolean,
): Promise<Heard> {
  const socket = new PlayedSocket()
  const all: Heard = { answers: [], others: [], errors: [] }
  const acknowledgements = new Acknowledgements((id) => {
    if (id === unknown) return false
    all.answers.push(`puback ${id} 0`)
    return true
  })
  const filter = (chunk: Buffer) => acknowledgements.takeFrom(chunk)
  const client = clientOver(version, isFiltered ? new FilteredStream(socket, filter) : socket)
  client.on('packetreceive', (packet) => {
    if (packet.cmd === 'connack') return
    if (packet.cmd !== 'puback' && packet.cmd !== 'pubrec' && packet.cmd !== 'pubcomp') {
      all.others.push(JSON.stringify(packet))
      return
    }
    acknowledgements.told()
    const { reasonCode: code = 0 } = packet
    all.answers.push(`${packet.cmd} ${packet.messageId} ${code === 0x10 ? 0 : code}`)
  })
  client.on('error', (error) => all.errors.push(error.message))
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  socket.brings(Buffer.from(admission[version]))
  await turns(1)
  for (const [n, chunk] of chunks.entries()) {
    socket.brings(Buffer.from(chunk))
    if (n % 3 === 2) await turns(1)
  }
  socket.push(null)
  await closed
  await turns(1)
  client.end(true)
  return all
}

function clientOver(
  protocolVersion: ProtocolVersion,
  stream: PlayedSocket | FilteredStream,
  messageIdProvider?: IClientOptions['messageIdProvider'],
): MqttClient {
  const client = new MqttClient(() => stream, {
    ...{ protocolVersion, clientId: 'c', keepalive: 0, reconnectPeriod: 0 },
    ...(messageIdProvider === undefined ? {} : { messageIdProvider }),
  })
  return client.on('error', () => {})
}

function ours(packet: Packet, id: number, version: ProtocolVersion): Buffer {
  const size = encodedSize(packet, version)
  const bytes = Buffer.alloc(size)
  writePublish(bytes, 0, { packet, size, id }, version)
  return bytes
}

/** The library writes properties in the order of the object, which is free in MQTT. */
function inLibraryWords({ payload, properties = {}, ...rest }: Packet) {
  const { userProperties, correlationData: data, ...given } = properties
  const { payloadFormatIndicator, messageExpiryInterval, contentType, responseTopic } = given
  // It sends nothing at all when a name has no value, or the object no name.
  const names = Object.entries(userProperties ?? {})
    .map(([name, values]) => [name, [values].flat()] as const)
    .filter(([, values]) => values.length > 0)
  const all = {
    ...{ payloadFormatIndicator, messageExpiryInterval, contentType, responseTopic },
    correlationData: data === undefined ? undefined : Buffer.from(data),
    userProperties: names.length === 0 ? undefined : Object.fromEntries(names),
  }
  const present = Object.entries(all).filter(([, value]) => value !== undefined)
  const bytes = typeof payload === 'string' ? payload : Buffer.from(payload)
  return { ...rest, payload: bytes, properties: Object.fromEntries(present) }
}
