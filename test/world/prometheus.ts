/**
 * A real Prometheus on a free loopback port, with its files in a directory of its own, and its tool
 * promtool. It refuses to pretend: without them a test is pending and says how to get them.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from 'mocha'
import { freePort, loopback } from '../../tools/common/ports.js'
import { programFor } from './mosquitto.js'

const howToGet = 'apt-get install prometheus'

/** What promtool says, and whether it is content. */
export interface Verdict {
  readonly isContent: boolean
  readonly text: string
}

/** Runs promtool in this directory. */
export function promtool(test: Context, directory: string, ...args: string[]): Promise<Verdict> {
  const program = programFor(test, 'promtool', howToGet)
  return new Promise((resolve) => {
    execFile(program, args, { cwd: directory }, (error, stdout, stderr) => {
      resolve({ isContent: error === null, text: `${stdout}${stderr}` })
    })
  })
}

/** One series of an answer. */
export interface Found {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [at: number, value: string]
}

export class Prometheus {
  readonly #child: ChildProcess
  readonly #directory: string
  readonly #url: string

  private constructor(child: ChildProcess, directory: string, url: string) {
    this.#child = child
    this.#directory = directory
    this.#url = url
  }

  /** Resolves when it is ready; `files` lie beside its configuration, which is `prometheus.yml`. */
  static async start(test: Context, files: Readonly<Record<string, string>>): Promise<Prometheus> {
    const program = programFor(test, 'prometheus', howToGet)
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-prometheus-'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
    const address = `${loopback}:${await freePort()}`
    const data = join(directory, 'data')
    const child = spawn(
      program,
      [
        ...[`--config.file=${join(directory, 'prometheus.yml')}`, `--storage.tsdb.path=${data}`],
        `--web.listen-address=${address}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const prometheus = new Prometheus(child, directory, `http://${address}`)
    try {
      await ready(child)
    } catch (error) {
      await prometheus.stop()
      throw error
    }
    return prometheus
  }

  async query(expr: string): Promise<readonly Found[]> {
    const asked = await fetch(`${this.#url}/api/v1/query?query=${encodeURIComponent(expr)}`)
    const { data } = (await asked.json()) as { data?: { result: Found[] } }
    return data?.result ?? []
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

function ready(child: ChildProcess): Promise<void> {
  let said = ''
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (chunk) => {
      said += String(chunk)
      if (said.includes('ready to receive web requests')) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`prometheus did not start: ${said}`)))
  })
}
