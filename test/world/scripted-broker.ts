/**
 * A broker on a loopback socket that does what the test says and nothing else: it greets nobody and
 * acknowledges nothing by itself. It only answers pings and completes QoS 2 once that was answered.
 */

import { createServer, type Server as NetServer, type Socket } from 'node:net'
import { createServer as createTlsServer, Server as TlsServer } from 'node:tls'
import type { ProtocolVersion, Server, Session } from '../../src/mqtt/wire.js'
import { Arrivals } from './arrivals.js'
import * as bytes from './mqtt-bytes.js'
import type { Peer, PlayedBroker } from './peer.js'

export interface Certificate {
  readonly cert: string
  readonly key: string
  /** Whoever connects must show a certificate that this authority vouches for. */
  readonly clientCa?: string
}

export const tlsOptions = ({ cert, key, clientCa }: Certificate) =>
  clientCa === undefined
    ? { cert, key }
    : { cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: true }

export class ScriptedBroker implements PlayedBroker {
  readonly server: Server
  readonly #net: NetServer
  readonly #peers = new Arrivals<ScriptedPeer>()
  readonly #sockets: Set<Socket>

  private constructor(net: NetServer, scheme: Server['scheme'], sockets: Set<Socket>) {
    const address = net.address()
    if (address === null || typeof address === 'string') throw new Error('not listening')
    this.server = { scheme, host: address.address, port: address.port, path: '' }
    this.#net = net
    this.#sockets = sockets
  }

  static async listen(certificate?: Certificate, host = '127.0.0.1'): Promise<ScriptedBroker> {
    const sockets = new Set<Socket>()
    const net =
      certificate === undefined ? createServer() : createTlsServer(tlsOptions(certificate))
    // A client that distrusts the certificate breaks off; that is its right.
    net.on('tlsClientError', () => undefined)
    await new Promise<void>((resolve) => net.listen(0, host, resolve))
    const scheme = certificate === undefined ? 'mqtt' : 'mqtts'
    const broker = new ScriptedBroker(net, scheme, sockets)
    net.on('connection', (socket) => sockets.add(socket))
    net.on(certificate === undefined ? 'connection' : 'secureConnection', (socket: Socket) =>
      broker.#meet(socket),
    )
    return broker
  }

  peer(nth: number): Promise<ScriptedPeer> {
    return this.#peers.nth(nth)
  }

  /** Whoever connects from now on is shown another certificate; connections stand. */
  renew(certificate: Certificate): void {
    if (this.#net instanceof TlsServer) this.#net.setSecureContext(tlsOptions(certificate))
  }

  stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) => this.#net.close(() => resolve()))
  }

  #meet(socket: Socket): void {
    const reader = new bytes.PacketReader()
    let peer: ScriptedPeer | undefined
    socket.setNoDelay(true)
    // The other side may drop the connection at any time; the test sees that elsewhere.
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      for (const heard of reader.read(chunk)) {
        if (heard.is !== 'connect') peer?.hear(heard)
        else {
          peer = new ScriptedPeer(socket, heard)
          this.#peers.add(peer)
        }
      }
    })
  }
}

type Publication = Extract<bytes.Heard, { is: 'publish' }>
type Connect = Extract<bytes.Heard, { is: 'connect' }>

export class ScriptedPeer implements Peer {
  readonly version: ProtocolVersion
  readonly clientId: string
  /** Seconds. */
  readonly keepalive: number
  readonly will: bytes.HeardWill | undefined
  readonly #socket: Socket
  #isMute = false
  readonly #publications = new Arrivals<Publication>()
  readonly #goodbyes = new Arrivals<'goodbye'>()

  constructor(socket: Socket, { version, clientId, keepalive, will }: Connect) {
    this.#socket = socket
    this.version = version
    this.clientId = clientId
    this.keepalive = keepalive
    this.will = will
  }

  /** From now on it answers nothing, and the socket stays open: a line that is half gone. */
  mute(): void {
    this.#isMute = true
  }

  hear(heard: bytes.Heard): void {
    if (this.#isMute) return
    if (heard.is === 'publish') this.#publications.add(heard)
    else if (heard.is === 'pubrel') this.#socket.write(bytes.ack('pubcomp', heard.id, 0))
    else if (heard.is === 'ping') this.#socket.write(bytes.pingResponse)
    else if (heard.is === 'disconnect') this.#goodbyes.add('goodbye')
  }

  accept(grants: Partial<Session> & bytes.Further = {}): void {
    this.#socket.write(bytes.connack(this.version, 0, grants))
  }

  refuse(code: number, further: bytes.Further = {}): void {
    this.#socket.end(bytes.connack(this.version, code, further))
  }

  async received(count: number): Promise<Publication[]> {
    return await this.#publications.first(count)
  }

  answer(nth: number, code = 0): void {
    const publication = this.#publications.all[nth]
    if (publication === undefined) throw new RangeError(`no PUBLISH at ${nth}`)
    const { id, qos } = publication
    if (qos > 0) this.#socket.write(bytes.ack(qos === 1 ? 'puback' : 'pubrec', id, code))
  }

  disconnect(code: number, serverReference?: string): void {
    this.#socket.end(bytes.disconnect(code, serverReference))
  }

  hangUp(): void {
    this.#socket.destroy()
  }

  async goodbye(): Promise<void> {
    await this.#goodbyes.first(1)
  }
}
