/**
 * The real network over TLS: when a certificate ends, that one which is not known is refused, and
 * that certificates are handed to HTTP, HTTP/2 and WebSocket alike.
 */

import { createSecureServer } from 'node:http2'
import { createServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import should from 'should'
import { WebSocketServer } from 'ws'
import { systemCode } from '../../src/base/fault.js'
import type { Exchange } from '../../src/base/ports.js'
import { realNetwork } from '../../src/host/network.js'
import { type Certificates, makeCertificates } from '../world/certificates.js'
import { programFor } from '../world/mosquitto.js'

describe('the real network over TLS', function () {
  this.timeout(20_000)

  let files: Certificates
  const servers: Server[] = []

  before(function () {
    files = makeCertificates(programFor(this, 'openssl', 'apt-get install openssl'))
  })

  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  it('tells when the certificate ends, and refuses one that it cannot trust', async () => {
    const { ca, cert, key } = files
    const port = await listening(createServer({ cert, key }, (_, response) => response.end('ok')))
    const request = { url: `https://127.0.0.1:${port}/`, headers: {}, textBytesMax: 0 }
    const { certificateEndsAt } = await realNetwork.http({ ...request, tls: { ca, verify: true } })
      .answer
    should(certificateEndsAt).be.above(Date.now())
    should(await codeOf(realNetwork.http(request))).match(/CERT|UNABLE|SELF_SIGNED/)
    const unchecked = { ...request, tls: { verify: false } }
    should(await realNetwork.http(unchecked).answer).containEql({ status: 200 })
  })

  it('calls over HTTP/2 with the same certificates', async () => {
    const { ca, cert, key } = files
    const server = createSecureServer({ cert, key })
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 })
      stream.end('ok')
    })
    const port = await listening(server)
    const request = {
      ...{ host: '127.0.0.1', port, isSecure: true, path: '/', headers: {} },
      body: new Uint8Array(),
    }
    const { body } = await realNetwork.call({ ...request, tls: { ca, verify: true } }).answer
    Buffer.from(body).toString().should.equal('ok')
    should(await codeOf(realNetwork.call(request))).match(/CERT|UNABLE|SELF_SIGNED/)
  })

  it('opens a WebSocket with them, and shows its own where one is asked for', async () => {
    const { ca, cert, key, client } = files
    const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true })
    new WebSocketServer({ server })
    const url = `wss://127.0.0.1:${await listening(server)}/`
    const request = { url, headers: {}, send: '' }
    const { cert: own, key: ownKey, passphrase } = client
    const tls = { ca, cert: own, key: ownKey, passphrase, verify: true }
    should(await realNetwork.webSocket({ ...request, tls }).answer).be.undefined()
    const nameless = { ...request, tls: { ca, verify: true } }
    should(await codeOf(realNetwork.webSocket(nameless))).match(/CERT|ECONNRESET/)
  })

  it('rejects an address or a header that is none', async () => {
    const request = {
      url: 'http://127.0.0.1/',
      headers: { authorization: 'a\nb' },
      textBytesMax: 0,
    }
    should(await codeOf(realNetwork.http(request))).equal('ERR_INVALID_CHAR')
    should(await codeOf(realNetwork.http({ ...request, url: 'no' }))).equal('ERR_INVALID_URL')
  })

  function listening(server: Server): Promise<number> {
    servers.push(server)
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
    })
  }
})

/** Of the error that it rejects with. */
function codeOf({ answer }: Exchange<unknown>): Promise<string> {
  return answer.then(
    () => 'answered',
    (error: unknown) => systemCode(error),
  )
}
