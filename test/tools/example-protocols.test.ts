/**
 * What two protocols want of the connection itself, in the examples that show them: which topic has
 * which QoS, what is retained, what the broker is left as a will. What is inside the messages is
 * judged where the examples run.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import should from 'should'
import { checkout, type Flow } from '../../tools/common/user-dir.js'

interface Row {
  readonly topic: string
  readonly payload: string
  readonly qos: string
  readonly retain: boolean
}

describe('the example 06, by VDA 5050 2.1.0', () => {
  const { broker, senders } = partsOf('06 VDA 5050 vehicle')
  const connection = { topic: 'uagv/v2/KIT/0001/connection', qos: '1', retain: true }

  it('says ONLINE first, OFFLINE last and has CONNECTIONBROKEN as its will, QoS 1, retained', () => {
    const { birthMessages, closeMessages, willMessage } = broker
    for (const [rows, state] of [
      [birthMessages, 'ONLINE'],
      [closeMessages, 'OFFLINE'],
      [[willMessage], 'CONNECTIONBROKEN'],
    ] as const) {
      should(rows).match([connection])
      should(rows[0]?.payload).containEql(`"connectionState": "${state}"`)
    }
  })

  it('sends all else with QoS 0, not retained', () => {
    should(senders).matchEach({ qos: '0', retain: 'false' })
  })

  it('keeps every order and action while the broker is away, and of states the newest', () => {
    senders.map((node) => node['whenOffline']).should.eql(['latest', 'store'])
  })
})

describe('the example 07, by Sparkplug B 3.0', () => {
  const { broker, senders } = partsOf('07 Sparkplug style node')

  it('has NDEATH as its will, QoS 1, and says it before a goodbye', () => {
    const death = { topic: 'spBv1.0/Plant/NDEATH/Line1', qos: '1', retain: false }
    should(broker.willMessage).match(death)
    should(broker.closeMessages).eql([broker.willMessage])
  })

  it('says NBIRTH first, QoS 0, not retained', () => {
    const birth = { topic: 'spBv1.0/Plant/NBIRTH/Line1', qos: '0', retain: false }
    should(broker.birthMessages).match([birth])
  })

  it('sends data with QoS 0, not retained, from one node, over one connection', () => {
    should(senders).match([{ topic: 'spBv1.0/Plant/NDATA/Line1', qos: '0', retain: 'false' }])
    should(broker).not.have.property('connections')
  })

  it('speaks MQTT 3.1.1, where a plain goodbye behind NDEATH is right', () => {
    should(broker.protocolVersion).equal('3.1.1')
  })
})

interface Broker {
  readonly birthMessages: readonly Row[]
  readonly closeMessages: readonly Row[]
  readonly willMessage: Row
  readonly protocolVersion?: string
}

function partsOf(name: string) {
  const flow: Flow = JSON.parse(readFileSync(join(checkout, 'examples', `${name}.json`), 'utf8'))
  const ofType = (wanted: string) => flow.filter(({ type }) => type === wanted)
  const [broker] = ofType('resilient-mqtt-broker') as unknown as readonly Broker[]
  if (broker === undefined) throw new Error(`${name} has no broker`)
  return { broker, senders: ofType('resilient-mqtt-out') }
}
