/**
 * The flow of `npm start`: the example "Survive a broker outage" on the tour's own broker, with
 * two buttons that cut it and bring it back, and a page with the figures. The counting is the
 * example's; nothing is counted here.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkout, type Flow, type FlowNode } from '../common/user-dir.js'

const example = join(checkout, 'examples', '01 Survive a broker outage.json')
const page = join(checkout, 'tools', 'start', 'tour.html')
const tab = 'tour-tab'

/** Addresses are read from the environment, so that the flow outlives a change of ports. */
export const environment = (brokerPort: number, controlUrl: string) => ({
  TOUR_BROKER_PORT: String(brokerPort),
  TOUR_BROKER_URL: `mqtt://127.0.0.1:${brokerPort}`,
  TOUR_CONTROL_URL: controlUrl,
})

export function tourFlow(): Flow {
  return [...fromExample(), ...buttons, ...figuresPage(readFileSync(page, 'utf8'))]
}

/** Other ids, topics and client ids than the example's, so that both can run side by side. */
function fromExample(): FlowNode[] {
  const text = readFileSync(example, 'utf8').replaceAll('outage-', 'tour-')
  const nodes: FlowNode[] = JSON.parse(text.replaceAll('outage/', 'tour/'))
  return nodes.map((node) => ({
    ...node,
    ...lowered(node),
    ...changes[node.id],
    ...changes[node.type],
  }))
}

/** The comment stays on top, the buttons come next. */
function lowered(node: FlowNode): { readonly y?: number } {
  return typeof node['y'] === 'number' ? { y: node['y'] + 140 } : {}
}

const fromEnvironment = (name: string): string => `\${${name}}`

const changes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'mqtt-broker': { port: fromEnvironment('TOUR_BROKER_PORT') },
  // Core tries again every second here; a person at the button waits no longer for ours.
  'resilient-mqtt-broker': { servers: fromEnvironment('TOUR_BROKER_URL'), backoffMax: '2s' },
  [tab]: { label: 'Tour: survive a broker outage' },
  'tour-comment': {
    y: 40,
    name: 'Press Cut the broker, wait ten seconds, press Bring it back, and watch the status of compare',
    info: `The same 100 messages a second go through core mqtt out and through resilient mqtt to one broker; *compare* shows how many of each have not come back.

Press *Cut the broker*: both counts grow. Press *Bring it back*: what resilient mqtt kept on disk
arrives and its count goes back to 0, what core mqtt out was given meanwhile stays missing. The page
/tour on this address shows the same figures.`,
  },
}

const rememberFunction = `flow.set('broker', msg.payload && msg.payload.broker)
return msg.res ? msg : null
`

const orderFunction = `msg.url = env.get('TOUR_CONTROL_URL') + '/' + (msg.req ? msg.req.params.order : msg.topic)
msg.payload = ''
return msg
`

const buttons: Flow = [
  button('cut', 100, 'Cut the broker'),
  button('bring-back', 150, 'Bring it back'),
  node('tour-order', 'function', 340, 130, {
    name: 'which order',
    func: orderFunction,
    outputs: 1,
    wires: [['tour-send-order']],
  }),
  node('tour-send-order', 'http request', 530, 130, {
    name: 'to npm start',
    method: 'POST',
    ret: 'obj',
    url: '',
    wires: [['tour-remember']],
  }),
  node('tour-remember', 'function', 710, 130, {
    name: 'remember',
    func: rememberFunction,
    outputs: 1,
    wires: [['tour-order-answer']],
  }),
  node('tour-order-answer', 'http response', 710, 190, { name: '', wires: [] }),
]

const figuresFunction = `msg.payload = { broker: flow.get('broker') || 'there', ...flow.get('figures') }
return msg
`

function figuresPage(html: string): Flow {
  return [
    node('tour-page', 'http in', 130, 640, {
      name: '',
      url: '/tour',
      method: 'get',
      wires: [['tour-html']],
    }),
    node('tour-html', 'template', 350, 640, {
      name: 'page',
      field: 'payload',
      fieldType: 'msg',
      format: 'html',
      syntax: 'plain',
      template: html,
      output: 'str',
      wires: [['tour-answer']],
    }),
    node('tour-figures', 'http in', 150, 700, {
      name: '',
      url: '/tour/figures',
      method: 'get',
      wires: [['tour-read-figures']],
    }),
    node('tour-read-figures', 'function', 350, 700, {
      name: 'figures',
      func: figuresFunction,
      outputs: 1,
      wires: [['tour-answer']],
    }),
    node('tour-page-order', 'http in', 130, 200, {
      name: '',
      url: '/tour/:order',
      method: 'post',
      wires: [['tour-order']],
    }),
    node('tour-answer', 'http response', 710, 640, { name: '', wires: [] }),
  ]
}

function button(order: string, y: number, name: string): FlowNode {
  return node(`tour-${order}`, 'inject', 140, y, {
    name,
    props: [{ p: 'topic', vt: 'str' }],
    topic: order,
    repeat: '',
    once: false,
    wires: [['tour-order']],
  })
}

function node(
  id: string,
  type: string,
  x: number,
  y: number,
  fields: Readonly<Record<string, unknown>>,
): FlowNode {
  return { id, type, z: tab, x, y, ...fields }
}
