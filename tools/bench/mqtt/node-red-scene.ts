/**
 * A Node-RED of its own with one flow: the source, core `mqtt out` or our node, and a Complete node
 * that tells the source of every message that is done. Both kinds get the same flow and keep all
 * their defaults. It leaves no process behind.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NodeRedProcess } from '../../common/node-red-process.js'
import { freePort } from '../../common/ports.js'
import { checkout, type Flow, type FlowNode, prepareUserDir } from '../../common/user-dir.js'
import type { Child } from './child.js'
import type { Figures } from './client-child.js'
import type { Arrived } from './perfect-broker.js'
import type { Spent } from './source-node.js'
import { topic } from './workload.js'

export type Publisher = 'core' | 'ours'

export class NodeRedScene {
  readonly #nodeRed: NodeRedProcess

  private constructor(nodeRed: NodeRedProcess) {
    this.#nodeRed = nodeRed
  }

  static async open(directory: string, publisher: Publisher, port: number): Promise<NodeRedScene> {
    const packages = [writePackage(directory), checkout]
    prepareUserDir(directory, { packages, flows: flow(publisher, port) })
    return new NodeRedScene(
      await NodeRedProcess.start({ userDir: directory, port: await freePort() }),
    )
  }

  /** From the first of so many messages that reaches the broker to the last. */
  async measure(broker: Child, count: number): Promise<Figures> {
    const arrived = broker.ask<Arrived>(count)
    await this.#fetch(`/start?count=${count}`)
    const { tookMs } = await arrived
    const { cpuMicros, worstDelayMs } = await this.#fetch<Spent>('/spent')
    return { perSecond: (count / tookMs) * 1000, cpuMicros: cpuMicros / count, worstDelayMs }
  }

  async close(): Promise<void> {
    await this.#nodeRed.kill()
  }

  async #fetch<T>(path: string): Promise<T> {
    const answer = await this.#nodeRed.fetch(path)
    return JSON.parse(await answer.text()) as T
  }
}

function flow(publisher: Publisher, port: number): Flow {
  const publish = { topic, qos: '1', broker: 'broker' }
  return [
    { id: 'tab', type: 'tab', label: 'Bench' },
    ...(publisher === 'core'
      ? [coreBroker(port), node('out', 'mqtt out', [], publish)]
      : [ourBroker(port), node('out', 'resilient-mqtt-out', [], publish)]),
    node('source', 'bench-source', [['out']]),
    node('done', 'complete', [['source']], { scope: ['out'] }),
  ]
}

const node = (id: string, type: string, wires: string[][], more: object = {}): FlowNode => {
  return { id, type, z: 'tab', x: 100, y: 100, wires, ...more }
}

const coreBroker = (port: number): FlowNode => ({
  ...{ id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: String(port) },
  ...{ clientid: '', autoConnect: true, usetls: false, protocolVersion: '4', keepalive: '60' },
  ...{ cleansession: true, autoUnsubscribe: true },
})

const ourBroker = (port: number): FlowNode => {
  return { id: 'broker', type: 'resilient-mqtt-broker', servers: `mqtt://127.0.0.1:${port}` }
}

function writePackage(below: string): string {
  const directory = join(below, 'package')
  mkdirSync(directory, { recursive: true })
  const nodes = { source: 'source.js' }
  const manifest = { name: 'bench-source', version: '1.0.0', 'node-red': { nodes } }
  const compiled = JSON.stringify(join(__dirname, 'source-node.js'))
  const html = `<script>RED.nodes.registerType('bench-source', { defaults: {} })</script>`
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(directory, 'source.js'), `module.exports = require(${compiled}).sourceNode\n`)
  writeFileSync(join(directory, 'source.html'), html)
  return directory
}
