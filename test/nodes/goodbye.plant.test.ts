/**
 * First and last words in a real Node-RED: said after the start, and before it ends on SIGTERM, but
 * not for a deploy; the will is left for a kill.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../tools/common/user-dir.js'
import { Mosquitto } from '../world/mosquitto.js'
import { Subscriber } from '../world/subscriber.js'

describe('a gateway with first and last words', function () {
  this.timeout(60_000)

  let userDir: string
  let broker: Mosquitto
  let heard: Subscriber
  let nodeRed: NodeRedProcess | undefined

  before(async function () {
    broker = await Mosquitto.start(this)
    heard = await Subscriber.at(broker.server)
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-goodbye-'))
    prepareUserDir(userDir, { packages: [checkout], flows: flowsFor(broker.server.port) })
  })

  after(async () => {
    await nodeRed?.stop()
    heard?.stop()
    await broker?.stop()
    if (userDir !== undefined) rmSync(userDir, { recursive: true, force: true })
  })

  it('says both once, over a full deploy, when Node-RED is stopped', async () => {
    nodeRed = await NodeRedProcess.start({ userDir, port: await freePort() })
    await heard.arrived.first(2)
    await nodeRed.deploy(flowsFor(broker.server.port))
    await heard.arrived.first(3)
    await nodeRed.stop()
    await heard.arrived.first(4)
    heard.payloads.should.eql(['ONLINE 1', 'started', 'started', 'OFFLINE 1'])
    const ids = heard.arrived.all.map(({ userProperties }) => userProperties['resilience-id'])
    ids.map((id) => typeof id).should.eql(['undefined', 'string', 'string', 'undefined'])
    should(ids[1]).match(/^out-/)
    should(ids[1]).not.equal(ids[2])
  })

  it('leaves the word to its will when it is killed', async () => {
    nodeRed = await NodeRedProcess.start({ userDir, port: await freePort() })
    await heard.arrived.first(6)
    await nodeRed.kill()
    await heard.arrived.first(7)
    heard.payloads.slice(4).should.eql(['ONLINE 1', 'started', 'GONE 1'])
  })
})

function flowsFor(port: number): Flow {
  const word = (text: string) => {
    const row = { topic: 'gw/state', payload: `"${text} " & $connects`, payloadType: 'jsonata' }
    return { ...row, qos: '1', retain: true }
  }
  return [
    { id: 'tab', type: 'tab', label: 'Plant' },
    {
      ...{ id: 'broker', type: 'resilient-mqtt-broker', servers: `127.0.0.1:${port}` },
      ...{ birthMessages: [word('ONLINE')], closeMessages: [word('OFFLINE')] },
      willMessage: word('GONE'),
    },
    {
      ...{ id: 'out', type: 'resilient-mqtt-out', z: 'tab', x: 300, y: 200, wires: [] },
      ...{ broker: 'broker', topic: 'line/1' },
    },
    {
      ...{ id: 'start', type: 'inject', z: 'tab', x: 100, y: 200, wires: [['out']] },
      ...{ once: true, props: [{ p: 'payload' }], payload: 'started', payloadType: 'str' },
    },
  ]
}
