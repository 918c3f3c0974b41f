/**
 * `resilient-mqtt-out` over TLS in Node-RED's own test helper: certificates come from a core
 * `tls-config` node, and go to the broker over a socket and over WebSocket. A certificate that the
 * broker wants and does not get is said under the node.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import broker from '../../nodes/resilient-mqtt-broker/resilient-mqtt-broker.js'
import out from '../../nodes/resilient-mqtt-out/resilient-mqtt-out.js'
import { freePort } from '../../tools/common/ports.js'
import { Arrivals } from '../world/arrivals.js'
import { type Certificates, makeCertificates } from '../world/certificates.js'
import { helper, runtime, tlsConfig } from '../world/flow-helper.js'
import { programFor } from '../world/mosquitto.js'
import { ScriptedBroker } from '../world/scripted-broker.js'
import { WebSocketBridge } from '../world/web-socket-bridge.js'

interface Status {
  readonly fill: string
  readonly text: string
}

interface Spied {
  status: ((status: Status) => void) & { readonly args?: readonly (readonly [Status])[] }
}

describe('resilient-mqtt-out over TLS', () => {
  let files: Certificates
  let userDir = ''
  const stops: Array<() => Promise<unknown>> = []

  before(function () {
    files = makeCertificates(programFor(this, 'openssl', 'apt-get install openssl'))
    helper.init(runtime)
  })

  beforeEach(() => {
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-tls-'))
    helper.settings({ userDir })
  })

  afterEach(async () => {
    await helper.unload()
    for (const stop of stops.splice(0)) await stop()
    rmSync(userDir, { recursive: true, force: true })
  })

  it('shows the certificate of its tls-config to a broker that asks for it', async () => {
    const asking = await listening(true)
    await start(`mqtts://127.0.0.1:${asking.server.port}`, {
      ...clientCertificate(),
      cadata: files.ca,
    })
    await delivers(asking)
  })

  it('says that the certificate is refused when it has none to show', async () => {
    const asking = await listening(true)
    const shown = await start(`mqtts://127.0.0.1:${asking.server.port}`, { cadata: files.ca })
    should((await untilRed(shown)).text).equal('status.certificate')
  })

  it('delivers over WebSocket with the authority of its tls-config, and with none but it', async () => {
    const inner = await listening(false)
    const bridge = await WebSocketBridge.open(await freePort(), inner.server, files)
    stops.unshift(() => bridge.stop())
    const address = `wss://127.0.0.1:${bridge.server.port}/mqtt`
    should((await untilRed(await start(address, {}))).text).equal('status.certificate')
    await helper.unload()
    await start(address, { cadata: files.ca })
    await delivers(inner)
  })

  const clientCertificate = () => ({
    certdata: files.client.cert,
    keydata: files.client.key,
    passphrase: files.client.passphrase,
  })

  async function listening(isSecure: boolean): Promise<ScriptedBroker> {
    const certificate = isSecure ? { ...files, clientCa: files.ca } : undefined
    const scripted = await ScriptedBroker.listen(certificate)
    stops.push(() => scripted.stop())
    return scripted
  }

  /** Every status that is shown under the node. */
  async function start(servers: string, certificates: object): Promise<Arrivals<Status>> {
    const shown = new Arrivals<Status>()
    const common = { z: 'tab', x: 1, y: 1, wires: [] }
    const paths = { cert: '', key: '', ca: '', servername: '', verifyservercert: true }
    await helper.load(
      [broker, out, tlsConfig],
      [
        { id: 'tab', type: 'tab' },
        { id: 'certificates', type: 'tls-config', ...paths },
        { id: 'b', type: 'resilient-mqtt-broker', servers, tls: 'certificates' },
        { ...common, id: 'out', type: 'resilient-mqtt-out', broker: 'b', topic: 'line/1' },
      ],
      { certificates },
    )
    // The helper has put a spy there.
    const node = helper.getNode('out') as unknown as Spied
    for (const [status] of node.status.args ?? []) shown.add(status)
    node.status = (status) => shown.add(status)
    return shown
  }

  async function untilRed(shown: Arrivals<Status>): Promise<Status> {
    for (let n = 0; ; n++) {
      const status = await shown.nth(n)
      if (status.fill === 'red') return status
    }
  }

  async function delivers(scripted: ScriptedBroker): Promise<void> {
    helper.getNode('out').receive({ payload: 'on' })
    const peer = await scripted.peer(0)
    peer.accept()
    const [seen] = await peer.received(1)
    peer.answer(0)
    should(seen).match({ topic: 'line/1', qos: 1 })
  }
})
