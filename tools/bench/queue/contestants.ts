/**
 * What is measured between a source and a sink: our queue with different settings, and what people
 * have today, each wired and set as its makers advise. Types and flows only.
 */

import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { Flow, FlowNode } from '../../common/user-dir.js'
import type { SourceForm } from './runtime.js'

export interface Contestant {
  readonly name: string
  /** The nodes in between, wired one after another; none for a bare wire. */
  readonly nodes: readonly FlowNode[]
  readonly source?: Omit<SourceForm, 'contestant'>
  /** Nothing comes out of it that a sink could count. */
  readonly hasNoSink?: boolean
}

const order = (command: string) => ({ resilience: { command } })

/** Our queue; limits are out of the way. */
export function ours(name: string, settings: object): Contestant {
  const limits = { maxMessages: '10000000', maxSize: '10GB', freeDisk: '0%', warnMessages: 'off' }
  const node = { id: `${name}-node`, type: 'persistent-queue', ...limits, ...settings }
  return {
    name,
    nodes: [node],
    source: { hold: order('pause'), go: order('resume'), tells: true },
  }
}

export const wire: Contestant = { name: 'wire', nodes: [] }

/** One message a day, until it is flushed; for passing on, a millisecond each. */
export const delays: readonly Contestant[] = [
  { name: 'delay', nodes: [delay('delay-node', { pauseType: 'delay' })] },
  {
    name: 'delay-rate',
    nodes: [delay('delay-rate-node', { pauseType: 'rate' })],
    source: { go: { flush: true } },
  },
]

function delay(id: string, more: object): FlowNode {
  return {
    ...{ id, type: 'delay', timeout: '1', timeoutUnits: 'milliseconds', rate: '1' },
    ...{ nbRateUnits: '1', rateUnits: 'day', randomFirst: '1', randomLast: '5' },
    ...{ randomUnits: 'seconds', drop: false, allowrate: false, outputs: 1, ...more },
  }
}

/** `store`: name of a context store. */
export function gate(name: string, store: string): Contestant {
  const commands = ['open', 'close', 'toggle', 'queue', 'default', 'trigger', 'flush', 'reset']
  const node = {
    ...{ id: `${name}-node`, type: 'q-gate', controlTopic: 'control', defaultState: 'open' },
    ...Object.fromEntries(commands.map((command) => [`${command}Cmd`, command])),
    ...{ peekCmd: 'peek', dropCmd: 'drop', statusCmd: 'status', maxQueueLength: 0 },
    ...{ keepNewest: false, qToggle: false, persist: store !== 'memory', storeName: store },
  }
  const control = (payload: string) => ({ topic: 'control', payload })
  return { name, nodes: [node], source: { hold: control('queue'), go: control('open') } }
}

/** Where the package of the gate is, if it is installed. */
export function gatePackage(): string | undefined {
  try {
    return dirname(createRequire(__filename).resolve('node-red-contrib-queue-gate/package.json'))
  } catch {
    return undefined
  }
}

/** A function and core `mqtt out`, with a queue in between or none. */
export function publishing(name: string, queue: Contestant | undefined): Contestant {
  const work = { id: `${name}-function`, type: 'function', outputs: 1, func: 'return msg' }
  const out = { id: `${name}-out`, type: 'mqtt out', topic: 'bench', qos: '1', broker: 'broker' }
  return { name, nodes: [work, ...(queue?.nodes ?? []), out], hasNoSink: true }
}

export const broker = (port: number): FlowNode => ({
  ...{ id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: String(port) },
  ...{ clientid: '', autoConnect: true, usetls: false, protocolVersion: '4', keepalive: '60' },
  ...{ cleansession: true, autoUnsubscribe: true },
})

/** One tab each, and what they share. */
export function flowOf(contestants: readonly Contestant[], configs: Flow): Flow {
  return [...configs, ...contestants.flatMap(tabOf)]
}

function tabOf({ name, nodes, source = {}, hasNoSink }: Contestant): Flow {
  const at = { z: name, x: 100, y: 100 }
  const id = (part: string) => `${name}-${part}`
  const chain = [...nodes, ...(hasNoSink ? [] : [sinkOf(name)])]
  const [first] = chain
  // What takes a message is the last that stands before the wire to somebody else.
  const taker = nodes.find(({ type }) => type === 'persistent-queue') ?? nodes.at(-1)
  return [
    { id: name, type: 'tab', label: name },
    {
      ...{ ...at, id: id('source'), type: 'bench-source', contestant: name, ...source },
      wires: [[first?.id], [nodes[0]?.id].filter((each) => each !== undefined)],
    },
    ...chain.map((node, n) => ({ ...at, ...node, wires: wiresFrom(chain[n + 1]?.id) })),
    ...(taker === undefined
      ? []
      : [
          {
            ...{ ...at, id: id('taken'), type: 'complete', scope: [taker.id] },
            wires: [[id('source')]],
          },
        ]),
  ]
}

const sinkOf = (name: string): FlowNode => ({
  ...{ id: `${name}-sink`, type: 'bench-sink', contestant: name },
})

const wiresFrom = (next: string | undefined): string[][] => (next === undefined ? [[]] : [[next]])
