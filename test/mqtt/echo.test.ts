/** A text to the broker and back: with a client of the test, and over a link to mosquitto. */

import should from 'should'
import { ms } from '../../src/base/units.js'
import { type EchoClient, echoOver, noEcho } from '../../src/mqtt/echo.js'
import { Mosquitto } from '../world/mosquitto.js'
import { realLink } from './real-link.js'

class FakeClient implements EchoClient {
  readonly log: string[] = []
  refusal: Error | undefined
  #heard: Array<(topic: string, payload: Uint8Array) => void> = []

  on = (_event: 'message', heard: (topic: string, payload: Uint8Array) => void) => {
    this.#heard.push(heard)
  }

  off = (_event: 'message', heard: (topic: string, payload: Uint8Array) => void) => {
    this.#heard = this.#heard.filter((each) => each !== heard)
  }

  subscribe = (topic: string, _options: object, told: (error: unknown) => void) => {
    this.log.push(`subscribe ${topic}`)
    queueMicrotask(() => told(this.refusal ?? null))
  }

  unsubscribe = (topic: string) => {
    this.log.push(`unsubscribe ${topic}`)
  }

  publish = (topic: string, text: string) => {
    this.log.push(`publish ${topic} ${text}`)
  }

  arrives(topic: string, text: string): void {
    for (const heard of this.#heard) heard(topic, Buffer.from(text))
  }

  get listeners(): number {
    return this.#heard.length
  }
}

describe('an echo', () => {
  it('comes back when its own text does, and leaves nothing behind', async () => {
    const client = new FakeClient()
    const { answer } = echoOver(client, 't', 'n1')
    await Promise.resolve()
    client.arrives('t', 'of another gateway')
    client.arrives('other', 'n1')
    client.arrives('t', 'n1')
    await answer
    client.log.should.eql(['subscribe t', 'publish t n1', 'unsubscribe t'])
    client.listeners.should.equal(0)
  })

  it('is refused where nobody may subscribe', async () => {
    const client = new FakeClient()
    client.refusal = new Error('Not authorized')
    const code = await echoOver(client, 't', 'n1').answer.catch((error) => error.code)
    should(code).equal('NOT_AUTHORISED')
    client.log.should.eql(['subscribe t', 'unsubscribe t'])
  })

  it('is forgotten when it is stopped, even before it was sent', async () => {
    const client = new FakeClient()
    const { stop } = echoOver(client, 't', 'n1')
    stop()
    stop()
    await Promise.resolve()
    client.log.should.eql(['subscribe t', 'unsubscribe t'])
    client.listeners.should.equal(0)
  })

  it('is none without a connection', async () => {
    should(await noEcho().answer.catch((error) => error.code)).equal('ECONNRESET')
  })
})

describe('an echo over a link to mosquitto', function () {
  this.timeout(20_000)

  let broker: Mosquitto

  before(async function () {
    const access = ['topic readwrite line/#']
    broker = await Mosquitto.start(this, { access })
  })

  after(() => broker?.stop())

  for (const version of [4, 5] as const) {
    it(`comes back beside what is published, on MQTT ${version === 4 ? '3.1.1' : '5'}`, async () => {
      const { link, deliver } = realLink(broker.server, { protocolVersion: version })
      await deliver({ payload: 'first' })
      const echoes = ['n1', 'n2', 'n3'].map((text) => link.echo('line/echo', text).answer)
      const [outcome] = await deliver({ payload: 'second' })
      should(outcome).containEql({ is: 'delivered', attempts: 1 })
      await Promise.all(echoes)
      await link.close(ms(300))
      should(await link.echo('line/echo', 'late').answer.catch((error) => error.code)).equal(
        'ECONNRESET',
      )
    })
  }
})
