/**
 * A client beside the one under test, that hears what arrives at a broker. It uses the MQTT library
 * as it comes, subscribes to everything and answers nothing.
 */

import { connectAsync, type MqttClient } from 'mqtt'
import { hostPort, type Server } from '../../src/mqtt/wire.js'
import { Arrivals } from './arrivals.js'

export interface Arrived {
  readonly topic: string
  readonly payload: string
  readonly userProperties: Readonly<Record<string, string | readonly string[]>>
  readonly expiry: number | undefined
}

export class Subscriber {
  readonly arrived = new Arrivals<Arrived>()
  readonly #client: MqttClient

  private constructor(client: MqttClient) {
    this.#client = client
    client.on('message', (topic, payload, { properties = {} }) => {
      const { userProperties = {}, messageExpiryInterval: expiry } = properties
      this.arrived.add({ topic, payload: String(payload), userProperties, expiry })
    })
  }

  static async at(server: Server, login: object = {}): Promise<Subscriber> {
    const url = `${server.scheme}://${hostPort(server)}`
    const client = await connectAsync(url, { protocolVersion: 5, ...login })
    const subscriber = new Subscriber(client)
    await client.subscribeAsync('#', { qos: 1 })
    return subscriber
  }

  get payloads(): string[] {
    return this.arrived.all.map(({ payload }) => payload)
  }

  stop(): void {
    this.#client.end(true)
  }
}
