/**
 * One connection over MQTT.js, the only place that knows this library: it says hello, keeps alive,
 * reads what is rare and says goodbye, while messages and their plain acknowledgements go past it
 * (see Publishing; over WebSocket, whose stream the library makes for itself, it reads these, too).
 * Nothing is kept or tried twice, because two places that resend cannot both be right. Every end is
 * told once, and after it nothing is.
 */

import type { RequestOptions } from 'node:https'
import { createConnection, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import {
  connect as connectClient,
  type IClientOptions,
  type IConnackPacket,
  type IDisconnectPacket,
  MqttClient,
  type Packet as Received,
} from 'mqtt'
import { systemCode } from '../base/fault.js'
import type { Exchange } from '../base/ports.js'
import type { Bytes } from '../base/units.js'
import { echoOver, noEcho } from './echo.js'
import { FilteredStream } from './filtered-stream.js'
import { joinWrites } from './joined-writes.js'
import * as outcome from './outcome-of.js'
import { type Answer, type Answered, Publishing } from './publishing.js'
import { serverFrom } from './server-reference.js'
import { asBuffer, certificatesOf, namesOf } from './tls-options.js'
import {
  type Connect,
  type ConnectRequest,
  type Ended,
  hostPort,
  type Packet,
  type PublishOutcome,
  packetBytesMax,
  type Server,
  type Session,
  type Transport,
  type TransportEvents,
} from './wire.js'

export const connect: Connect = (request, events) => new MqttTransport(request, events)

class MqttTransport implements Transport {
  readonly #request: ConnectRequest
  readonly #events: TransportEvents
  readonly #client: MqttClient | undefined
  readonly #publishing: Publishing
  #connected = false
  #over = false
  #reference: Server | undefined

  constructor(request: ConnectRequest, events: TransportEvents) {
    this.#request = request
    this.#events = events
    // What is taken out of the stream is a sign of life that the library does not see.
    const heard = () => this.#client?.reschedulePing()
    this.#publishing = new Publishing(request.protocolVersion, heard)
    try {
      this.#client = clientOver(request, this.#publishing)
    } catch (error) {
      // A certificate or key that cannot be read is found before there is a socket.
      queueMicrotask(() => this.#end(outcome.connectionFailed(error, request)))
      return
    }
    this.#publishing.writeTo(this.#client.stream)
    this.#listenTo(this.#client)
  }

  publish(packet: Packet, settled: (outcome: PublishOutcome) => void, size?: Bytes): void {
    if (this.#client === undefined || this.#over) return
    const answered: Answered = (code, reason) => {
      if (this.#over) return
      settled(outcome.publishOutcome(code, reason, packet.topic, this.#request))
    }
    this.#publishing.publish(packet, answered, size)
  }

  echo(topic: string, text: string): Exchange<void> {
    const isOpen = this.#connected && !this.#over
    return isOpen && this.#client ? echoOver(this.#client, topic, text) : noEcho()
  }

  bufferedBytes(): Bytes {
    return this.#publishing.bufferedBytes
  }

  async close(): Promise<void> {
    const client = this.#client
    if (client === undefined || this.#over || !this.#connected) return this.destroy()
    this.#over = true
    this.#publishing.flush()
    // The library would wait for ever for the answers to an echo before it says goodbye.
    for (const id of Object.keys(client.outgoing)) client.removeOutgoingMessage(Number(id))
    await new Promise<void>((resolve) => {
      client.end(false, {}, () => resolve())
    })
  }

  destroy(): void {
    this.#over = true
    this.#client?.end(true)
    // The library does not destroy a stream that it is already closing.
    this.#client?.stream.destroy()
  }

  #listenTo(client: MqttClient): void {
    // Told before the library makes anything of it.
    client.on('packetreceive', (packet) => {
      const answer = answerOf(packet)
      if (answer !== undefined) this.#publishing.hear(answer)
      if (packet.cmd === 'connack') this.#capKeepalive(packet)
      if (packet.cmd === 'connack' || packet.cmd === 'disconnect') this.#noteReference(packet)
    })
    client.on('connect', (connack) => this.#open(connack))
    client.on('disconnect', ({ reasonCode: code = 0 }) => {
      this.#end(outcome.disconnectedByBroker(code, this.#request))
    })
    client.on('error', (error) => this.#fail(error))
    // The library swallows errors without a code, such as an HTTP answer to a WebSocket upgrade.
    client.stream.on('error', (error: Error) => this.#fail(error))
    client.on('close', () => this.#end(outcome.endedInSilence('closed', this.#request)))
  }

  /**
   * A broker may ask for a longer keepalive than ours, up to hours, as a permission to be quiet.
   * The library would use it, and a dead line would go unnoticed for 1.5 times as long.
   */
  #capKeepalive({ properties }: IConnackPacket): void {
    if (properties?.serverKeepAlive === undefined) return
    const ours = keepaliveSeconds(this.#request)
    properties.serverKeepAlive = Math.min(ours, properties.serverKeepAlive)
  }

  #noteReference({ properties }: IConnackPacket | IDisconnectPacket): void {
    const reference = properties?.serverReference
    if (typeof reference === 'string') {
      this.#reference = serverFrom(reference, this.#request.server)
    }
  }

  #open(connack: IConnackPacket): void {
    if (this.#over) return
    this.#connected = true
    this.#events.connected(sessionOf(connack))
  }

  #fail(error: Error): void {
    const silence = silences[error.message]
    const code = this.#connected ? undefined : reasonCode(error)
    if (silence !== undefined) this.#end(outcome.endedInSilence(silence, this.#request))
    else if (code !== undefined) this.#end(outcome.connackRefused(code, this.#request))
    else if (this.#connected && systemCode(error) === '') {
      this.#end(outcome.unreadable(error, this.#request))
    } else this.#end(outcome.connectionFailed(error, this.#request))
  }

  #end(how: Ended): void {
    if (this.#over) return
    this.destroy()
    const reference = this.#reference
    this.#events.ended(reference === undefined ? how : { ...how, reference })
  }
}

/** The library tells its own time-outs by their text alone. */
const silences: Readonly<Record<string, outcome.Silence>> = {
  'connack timeout': 'no-connack',
  'Keepalive timeout': 'no-pingresp',
}

/** The library puts reason codes of the broker where Node puts the system's error code. */
function reasonCode(error: Error): number | undefined {
  return 'code' in error && typeof error.code === 'number' ? error.code : undefined
}

/** Undefined for what does not answer a PUBLISH. */
function answerOf(packet: Received): Answer | undefined {
  const { cmd: is, messageId: id = 0 } = packet
  if (is !== 'puback' && is !== 'pubrec' && is !== 'pubcomp') return undefined
  const { reasonCode: code = 0, properties } = packet
  return { is, id, code, reason: properties?.reasonString }
}

function sessionOf({ properties = {} }: IConnackPacket): Session {
  return {
    receiveMaximum: properties.receiveMaximum ?? 65_535,
    maximumPacketSize: properties.maximumPacketSize ?? packetBytesMax,
    maximumQoS: properties.maximumQoS === 0 ? 0 : properties.maximumQoS === 1 ? 1 : 2,
    retainAvailable: properties.retainAvailable ?? true,
  }
}

/** Throws when a certificate or key cannot be read. */
function clientOver(request: ConnectRequest, publishing: Publishing): MqttClient {
  const options = optionsFor(request, publishing)
  if (request.server.scheme === 'ws' || request.server.scheme === 'wss') {
    const client = connectClient({ ...options, ...webSocketOptions(request) })
    joinWrites(client.stream)
    return client
  }
  const filter = (chunk: Buffer) => publishing.takeFrom(chunk)
  return new MqttClient(() => new FilteredStream(openSocket(request), filter), options)
}

/** Of mqtt or mqtts. Writing may begin at once. */
function openSocket({ server, tls = { verify: true } }: ConnectRequest): Socket {
  const { scheme, host, port } = server
  if (scheme === 'mqtt') return createConnection({ host, port, noDelay: true })
  // An address is no name that a server could be asked for (RFC 6066, 3).
  const name = isIP(host) === 0 ? { servername: host } : {}
  const options = { ...name, ...certificatesOf(tls), ...namesOf(tls) }
  return connectTls({ host, port, ...options }).setNoDelay(true)
}

function webSocketOptions({ server, tls = { verify: true } }: ConnectRequest): IClientOptions {
  return {
    protocol: server.scheme,
    // A URL is made of it, where an IPv6 address needs its brackets.
    host: hostPort(server).slice(0, -String(server.port).length - 1),
    port: server.port,
    path: server.path === '' ? '/' : server.path,
    // The library hands on certificates, but not names.
    ...(server.scheme === 'wss'
      ? { ...certificatesOf(tls), wsOptions: namesOf(tls) as RequestOptions }
      : {}),
  }
}

function optionsFor(request: ConnectRequest, { lentIds }: Publishing): IClientOptions {
  return {
    protocolVersion: request.protocolVersion,
    clientId: request.clientId,
    ...(request.username === undefined ? {} : { username: request.username }),
    ...(request.password === undefined ? {} : { password: request.password }),
    ...(request.will === undefined ? {} : { will: willOf(request.will) }),
    keepalive: keepaliveSeconds(request),
    connectTimeout: request.connectTimeout,
    clean: true,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    messageIdProvider: lentIds,
    log: () => undefined,
  }
}

const keepaliveSeconds = ({ keepalive }: ConnectRequest): number =>
  Math.min(65_535, Math.ceil(keepalive / 1000))

function willOf({ topic, payload, qos, retain }: Packet): NonNullable<IClientOptions['will']> {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : asBuffer(payload)
  return { topic, payload: bytes, qos, retain }
}
