/**
 * A Node-RED of its own for some of the contestants: those of one process see each other's hooks.
 * It measures nothing itself and leaves no process behind.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NodeRedProcess } from '../../common/node-red-process.js'
import { freePort } from '../../common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../common/user-dir.js'
import { type Contestant, flowOf } from './contestants.js'
import type { Measure } from './runtime.js'

const settings = {
  contextStorage: {
    default: { module: 'memory' },
    memory: { module: 'memory' },
    file: { module: 'localfilesystem' },
  },
}

export interface SceneOptions {
  readonly directory: string
  readonly contestants: readonly Contestant[]
  /** Of nodes besides core's and ours. */
  readonly packages?: readonly string[]
  readonly configs?: Flow
}

export class QueueScene {
  readonly #nodeRed: NodeRedProcess

  private constructor(nodeRed: NodeRedProcess) {
    this.#nodeRed = nodeRed
  }

  static async open(options: SceneOptions): Promise<QueueScene> {
    const { directory: userDir, contestants, packages = [], configs = [] } = options
    const all = [writePackage(userDir), checkout, ...packages]
    prepareUserDir(userDir, { packages: all, flows: flowOf(contestants, configs), settings })
    return new QueueScene(await NodeRedProcess.start({ userDir, port: await freePort() }))
  }

  /** Messages a second. */
  async measure(contestant: string, what: Measure, count: number): Promise<number> {
    const query = `contestant=${contestant}&what=${what}&count=${count}`
    const text = await this.ask(`/measure?${query}`)
    return Number((JSON.parse(text) as { readonly figure: number }).figure)
  }

  /** The text behind a path; throws where that is not answered with 200. */
  async ask(path: string): Promise<string> {
    const answer = await this.#nodeRed.fetch(path)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${text}`)
    return text
  }

  async close(): Promise<void> {
    await this.#nodeRed.kill()
  }
}

function writePackage(below: string): string {
  const directory = join(below, 'package')
  mkdirSync(directory, { recursive: true })
  const manifest = { name: 'bench-queue', version: '1.0.0', 'node-red': { nodes: { q: 'q.js' } } }
  const compiled = JSON.stringify(join(__dirname, 'runtime.js'))
  const types = ['bench-source', 'bench-sink']
  const html = types.map((type) => `RED.nodes.registerType('${type}', { defaults: {} })`)
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(directory, 'q.js'), `module.exports = require(${compiled}).queueBench\n`)
  writeFileSync(join(directory, 'q.html'), `<script>${html.join('\n')}</script>`)
  return directory
}
