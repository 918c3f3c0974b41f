/**
 * Kinds of work behind a persistent queue, one tab each: a server that fails and recovers, a
 * broker, a file, parts that are joined again, a called flow, a subflow, a node of the old kind,
 * and one that never says that it is done.
 */

import type { Flow, FlowNode } from '../../tools/common/user-dir.js'
import { type QueueScene, report } from './queue-scene.js'

const code = (id: string, func: string): FlowNode => ({ id, type: 'function', outputs: 1, func })

/** The last of a chain reports each message. */
const end = (key: string, condition = 'true'): FlowNode =>
  code(`${key}-end`, `if (${condition}) ${report(key)}return msg`)

const quick = { backoffInitial: '20ms', backoffMax: '200ms' }

export function queueWorks(port: number, directory: string): QueueScene[] {
  const url = `http://127.0.0.1:${port}/flaky?n={{n}}&attempt={{resilience.attempt}}`
  const works: Readonly<Record<string, readonly FlowNode[]>> = {
    http: [
      { id: 'http-work', type: 'http request', method: 'GET', ret: 'txt', url },
      end('http', 'msg.statusCode === 200'),
    ],
    mqtt: [
      code('mqtt-text', mqttText),
      {
        ...{ id: 'mqtt-work', type: 'mqtt out', topic: 'queue', qos: '1', retain: '' },
        broker: 'core-broker',
      },
    ],
    file: [
      {
        ...{ id: 'file-work', type: 'file', filename: `${directory}/lines`, filenameType: 'str' },
        ...{ appendNewline: true, overwriteFile: 'false', encoding: 'none' },
      },
      end('file'),
    ],
    parts: [
      code('parts-make', 'msg.payload = [1, 2, 3]\nreturn msg'),
      {
        id: 'parts-split',
        type: 'split',
        splt: '\\n',
        spltType: 'str',
        arraySplt: 1,
        arraySpltType: 'len',
      },
      { id: 'parts-join', type: 'join', mode: 'auto' },
      end('parts', 'msg.payload.length === 3'),
    ],
    call: [
      {
        ...{ id: 'call-work', type: 'link call', links: ['call-in'], linkType: 'static' },
        timeout: '5',
      },
      end('call'),
    ],
    nested: [{ id: 'nested-work', type: 'subflow:inner' }, end('nested')],
    legacy: [{ id: 'legacy-work', type: 'legacy-sync' }, end('legacy')],
    silent: [code('silent-work', `${report('silent')}await new Promise(() => {})`)],
  }
  return Object.entries(works).map(([key, work]) => {
    const queue = key === 'silent' ? { ...quick, outcomeTimeout: '300ms' } : quick
    return { key, queue, work }
  })
}

/** What the works need beside their tabs; `version` changes with each deploy. */
export function beside(brokerPort: number, version: number): Flow {
  const at = { z: 'beside', x: 100, y: 100 }
  return [
    { id: 'beside', type: 'tab', label: `beside ${version}` },
    {
      ...{ id: 'core-broker', type: 'mqtt-broker', broker: '127.0.0.1', port: String(brokerPort) },
      ...{ clientid: 'queue', autoConnect: true, protocolVersion: '4', keepalive: '60' },
      cleansession: false,
    },
    {
      ...{ ...at, id: 'flaky', type: 'http in', url: '/flaky', method: 'get' },
      wires: [['flaky-work']],
    },
    {
      ...{ ...at, ...code('flaky-work', flaky), wires: [['flaky-answer']] },
    },
    { ...at, id: 'flaky-answer', type: 'http response', wires: [] },
    { ...at, id: 'call-in', type: 'link in', links: [], wires: [['call-inside']] },
    { ...at, ...code('call-inside', 'return msg'), wires: [['call-out']] },
    { ...at, id: 'call-out', type: 'link out', mode: 'return', links: [], wires: [] },
    {
      ...{ id: 'inner', type: 'subflow', name: 'inner' },
      in: [{ x: 50, y: 50, wires: [{ id: 'inner-work' }] }],
      out: [{ x: 250, y: 50, wires: [{ id: 'inner-work', port: 0 }] }],
    },
    {
      ...code('inner-work', 'await new Promise((done) => setTimeout(done, 1))\nreturn msg'),
      ...{ z: 'inner', x: 150, y: 50, wires: [[]] },
    },
  ]
}

const mqttText = `const { n, lane, resilience: { attempt } } = msg
return { payload: [n, lane, attempt].join(' '), n, lane }
`

/** Every ninth message fails twice. */
const flaky = `const { n, attempt } = msg.payload
msg.statusCode = n % 9 === 0 && attempt < 3 ? 503 : 200
return msg
`
