/**
 * One connection over MQTT.js, the only place that knows this library. It keeps nothing and tries
 * nothing twice: the library's stores, queues and reconnects are all switched off, because two
 * places that resend cannot both be right. Every end is told once, and after it nothing is.
 */

import type { RequestOptions } from 'node:https'
import { Socket } from 'node:net'
import {
  connect as connectClient,
  type IClientOptions,
  type IClientPublishOptions,
  type IConnackPacket,
  type IDisconnectPacket,
  type MqttClient,
  Store,
  UniqueMessageIdProvider,
} from 'mqtt'
import { systemCode } from '../base/fault.js'
import type { Exchange } from '../base/ports.js'
import type { Bytes } from '../base/units.js'
import { echoOver, noEcho } from './echo.js'
import { joinWrites } from './joined-writes.js'
import * as outcome from './outcome-of.js'
import { serverFrom } from './server-reference.js'
import {
  type Connect,
  type ConnectRequest,
  type Ended,
  hostPort,
  type Packet,
  type PublishOutcome,
  type PublishProperties,
  packetBytesMax,
  type Server,
  type Session,
  type Tls,
  type Transport,
  type TransportEvents,
} from './wire.js'

export const connect: Connect = (request, events) => new MqttTransport(request, events)

const nothing = Buffer.alloc(0)

class MqttTransport implements Transport {
  readonly #request: ConnectRequest
  readonly #events: TransportEvents
  readonly #client: MqttClient | undefined
  #connected = false
  #over = false
  #reference: Server | undefined

