/**
 * Each check over the network against real servers of its kind, on the loopback: up, slow, with
 * another answer than expected, silent, hanging up, and gone. The clock is the real one, and only
 * the silence is timed; what is slow is so by a clock of the test.
 */

import { createServer } from 'node:http'
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2'
import { createServer as createSecure } from 'node:https'
import {
  type AddressInfo,
  connect,
  createServer as createTcp,
  type Server,
  type Socket,
} from 'node:net'
import should from 'should'
import { WebSocketServer } from 'ws'
import type { Clock } from '../../src/base/ports.js'
import { ms } from '../../src/base/units.js'
import { realClock } from '../../src/host/clock.js'
import { realNetwork } from '../../src/host/network.js'
import type { Found } from '../../src/policy/health-state.js'
import { probeGrpc } from '../../src/probe/grpc.js'
import { probeHttp } from '../../src/probe/http.js'
import type { Trial } from '../../src/probe/probe.js'
import { probeTcp } from '../../src/probe/tcp.js'
import { probeWebSocket } from '../../src/probe/web-socket.js'
import { freePort } from '../../tools/common/ports.js'
import { makeCertificates } from '../world/certificates.js'
import { ManualClock } from '../world/manual-clock.js'
import { programFor } from '../world/mosquitto.js'

type Ask = (port: number, more?: object, clock?: Clock) => Trial

const host = '127.0.0.1'
const access = { authorization: 'Bearer x' }
const ask: Readonly<Record<'http' | 'tcp' | 'grpc' | 'websocket', Ask>> = {
  http: (port, more, clock = realClock) =>
    probeHttp(
      realNetwork,
      clock,
      {
        ...{ url: `http://${host}:${port}/`, timeout: ms(10_000), expectText: 'well' },
        ...{ expectStatus: [{ from: 200, to: 299 }], certificateDays: 0, ...more },
      },
      access,
    ),
  tcp: (port, more, clock = realClock) =>
    probeTcp(realNetwork, clock, { host, port, timeout: ms(10_000), ...more }),
  grpc: (port, more, clock = realClock) => {
    const check = { host, port, isSecure: false, timeout: ms(10_000), service: '' }
    return probeGrpc(realNetwork, clock, { ...check, ...more }, undefined)
  },
  websocket: (port, more, clock = realClock) =>
    probeWebSocket(
      realNetwork,
      clock,
      {
        ...{ url: `ws://${host}:${port}/`, timeout: ms(10_000), send: 'ping' },
        ...{ expectText: 'pong', ...more },
      },
      access,
    ),
}

