/**
 * An HTTP server on the loopback interface that answers as a test says, breaks connections
 * included, and counts: calls of each path, and how many of a first path segment ran at once. It
 * answers in the next turn at the earliest and keeps nothing of a request.
 */

import { createServer, type Server, type ServerResponse } from 'node:http'
import { freePort, loopback } from '../../tools/common/ports.js'

/** A status, or a connection that breaks without one. */
export type Answer = number | 'broken'

export class ShakyServer {
  /** Asked for each call; `call` counts those of this path from 1. */
  answer: (path: string, call: number) => Answer = () => 200
  readonly calls = new Map<string, number>()
  /** The most that were at work at once, by first segment of the path. */
  readonly peak = new Map<string, number>()
  readonly #busy = new Map<string, number>()
  readonly #server: Server
  readonly url: string

  private constructor(port: number) {
    this.url = `http://${loopback}:${port}`
    this.#server = createServer(({ url = '/' }, response) => this.#called(url, response))
    this.#server.listen(port, loopback)
  }

  static async open(): Promise<ShakyServer> {
    const server = new ShakyServer(await freePort())
    await new Promise((resolve) => server.#server.once('listening', resolve))
    return server
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #called(path: string, response: ServerResponse): void {
    const segment = path.split('/')[1] ?? ''
    const busy = (this.#busy.get(segment) ?? 0) + 1
    this.#busy.set(segment, busy)
    this.peak.set(segment, Math.max(busy, this.peak.get(segment) ?? 0))
    const call = (this.calls.get(path) ?? 0) + 1
    this.calls.set(path, call)
    const answer = this.answer(path, call)
    setImmediate(() => {
      this.#busy.set(segment, (this.#busy.get(segment) ?? 1) - 1)
      if (answer === 'broken') response.destroy()
      else response.writeHead(answer).end(`${answer}`)
    })
  }
}
