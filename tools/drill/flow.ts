/**
 * The flow under test: one producer, core `mqtt out` and `resilient-mqtt-out` side by side on one
 * broker, and nodes that report what was handed over, accepted and refused the moment it happens.
 * The two nodes get equal messages in equal order; nothing else differs.
 */

import type { Flow, FlowNode } from '../common/user-dir.js'

export const topics = { core: 'drill/core', resilient: 'drill/resilient' } as const

/** The first ten bytes of a payload are its number. */
export const numberOf = (payload: Buffer): number => Number(payload.toString('latin1', 0, 10))

export function drillFlow(brokerPort: number): Flow {
  return [
    { id: 'drill', type: 'tab', label: 'Drill' },
    ...brokers(brokerPort),
    node('core', 'mqtt out', { topic: topics.core, qos: '1', retain: '', broker: 'core-broker' }),
    node('resilient', 'resilient-mqtt-out', {
      topic: topics.resilient,
      qos: '1',
      broker: 'resilient-broker',
    }),
    ...reports,
    ...producerInside,
    ...producerOutside,
    node('answer', 'http response', {}),
  ]
}

function brokers(port: number): Flow {
  return [
    {
      id: 'core-broker',
      type: 'mqtt-broker',
      broker: '127.0.0.1',
      port: String(port),
      clientid: 'drill-core',
      autoConnect: true,
      usetls: false,
      protocolVersion: '4',
      keepalive: '60',
      cleansession: false,
      autoUnsubscribe: true,
    },
    { id: 'resilient-broker', type: 'resilient-mqtt-broker', servers: `mqtt://127.0.0.1:${port}` },
  ]
}

/** 200 bytes a message. */
const toMessage = `const toMessage = (n) => ({ n, payload: String(n).padStart(10, '0').padEnd(200, ' .') })
`

/** A batch of the producer outside is answered when all its messages have been accepted. */
const acceptedFunction = `global.get('report')('accepted ' + msg.n)
const open = flow.get('open')
if (!open || !open.waiting.delete(msg.n) || open.waiting.size > 0) return null
flow.set('open', undefined)
return { ...open.answer, payload: 'accepted' }
`

const refusedFunction = `global.get('report')('refused ' + msg.error.message)
return null
`

const reports: Flow = [
  node('completed', 'complete', { scope: ['resilient'], wires: [['accepted']] }),
  node('accepted', 'function', { func: acceptedFunction, outputs: 1, wires: [['answer']] }),
  node('failed', 'catch', { scope: ['resilient'], wires: [['refused']] }),
  node('refused', 'function', { func: refusedFunction, outputs: 1, wires: [[]] }),
]

const produceFunction = `${toMessage}
const count = Number(msg.payload.count)
const messagesPerMs = Number(msg.payload.rate) / 1000
const startedAt = Date.now()
let last = 0
const ticking = setInterval(() => {
  const due = Math.min(count, Math.floor((Date.now() - startedAt) * messagesPerMs))
  const handed = []
  while (last < due) {
    last++
    node.send([toMessage(last), toMessage(last)])
    handed.push(last)
  }
  if (handed.length > 0) global.get('report')('handed ' + handed.join(','))
  if (last === count) clearInterval(ticking)
}, 5)
return [null, null, msg]
`

const producerInside: Flow = [
  node('start', 'http in', { url: '/drill/start', method: 'get', wires: [['produce']] }),
  node('produce', 'function', {
    func: produceFunction,
    outputs: 3,
    wires: [['core'], ['resilient'], ['answer']],
  }),
]

const handOverFunction = `${toMessage}
const { core, resilient } = msg.payload
flow.set('open', { waiting: new Set(resilient), answer: { req: msg.req, res: msg.res } })
for (const n of core) node.send([toMessage(n), null])
for (const n of resilient) node.send([null, toMessage(n)])
if (core.length > 0) global.get('report')('handed ' + core.join(','))
if (resilient.length > 0) return null
return [null, null, msg]
`

const producerOutside: Flow = [
  node('batch', 'http in', { url: '/drill/batch', method: 'post', wires: [['hand over']] }),
  node('hand over', 'function', {
    func: handOverFunction,
    outputs: 3,
    wires: [['core'], ['resilient'], ['answer']],
  }),
]

/** Node-RED takes a node without a position for a config node. */
function node(id: string, type: string, fields: Readonly<Record<string, unknown>>): FlowNode {
  return { id, type, z: 'drill', x: 100, y: 100, wires: [], ...fields }
}