  constructor(request: ConnectRequest, events: TransportEvents) {
    this.#request = request
    this.#events = events
    try {
      this.#client = connectClient(optionsFor(request))
    } catch (error) {
      // A certificate or key that cannot be read is found before there is a socket.
      queueMicrotask(() => this.#end(outcome.connectionFailed(error, request)))
      return
    }
    this.#listenTo(this.#client)
  }

  publish(packet: Packet, settled: (outcome: PublishOutcome) => void): void {
    const client = this.#client
    if (client === undefined || this.#over) return
    const options = publishOptions(packet, this.#request.protocolVersion)
    const payload = typeof packet.payload === 'string' ? packet.payload : asBuffer(packet.payload)
    if (packet.qos === 0) {
      client.publish(packet.topic, payload, options)
      // Written in order, so its callback tells that the socket took the packet before it.
      client.stream.write(nothing, (error?: Error | null) => {
        if (!error && !this.#over) settled({ is: 'acknowledged' })
      })
      return
    }
    client.publish(packet.topic, payload, options, (error, ack) => {
      if (this.#over) return
      const code = error ? reasonCode(error) : 0
      // Without a code the library only says that the connection is gone, which `ended` tells.
      if (code === undefined) return
      settled(outcome.publishOutcome(code, reasonString(ack), packet.topic, this.#request))
    })
  }

  echo(topic: string, text: string): Exchange<void> {
    const isOpen = this.#connected && !this.#over
    return isOpen && this.#client ? echoOver(this.#client, topic, text) : noEcho()
  }

  bufferedBytes(): Bytes {
    return this.#client?.stream.writableLength ?? 0
  }

  async close(): Promise<void> {
    const client = this.#client
    if (client === undefined || this.#over || !this.#connected) return this.destroy()
    this.#over = true
    // The library would wait for ever for acknowledgements before it says goodbye.
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
    if (client.stream instanceof Socket) client.stream.setNoDelay(true)
    joinWrites(client.stream)
    // Told before the library makes anything of it.
    client.on('packetreceive', (packet) => {
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

function reasonString(ack: unknown): string | undefined {
  if (typeof ack !== 'object' || ack === null || !('properties' in ack)) return undefined
  const properties: unknown = ack.properties
  if (typeof properties !== 'object' || properties === null) return undefined
  return 'reasonString' in properties && typeof properties.reasonString === 'string'
    ? properties.reasonString
    : undefined
}

function sessionOf({ properties = {} }: IConnackPacket): Session {
  return {
    receiveMaximum: properties.receiveMaximum ?? 65_535,
    maximumPacketSize: properties.maximumPacketSize ?? packetBytesMax,
    maximumQoS: properties.maximumQoS === 0 ? 0 : properties.maximumQoS === 1 ? 1 : 2,
    retainAvailable: properties.retainAvailable ?? true,
  }
}

function optionsFor(request: ConnectRequest): IClientOptions {
  const { server } = request
  const secure = server.scheme === 'mqtts' || server.scheme === 'wss'
  const webSocket = server.scheme === 'ws' || server.scheme === 'wss'
  return {
    protocol: server.scheme,
    // A URL is made of it for WebSocket, where an IPv6 address needs its brackets.
    host: webSocket ? hostPort(server).slice(0, -String(server.port).length - 1) : server.host,
    port: server.port,
    ...(webSocket ? { path: server.path === '' ? '/' : server.path } : {}),
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
    messageIdProvider: new UniqueMessageIdProvider(),
    outgoingStore: new NoStore(),
    log: () => undefined,
    ...(secure ? tlsOptions(request.tls ?? { verify: true }, webSocket) : {}),
  }
}

const keepaliveSeconds = ({ keepalive }: ConnectRequest): number =>
  Math.min(65_535, Math.ceil(keepalive / 1000))

function willOf({ topic, payload, qos, retain }: Packet): NonNullable<IClientOptions['will']> {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : asBuffer(payload)
  return { topic, payload: bytes, qos, retain }
}

type Names = Pick<IClientOptions, 'servername'> & { ALPNProtocols?: string[] }

function tlsOptions(tls: Tls, webSocket: boolean): IClientOptions {
  const names: Names = {
    ...(tls.servername === undefined ? {} : { servername: tls.servername }),
    ...(tls.alpnProtocols === undefined ? {} : { ALPNProtocols: [...tls.alpnProtocols] }),
  }
  return {
    rejectUnauthorized: tls.verify,
    ...(tls.ca === undefined ? {} : { ca: asPem(tls.ca) }),
    ...(tls.cert === undefined ? {} : { cert: asPem(tls.cert) }),
    ...(tls.key === undefined ? {} : { key: asPem(tls.key) }),
    ...(tls.passphrase === undefined ? {} : { passphrase: tls.passphrase }),
    // For WebSocket the library hands on certificates, but not these two.
    ...(webSocket ? { wsOptions: names as RequestOptions } : names),
  }
}

function publishOptions(packet: Packet, version: 4 | 5): IClientPublishOptions {
  const { qos, retain, properties } = packet
  if (version === 4 || properties === undefined) return { qos, retain }
  return { qos, retain, properties: propertiesOf(properties) }
}

function propertiesOf(ours: PublishProperties): NonNullable<IClientPublishOptions['properties']> {
  const { userProperties, correlationData, ...rest } = ours
  const pairs = Object.entries(userProperties ?? {})
  return {
    ...rest,
    ...(correlationData === undefined ? {} : { correlationData: asBuffer(correlationData) }),
    ...(pairs.length === 0 ? {} : { userProperties: Object.fromEntries(pairs.map(copied)) }),
  }
}

const copied = ([name, values]: [string, string | readonly string[]]): [
  string,
  string | string[],
] => [name, typeof values === 'string' ? values : [...values]]

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const asPem = (pem: string | Uint8Array): string | Buffer =>
  typeof pem === 'string' ? pem : asBuffer(pem)

/** Keeps nothing: what is not acknowledged is sent again by the link, over another connection. */
class NoStore extends Store {
  override put(_packet: unknown, done: () => void): this {
    done()
    return this
  }

  override del(_packet: unknown, done: () => void): this {
    done()
    return this
  }
}
