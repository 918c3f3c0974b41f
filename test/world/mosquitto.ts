/**
 * A real mosquitto on a free loopback port, with its files in a directory of its own. It can be
 * killed, frozen and started again on the same port. It refuses to pretend: without mosquitto a
 * test is pending and says how to get it, and fails where everything must be there.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Context } from 'mocha'
import type { Server } from '../../src/mqtt/wire.js'
import { freePort, loopback } from '../../tools/common/ports.js'

/** The path of a program. Without it the test is pending, or fails where CI=true. */
export function programFor(test: Context, name: string, howToGet: string): string {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  const path = directories.map((directory) => join(directory, name)).find(existsSync)
  if (path !== undefined) return path
  const text = `${name} is not installed; get it with: ${howToGet}`
  if (process.env['CI'] === 'true') throw new Error(text)
  console.log(`      pending: ${text}`)
  return test.skip()
}

export interface MosquittoOptions {
  /** Lines of its configuration besides listener and user. */
  readonly lines?: readonly string[]
  /** Who may log in; anybody when absent. */
  readonly users?: Readonly<Record<string, string>>
  /** Lines of its access list; everything is allowed when absent. */
  readonly access?: readonly string[]
}

export class Mosquitto {
  readonly server: Server
  readonly #program: string
  readonly #directory: string
  #child: ChildProcess | undefined

  private constructor(program: string, directory: string, server: Server) {
    this.#program = program
    this.#directory = directory
    this.server = server
  }

  static async start(test: Context, options: MosquittoOptions = {}): Promise<Mosquitto> {
    const program = programFor(test, 'mosquitto', 'apt-get install mosquitto')
    const port = await freePort()
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-mosquitto-'))
    configure(directory, port, options)
    const server = { scheme: 'mqtt', host: loopback, port, path: '' } as const
    const broker = new Mosquitto(program, directory, server)
    try {
      await broker.start()
    } catch (error) {
      await broker.stop()
      throw error
    }
    return broker
  }

  /** Resolves when it accepts connections. */
  async start(): Promise<void> {
    const child = spawn(this.#program, ['-c', join(this.#directory, 'conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    let said = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk) => {
        said += String(chunk)
        if (said.includes(' running')) resolve()
      })
      child.once('error', reject)
      child.once('exit', () => reject(new Error(`mosquitto did not start: ${said}`)))
    })
  }

  /** It stops in the middle of whatever it does, and its sockets stay open. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Other users or another access list from now on; those who are connected may stay. */
  change(options: MosquittoOptions): void {
    configure(this.#directory, this.server.port, options)
    this.#child?.kill('SIGHUP')
  }

  /** Ends it without a goodbye. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

function configure(directory: string, port: number, options: MosquittoOptions): void {
  const { lines = [], users, access } = options
  const all = [`listener ${port} ${loopback}`, 'user root', ...lines]
  if (users === undefined) all.push('allow_anonymous true')
  else {
    const file = join(directory, 'passwords')
    const text = Object.entries(users).map(([user, password]) => `${user}:${password}\n`)
    writeFileSync(file, text.join(''), { mode: 0o600 })
    execFileSync('mosquitto_passwd', ['-U', file])
    all.push('allow_anonymous false', `password_file ${file}`)
  }
  if (access !== undefined) {
    writeFileSync(join(directory, 'access'), `${access.join('\n')}\n`, { mode: 0o600 })
    all.push(`acl_file ${join(directory, 'access')}`)
  }
  writeFileSync(join(directory, 'conf'), `${all.join('\n')}\n`)
}
