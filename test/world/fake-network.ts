/**
 * A network in memory: servers that a test puts at an address, and that answer after as long as it
 * says, in silence, or not politely. It passes the suite of the real one in test/host and reaches
 * nothing outside.
 */

import type {
  CallAnswer,
  CallRequest,
  Exchange,
  HttpAnswer,
  HttpRequest,
  Network,
  WebSocketRequest,
} from '../../src/base/ports.js'
import { ms } from '../../src/base/units.js'
import type { ManualClock } from './manual-clock.js'

/** `silent` accepts and never answers; `hangs-up` accepts and closes. */
export type Manner = 'well' | 'silent' | 'hangs-up'

export interface FakeServer {
  manner: Manner
  /** Until it answers. */
  latencyMs: number
  /** Absent: it does not speak that. */
  http?(request: HttpRequest): HttpAnswer
  call?(request: CallRequest): CallAnswer
  /** What it says to what it hears, '' first; a number is an HTTP answer with that status. */
  webSocket?(text: string, path: string): number | readonly string[]
}

export class FakeNetwork implements Network {
  readonly #clock: ManualClock | undefined
  readonly #servers = new Map<string, FakeServer>()
  /** Exchanges begun, and those that are under way. */
  begun = 0
  open = 0
  /** The most that were under way at once. */
  most = 0

  /** Without a clock it answers at once. */
  constructor(clock?: ManualClock) {
    this.#clock = clock
  }

  /** At `host:port`. */
  serve(address: string, server: Partial<FakeServer> = {}): FakeServer {
    const whole: FakeServer = { manner: 'well', latencyMs: 0, ...server }
    this.#servers.set(address, whole)
    return whole
  }

  close(address: string): void {
    this.#servers.delete(address)
  }

  http(request: HttpRequest): Exchange<HttpAnswer> {
    const { hostname, port, protocol } = new URL(request.url)
    return this.#exchange(hostname, port || (protocol === 'https:' ? '443' : '80'), (server) => {
      if (server.http === undefined) throw fault('HPE_INVALID_CONSTANT')
      const answer = server.http(request)
      const bytes = Buffer.from(answer.text).subarray(0, request.textBytesMax)
      return { ...answer, text: bytes.toString('utf8') }
    })
  }

  tcp(host: string, port: number): Exchange<void> {
    // A connection is made before anybody can be silent.
    return this.#exchange(host, port, () => undefined, 'well')
  }

  call(request: CallRequest): Exchange<CallAnswer> {
    return this.#exchange(request.host, request.port, (server) => {
      if (server.call === undefined) throw fault('ERR_HTTP2_ERROR')
      return server.call(request)
    })
  }

  webSocket({ url, send, isExpected }: WebSocketRequest): Exchange<void> {
    const { hostname, port, protocol, pathname } = new URL(url)
    return this.#exchange(hostname, port || (protocol === 'wss:' ? '443' : '80'), (server) => {
      const said = ['', ...(send === '' ? [] : [send])].flatMap((text) => {
        const answer = server.webSocket?.(text, pathname) ?? 404
        if (typeof answer === 'number') throw fault(`HTTP_${answer}`)
        return answer
      })
      if (isExpected !== undefined && !said.some(isExpected)) return never
      return undefined
    })
  }

  #exchange<Answer>(
    host: string,
    port: string | number,
    answerOf: (server: FakeServer) => Answer | typeof never,
    manner?: Manner,
  ): Exchange<Answer> {
    let isOver = false
    const over = () => {
      if (!isOver) this.open -= 1
      isOver = true
    }
    this.begun += 1
    this.open += 1
    this.most = Math.max(this.most, this.open)
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#later(this.#servers.get(`${host}:${port}`)?.latencyMs ?? 0, () => {
        if (isOver) return
        try {
          const given = this.#given(host, port, answerOf, manner)
          if (given === never) return
          over()
          resolve(given as Answer)
        } catch (error) {
          over()
          reject(error)
        }
      })
    })
    return { answer, stop: over }
  }

  #given<Answer>(
    host: string,
    port: string | number,
    answerOf: (server: FakeServer) => Answer | typeof never,
    manner?: Manner,
  ): Answer | typeof never {
    const server = this.#servers.get(`${host}:${port}`)
    if (server === undefined) throw fault(this.#knows(host) ? 'ECONNREFUSED' : 'ENOTFOUND')
    if (manner === 'well' || server.manner === 'well') return answerOf(server)
    if (server.manner === 'hangs-up') throw fault('ECONNRESET')
    return never
  }

  #knows(host: string): boolean {
    return host === '127.0.0.1' || [...this.#servers.keys()].some((each) => each.startsWith(host))
  }

  #later(latencyMs: number, call: () => void): void {
    if (this.#clock === undefined || latencyMs === 0) setImmediate(call)
    else this.#clock.wake(ms(latencyMs), call)
  }
}

const never = Symbol('never')

const fault = (code: string): Error => Object.assign(new Error(code), { code })
