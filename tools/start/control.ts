/**
 * The switch of the tour's broker, reachable over HTTP from buttons in the flow. It answers on
 * the loopback interface only and knows two orders: cut and bring-back.
 */

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { EmbeddedBroker } from '../common/embedded-broker.js'
import { loopback } from '../common/ports.js'

export class Control {
  readonly url: string
  readonly #server: Server

  private constructor(server: Server, port: number) {
    this.#server = server
    this.url = `http://${loopback}:${port}`
  }

  static async open(broker: EmbeddedBroker): Promise<Control> {
    const server = createServer((request, response) => void answer(broker, request, response))
    server.listen(0, loopback)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return new Control(server, port)
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }
}

async function answer(broker: EmbeddedBroker, request: IncomingMessage, response: ServerResponse) {
  const order = `${request.method} ${request.url}`
  if (order === 'POST /cut') await broker.cut()
  else if (order === 'POST /bring-back') await broker.bringBack()
  else response.statusCode = 404
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify({ broker: broker.isAway ? 'away' : 'there' }))
}
