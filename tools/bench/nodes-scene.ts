/**
 * A Node-RED of its own for the nodes bench: ten nodes that pass messages on, a sink, and an HTTP
 * door to the runner inside. It measures nothing itself and leaves no process behind.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NodeRedProcess } from '../common/node-red-process.js'
import { freePort } from '../common/ports.js'
import { type Flow, prepareUserDir } from '../common/user-dir.js'
import type { NodesCase } from './nodes-runtime.js'

const passing = 10
const types = ['pass', 'sink', 'never', 'source', 'run'].map((name) => `bench-${name}`)

export class NodesScene {
  readonly #nodeRed: NodeRedProcess

  private constructor(nodeRed: NodeRedProcess) {
    this.#nodeRed = nodeRed
  }

  static async open(directory: string): Promise<NodesScene> {
    const packages = [writePackage(directory)]
    prepareUserDir(directory, { packages, flows: flow() })
    return new NodesScene(
      await NodeRedProcess.start({ userDir: directory, port: await freePort() }),
    )
  }

  async measure(what: NodesCase, messages: number): Promise<number> {
    const headers = { 'Content-Type': 'application/json' }
    const body = JSON.stringify({ what, messages })
    const answer = await this.#nodeRed.fetch('/measure', { method: 'POST', headers, body })
    const { figure }: { figure?: unknown } = JSON.parse(await answer.text())
    if (typeof figure !== 'number') throw new Error(`${what} was not measured`)
    return figure
  }

  async close(): Promise<void> {
    await this.#nodeRed.kill()
  }
}

function flow(): Flow {
  const node = (id: string, type: string, wires: string[][], more: object = {}) => {
    return { id, type, z: 'tab', x: 100, y: 100, wires, ...more }
  }
  const chain = Array.from({ length: passing }, (_, at) =>
    node(`pass${at}`, 'bench-pass', [[at + 1 < passing ? `pass${at + 1}` : 'sink']]),
  )
  return [
    { id: 'tab', type: 'tab', label: 'Bench' },
    node('door', 'http in', [['run']], { url: '/measure', method: 'post' }),
    node('run', 'bench-run', [['answer']]),
    node('answer', 'http response', []),
    node('source', 'bench-source', [['pass0'], ['never']]),
    node('never', 'bench-never', []),
    node('sink', 'bench-sink', []),
    ...chain,
  ]
}

function writePackage(below: string): string {
  const directory = join(below, 'package')
  mkdirSync(directory, { recursive: true })
  const nodes = { bench: 'bench.js' }
  const manifest = { name: 'bench-nodes', version: '1.0.0', 'node-red': { nodes } }
  const compiled = JSON.stringify(join(__dirname, 'nodes-runtime.js'))
  const html = types.map((type) => `RED.nodes.registerType('${type}', { defaults: {} })`)
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(directory, 'bench.js'), `module.exports = require(${compiled}).benchNodes\n`)
  writeFileSync(join(directory, 'bench.html'), `<script>${html.join('\n')}</script>`)
  return directory
}
