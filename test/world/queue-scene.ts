/**
 * A flow with persistent queues for a real Node-RED, fed and asked over HTTP. Messages are
 * numbered and have a lane; what becomes of them is reported, and judged elsewhere.
 */

import type { NodeRedProcess } from '../../tools/common/node-red-process.js'
import type { Flow, FlowNode } from '../../tools/common/user-dir.js'

export const lanes = 10

/** A tab with one queue: `POST /<key>/feed`, `POST /<key>/order`, and this work behind it. */
export interface QueueScene {
  /** Letters; names the tab. */
  readonly key: string
  readonly queue?: object
  /** The nodes behind the queue, wired one after another; the last reports each message. */
  readonly work: readonly FlowNode[]
}

/** A statement that reports that a message has come to the end of its chain. */
export const report = (key: string): string =>
  `{
  const { n, lane, resilience: { attempt = 0 } = {} } = msg
  global.get('report')(['got', '${key}', n, lane, attempt].join(' '))
}
`

const feedFunction = `const { from, to } = msg.payload
for (let n = from; n <= to; n++) {
  node.send([{ n, lane: n % ${lanes}, payload: 'x'.repeat(200) }, null])
}
return [null, msg]
`

export function sceneFlow({ key, queue = {}, work }: QueueScene): Flow {
  const at = { z: key, x: 100, y: 100 }
  const id = (name: string) => `${key}-${name}`
  const wired = work.map((each, i) => {
    const next = work[i + 1]?.id
    return { ...at, wires: [next === undefined ? [] : [next]], ...each }
  })
  const [first] = work
  return [
    { id: key, type: 'tab', label: key },
    {
      ...at,
      ...{ id: id('in'), type: 'http in', url: `/${key}/feed`, method: 'post' },
      wires: [[id('feed')]],
    },
    {
      ...{ ...at, id: id('feed'), type: 'function', func: feedFunction, outputs: 2 },
      wires: [[id('queue')], [id('fed')]],
    },
    { ...at, id: id('fed'), type: 'http response', wires: [] },
    {
      ...{ ...at, id: id('ask'), type: 'http in', url: `/${key}/order`, method: 'post' },
      wires: [[id('order')]],
    },
    {
      ...{ ...at, id: id('order'), type: 'function', outputs: 1 },
      func: 'return { req: msg.req, res: msg.res, resilience: msg.payload }',
      wires: [[id('queue')]],
    },
    {
      ...{ ...at, id: id('queue'), type: 'persistent-queue', backoffJitter: '0%', ...queue },
      wires: [first === undefined ? [] : [first.id], [id('aside')]],
    },
    {
      ...at,
      id: id('aside'),
      type: 'switch',
      property: 'resilience.answer',
      propertyType: 'msg',
      rules: [{ t: 'nnull' }, { t: 'else' }],
      checkall: 'true',
      outputs: 2,
      wires: [[id('answer')], [id('lost')]],
    },
    { ...at, id: id('answer'), type: 'http response', wires: [] },
    {
      ...{ ...at, id: id('lost'), type: 'function', outputs: 1, wires: [[]] },
      func: `global.get('report')(['aside', '${key}', msg.n, msg.resilience.reason].join(' '))`,
    },
    {
      ...{ ...at, id: id('done'), type: 'complete', scope: [id('queue')] },
      wires: [[id('accepted')]],
    },
    {
      ...{ ...at, id: id('accepted'), type: 'function', outputs: 1, wires: [[]] },
      func: `if (msg.n) global.get('report')(['accepted', '${key}', msg.n].join(' '))`,
    },
    ...wired,
  ]
}

export interface QueueFigures {
  readonly waiting: number
  readonly out: number
  readonly balance: {
    readonly accepted: number
    readonly delivered: number
    readonly dropped: Readonly<Record<string, number>>
  }
}

export async function feed(nodeRed: NodeRedProcess, key: string, to: number): Promise<void> {
  await post(nodeRed, `/${key}/feed`, { from: 1, to })
}

export async function order(nodeRed: NodeRedProcess, key: string, fields: object) {
  return (await post(nodeRed, `/${key}/order`, fields)) as QueueFigures
}

async function post(nodeRed: NodeRedProcess, path: string, body: object): Promise<unknown> {
  const answer = await nodeRed.fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
  return answer.json()
}
