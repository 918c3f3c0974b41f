/**
 * What every network keeps to, the real one and the fake of the tests: what an answer is, which
 * code an error has, that `stop` ends all, and that no more is read than was asked for. The real
 * one talks to servers on the loopback.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net'
import should from 'should'
import { WebSocketServer } from 'ws'
import { systemCode } from '../../src/base/fault.js'
import type { CallRequest, Exchange, HttpRequest, Network } from '../../src/base/ports.js'
import { realNetwork } from '../../src/host/network.js'
import { freePort } from '../../tools/common/ports.js'
import { FakeNetwork, type Manner } from '../world/fake-network.js'

/** Where a suite finds its servers. */
interface Ground {
  readonly network: Network
  /** HTTP: `/503` and so on, `/long`, `/echo`; WebSocket: echoes, but on `/404`. */
  web(manner: Manner): Promise<number>
  /** HTTP/2: answers with the body it got. */
  calls(): Promise<number>
  nobody(): Promise<number>
  /** Connections that are open. */
  open(): number
  close(): Promise<void>
}

networkBehaves('real', () => new RealGround())
networkBehaves('fake', () => new FakeGround())

function networkBehaves(name: string, make: () => Ground): void {
  describe(`network (${name})`, () => {
    let ground: Ground

    beforeEach(() => {
      ground = make()
    })

    afterEach(() => ground.close())

    it('brings status and text, whatever the status', async () => {
      const port = await ground.web('well')
      for (const status of [200, 302, 404, 503]) {
        const answer = await ground.network.http(get(port, `/${status}`)).answer
        should(answer).eql({ status, text: `status ${status}` })
      }
    })

    it('sends the headers that it is given', async () => {
      const request = get(await ground.web('well'), '/echo')
      const headers = { authorization: 'Bearer x' }
      const { text } = await ground.network.http({ ...request, headers }).answer
      text.should.equal('Bearer x')
    })

    it('reads no more of a body than it is asked for', async () => {
      const port = await ground.web('well')
      const long = { ...get(port, '/long'), textBytesMax: 10 }
      should(await ground.network.http(long).answer).eql({ status: 200, text: 'x'.repeat(10) })
      const head = { ...long, textBytesMax: 0 }
      should(await ground.network.http(head).answer).eql({ status: 200, text: '' })
      await until(() => ground.open() === 0)
    })

    it('tells by a code that nobody listens', async () => {
      const port = await ground.nobody()
      for (const exchange of allTo(ground.network, port)) {
        should(await codeOf(exchange)).equal('ECONNREFUSED')
      }
    })

    it('tells by a code that the other side hung up', async () => {
      const port = await ground.web('hangs-up')
      const [http, , , webSocket] = allTo(ground.network, port)
      for (const exchange of [http, webSocket]) {
        should(exchange === undefined ? '' : await codeOf(exchange)).equal('ECONNRESET')
      }
    })

    it('waits for ever for one that is silent, until it is stopped', async () => {
      const port = await ground.web('silent')
      const [http, , ...others] = allTo(ground.network, port)
      const waiting = [http, ...others].filter((each) => each !== undefined)
      let settled = 0
      const count = () => {
        settled += 1
      }
      for (const { answer } of waiting) answer.then(count, count)
      await until(() => ground.open() === 3)
      for (const exchange of waiting) exchange.stop()
      for (const exchange of waiting) exchange.stop()
      await until(() => ground.open() === 0)
      should(settled).equal(0)
    })

    it('connects and hangs up', async () => {
      const port = await ground.web('silent')
      should(await ground.network.tcp('127.0.0.1', port).answer).be.undefined()
      await until(() => ground.open() === 0)
    })

    it('calls with a body, and brings the body of the answer with all headers', async () => {
      const body = Buffer.from([0, 1, 2])
      const { answer } = ground.network.call({ ...call(await ground.calls()), body })
      const { headers, body: answered } = await answer
      should(headers).containEql({ ':status': '200', 'x-before': 'a', 'x-after': '/there' })
      Buffer.from(answered).should.eql(body)
      await until(() => ground.open() === 0)
    })

    it('tells that the other side does not speak HTTP/2', async () => {
      const exchange = ground.network.call(call(await ground.web('well')))
      should(await codeOf(exchange)).match(/^(ERR_HTTP2_|ECONNRESET)/)
    })

    it('opens a WebSocket, sends a text and hears what it expects', async () => {
      const request = webSocket(await ground.web('well'))
      should(await ground.network.webSocket(request).answer).be.undefined()
      const heard: string[] = []
      const isExpected = (text: string) => {
        heard.push(text)
        return text === 'echo: ping'
      }
      await ground.network.webSocket({ ...request, send: 'ping', isExpected }).answer
      heard.should.eql(['welcome', 'echo: ping'])
      await until(() => ground.open() === 0)
    })

    it('tells the status of an HTTP answer that came instead of a WebSocket', async () => {
      const { url, ...request } = webSocket(await ground.web('well'))
      const exchange = ground.network.webSocket({ ...request, url: `${url}404` })
      should(await codeOf(exchange)).equal('HTTP_404')
    })
  })
}

