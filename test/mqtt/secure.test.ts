/**
 * The link over every way in that needs more than an address: TLS with a certificate of its own,
 * WebSocket over TLS, and IPv6, against real servers on the loopback interface.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { ms } from '../../src/base/units.js'
import type { LinkSettings } from '../../src/mqtt/link.js'
import type { Server, Tls } from '../../src/mqtt/wire.js'
import { freePort } from '../../tools/common/ports.js'
import { type Certificates, makeCertificates } from '../world/certificates.js'
import { Mosquitto, programFor } from '../world/mosquitto.js'
import { type Certificate, ScriptedBroker } from '../world/scripted-broker.js'
import { WebSocketBridge } from '../world/web-socket-bridge.js'
import { type RealLink, realLink } from './real-link.js'

const links: RealLink[] = []
const stops: Array<() => Promise<unknown>> = []

describe('link over a secured network', () => {
  let openssl: string
  let files: Certificates
  let trusting: Tls
  before(function () {
    openssl = programFor(this, 'openssl', 'apt-get install openssl')
    files = makeCertificates(openssl)
    trusting = { ca: files.ca, verify: true }
  })
  afterEach(async () => {
    for (const { link } of links.splice(0)) await link.close(ms(0))
    for (const stop of stops.splice(0)) await stop()
  })

  describe('with a broker that asks for a certificate', () => {
    const asking = (): Certificate => ({ ...files, clientCa: files.ca })

    it('shows its own, whose key is encrypted', async () => {
      const broker = await scripted(asking())
      const tls = { ...trusting, ...files.client }
      await delivers(broker, linked(broker.server, { tls }))
    })

    it('takes certificate and key as bytes, too', async () => {
      const broker = await scripted(asking())
      const { cert, key, passphrase } = files.client
      const own = { cert: Buffer.from(cert), key: Buffer.from(key), passphrase }
      const tls = { ...own, ca: Buffer.from(files.ca), verify: true }
      await delivers(broker, linked(broker.server, { tls }))
    })

    it('fails without one, and says that the certificate is why', async () => {
      const broker = await scripted(asking())
      const { code, values } = await linked(broker.server, { tls: trusting }).failed()
      code.should.equal('CERTIFICATE_REFUSED')
      should(values['why']).match(/CERTIFICATE_REQUIRED/)
    })

    for (const [whose, issuer, why] of [
      ['another authority', 'stranger', /UNKNOWN_CA/],
      ['an authority that was made anew under the same name', 'authority', /DECRYPT_ERROR/],
    ] as const) {
      it(`is let in by mosquitto with its own, and not with one of ${whose}`, async function () {
        const { server } = await mosquitto(this, files)
        const own = linked(server, { tls: { ...trusting, ...files.client } })
        ;(await own.deliver({})).map(({ is }) => is).should.eql(['delivered'])
        const other = makeCertificates(openssl, issuer)
        const failing = linked(server, { tls: { ...trusting, ...other.client } })
        const { code, values } = await failing.failed()
        code.should.equal('CERTIFICATE_REFUSED')
        should(values['why']).match(why)
      })
    }

    it('fails when its key cannot be decrypted', async () => {
      const broker = await scripted(asking())
      const tls = { ...trusting, ...files.client, passphrase: 'wrong' }
      const { code } = await linked(broker.server, { tls }).failed()
      code.should.equal('CERTIFICATE_REFUSED')
    })
  })

  describe('over WebSocket with TLS', () => {
    it('delivers', async () => {
      const { broker, bridge } = await bridged(files)
      await delivers(broker, linked(bridge.server, { tls: trusting }))
      bridge.frames.should.be.above(0)
    })

    it('refuses a certificate that nobody vouches for', async () => {
      const { bridge } = await bridged(files)
      const { code } = await linked(bridge.server).failed()
      code.should.equal('CERTIFICATE_REFUSED')
    })

    it('refuses a certificate of another host', async () => {
      const { bridge } = await bridged(files)
      const server = { ...bridge.server, host: 'localhost' }
      const { code } = await linked(server, { tls: trusting }).failed()
      code.should.equal('CERTIFICATE_REFUSED')
    })

    it('shows a certificate of its own', async () => {
      const { broker, bridge } = await bridged({ ...files, clientCa: files.ca })
      await delivers(broker, linked(bridge.server, { tls: { ...trusting, ...files.client } }))
    })
  })

  describe('over IPv6', () => {
    before(function () {
      if (hasIPv6()) return
      const text = 'the loopback interface has no address ::1'
      if (process.env['CI'] === 'true') throw new Error(text)
      console.log(`      pending: ${text}`)
      this.skip()
    })

    for (const scheme of ['mqtt', 'mqtts', 'ws', 'wss'] as const) {
      it(`delivers by ${scheme}`, async () => {
        const isSecure = scheme.endsWith('s') && scheme !== 'ws'
        const certificate = isSecure ? files : undefined
        const tls = isSecure ? { tls: trusting } : {}
        if (scheme.startsWith('ws')) {
          const { broker, bridge } = await bridged(certificate, '::1')
          bridge.server.scheme.should.equal(scheme)
          await delivers(broker, linked(bridge.server, tls))
        } else {
          const broker = await scripted(certificate, '::1')
          broker.server.scheme.should.equal(scheme)
          await delivers(broker, linked(broker.server, tls))
        }
      })
    }

    it('names the broker with its brackets when nobody listens there', async () => {
      const port = await freePort()
      const server: Server = { scheme: 'mqtt', host: '::1', port, path: '' }
      const { events } = linked(server)
      should(await events.nth(0)).match({ server: `[::1]:${port}` })
    })
  })
})

/** One message goes out, is confirmed and counts as delivered. */
async function delivers(broker: ScriptedBroker, { deliver }: RealLink): Promise<void> {
  const delivered = deliver({})
  const peer = await broker.peer(0)
  peer.accept()
  await peer.received(1)
  peer.answer(0)
  ;(await delivered).map(({ is }) => is).should.eql(['delivered'])
}

function linked(server: Server, change: Partial<LinkSettings> = {}): RealLink {
  const link = realLink(server, change)
  links.push(link)
  return link
}

async function scripted(certificate?: Certificate, host?: string): Promise<ScriptedBroker> {
  const broker = await ScriptedBroker.listen(certificate, host)
  stops.push(() => broker.stop())
  return broker
}

/** A mosquitto that asks whoever connects for a certificate of the same authority as its own. */
async function mosquitto(test: Mocha.Context, { ca, cert, key }: Certificates) {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-mosquitto-tls-'))
  stops.push(async () => rmSync(directory, { recursive: true }))
  const lines = Object.entries({ cafile: ca, certfile: cert, keyfile: key }).map(([name, pem]) => {
    writeFileSync(join(directory, name), pem, { mode: 0o600 })
    return `${name} ${join(directory, name)}`
  })
  const broker = await Mosquitto.start(test, { lines: [...lines, 'require_certificate true'] })
  stops.unshift(() => broker.stop())
  return { server: { ...broker.server, scheme: 'mqtts' as const } }
}

/** A broker that is reached over WebSocket only. */
async function bridged(certificate?: Certificate, host?: string) {
  const broker = await scripted(undefined, host)
  const bridge = await WebSocketBridge.open(await freePort(), broker.server, certificate)
  stops.push(() => bridge.stop())
  return { broker, bridge }
}

const hasIPv6 = () =>
  Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