describe('a check against a real server', function () {
  this.timeout(20_000)

  const servers: Server[] = []
  const sockets = new Set<Socket>()

  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    for (const server of servers.splice(0)) server.close()
  })

  for (const kind of ['http', 'tcp', 'grpc', 'websocket'] as const) {
    it(`of kind ${kind} is ok while that is well`, async () => {
      const port = await listening(wellOf(kind))
      const { is, latencyMs = -1 } = await ask[kind](port).found
      should(is).equal('ok')
      latencyMs.should.be.aboveOrEqual(0)
    })

    it(`of kind ${kind} is refused where nobody listens`, async () => {
      is(await ask[kind](await freePort()).found, 'refused')
    })
  }

  for (const kind of ['http', 'grpc', 'websocket'] as const) {
    it(`of kind ${kind} times out on one that accepts and never answers`, async () => {
      const port = await listening(createTcp((socket) => socket.resume()))
      is(await ask[kind](port, { timeout: ms(100) }).found, 'timed-out')
    })

    it(`of kind ${kind} tells how long a slow one took`, async () => {
      const clock = new ManualClock()
      const well = await listening(wellOf(kind))
      const port = await listening(slow(well, () => clock.advance(1500)))
      should(await ask[kind](port, {}, clock).found).match({ is: 'ok', latencyMs: 1500 })
    })

    it(`of kind ${kind} tells that the other side hung up`, async () => {
      const port = await listening(createTcp((socket) => socket.destroy()))
      is(await ask[kind](port).found, 'hung-up')
    })

    it(`of kind ${kind} does not understand one that speaks something else`, async () => {
      const port = await listening(createTcp((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')))
      is(await ask[kind](port).found, 'not-understood')
    })
  }

  it('tells what it was answered, and follows no redirect, not even to itself', async () => {
    let asked = 0
    const port = await listening(
      createServer((_request, response) => {
        asked += 1
        response.writeHead(302, { location: '/' }).end()
      }),
    )
    is(await ask.http(port).found, 'answered', { status: '302' })
    asked.should.equal(1)
    is(await ask.websocket(port).found, 'answered', { status: '302' })
  })

  it('misses a text that comes behind the first megabyte of an endless page', async () => {
    let isGone = false
    const port = await listening(
      createServer((_request, response) => {
        response.on('close', () => {
          isGone = true
        })
        const more = () => {
          while (response.write('x'.repeat(65_536)));
          response.once('drain', more)
        }
        more()
      }),
    )
    is(await ask.http(port).found, 'text-missing')
    while (!isGone) await new Promise(setImmediate)
  })

  it('is no match for a certificate that it does not know', async function () {
    const openssl = programFor(this, 'openssl', 'apt-get install openssl')
    const { cert, key, expired } = makeCertificates(openssl)
    for (const each of [cert, expired]) {
      const server = createSecure({ cert: each, key }, (_request, response) => response.end('well'))
      const url = `https://${host}:${await listening(server)}/`
      is(await ask.http(0, { url }).found, 'certificate')
    }
  })

  it('tells a service that does not serve from one that is not there', async () => {
    const port = await listening(grpcServer())
    should(await ask.grpc(port, { service: 'orders' }).found).containEql({ is: 'ok' })
    is(await ask.grpc(port, { service: 'down' }).found, 'not-serving')
    is(await ask.grpc(port, { service: 'other' }).found, 'service-unknown')
  })

  /** Hands on what a server answers, the first of it once `passes` is over. */
  function slow(port: number, passes: () => Promise<void>): Server {
    return createTcp((socket) => {
      const server = connect(port, host)
      sockets.add(server)
      server.on('error', () => socket.destroy())
      socket.pipe(server)
      server.once('readable', () => void passes().then(() => server.pipe(socket)))
    })
  }

  function listening(server: Server): Promise<number> {
    servers.push(server)
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('error', () => {}) // a check that leaves is no matter here
      socket.on('close', () => sockets.delete(socket))
    })
    return new Promise((resolve) => {
      server.listen(0, host, () => resolve((server.address() as AddressInfo).port))
    })
  }
})

function wellOf(kind: keyof typeof ask): Server {
  if (kind === 'grpc') return grpcServer()
  const server = createServer(({ headers }, response) => {
    response.end(headers.authorization === 'Bearer x' ? 'all is well' : 'who are you?')
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (peer) => {
      peer.on('message', (data) => peer.send(String(data) === 'ping' ? 'pong' : 'what?'))
    })
  })
  return server
}

/** `grpc.health.v1`: serves as a whole and `orders`, not `down`, and knows no other. */
function grpcServer(): Server {
  const server = createHttp2()
  server.on('stream', (stream: ServerHttp2Stream) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const service = Buffer.concat(chunks).subarray(7).toString()
      const isKnown = ['', 'orders', 'down'].includes(service)
      const code = isKnown ? '0' : '5'
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc' },
        { waitForTrailers: true },
      )
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': code }))
      stream.end(isKnown ? Buffer.from([0, 0, 0, 0, 2, 8, service === 'down' ? 2 : 1]) : undefined)
    })
  })
  return server
}

function is(found: Found, why: string, values: object = {}): void {
  should(found.is).equal('failed')
  should(found.why?.values).match({ why, ...values })
}