class FakeGround implements Ground {
  readonly network = new FakeNetwork()
  #ports = 1000

  async web(manner: Manner): Promise<number> {
    this.#ports += 1
    this.network.serve(`127.0.0.1:${this.#ports}`, {
      manner,
      http: ({ url, headers }) => pageOf(new URL(url).pathname, headers['authorization'] ?? ''),
      webSocket: (text, path) => {
        return path === '/404' ? 404 : [text === '' ? 'welcome' : `echo: ${text}`]
      },
    })
    return this.#ports
  }

  async calls(): Promise<number> {
    this.#ports += 1
    this.network.serve(`127.0.0.1:${this.#ports}`, {
      call: ({ body, path }) => {
        return { headers: { ':status': '200', 'x-before': 'a', 'x-after': path }, body }
      },
    })
    return this.#ports
  }

  nobody = async () => 1
  open = () => this.network.open
  close = async () => {}
}

class RealGround implements Ground {
  readonly network = realNetwork
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()

  async web(manner: Manner): Promise<number> {
    if (manner !== 'well') {
      return this.#listen(
        createTcp((socket) => (manner === 'hangs-up' ? socket.destroy() : socket.resume())),
      )
    }
    const server = createServer((request, response) => page(request, response))
    const sockets = new WebSocketServer({ noServer: true })
    server.on('upgrade', (request, socket, head) => {
      if (request.url === '/404') return socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
      sockets.handleUpgrade(request, socket, head, (peer) => {
        peer.send('welcome')
        peer.on('message', (data) => peer.send(`echo: ${data}`))
      })
    })
    return this.#listen(server)
  }

  calls(): Promise<number> {
    const server = createHttp2()
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      stream.respond({ ':status': 200, 'x-before': 'a' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-after': headers[':path'] }))
      stream.pipe(stream)
    })
    return this.#listen(server)
  }

  nobody = () => freePort()
  open = () => this.#sockets.size

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    for (const server of this.#servers) server.close()
  }

  #listen(server: Server): Promise<number> {
    this.#servers.push(server)
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {}) // a client that leaves is no matter here
      socket.on('close', () => this.#sockets.delete(socket))
    })
    return listening(server)
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

function page({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
  const { status, text } = pageOf(url, headers.authorization ?? '')
  response.writeHead(status, status === 302 ? { location: url } : {})
  response.end(text)
}

function pageOf(path: string, authorization: string): { status: number; text: string } {
  if (path === '/echo') return { status: 200, text: authorization }
  if (path === '/long') return { status: 200, text: 'x'.repeat(5_000_000) }
  const status = Number(path.slice(1))
  return { status, text: `status ${status}` }
}

const get = (port: number, path: string): HttpRequest => {
  return { url: `http://127.0.0.1:${port}${path}`, headers: {}, textBytesMax: 1_000_000 }
}

const call = (port: number): CallRequest => {
  const at = { host: '127.0.0.1', port, isSecure: false, path: '/there' }
  return { ...at, headers: { te: 'trailers' }, body: Buffer.alloc(0) }
}

const webSocket = (port: number) => {
  return { url: `ws://127.0.0.1:${port}/`, headers: {}, send: '' }
}

const allTo = (network: Network, port: number): readonly Exchange<unknown>[] => [
  network.http(get(port, '/200')),
  network.tcp('127.0.0.1', port),
  network.call(call(port)),
  network.webSocket(webSocket(port)),
]

/** Of the error that it rejects with. */
function codeOf({ answer }: Exchange<unknown>): Promise<string> {
  return answer.then(
    () => 'answered',
    (error: unknown) => systemCode(error),
  )
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}
