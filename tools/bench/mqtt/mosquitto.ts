/**
 * A mosquitto on a free port for the bench, as it is installed but for one thing: acknowledgements
 * go out at once instead of waiting for each other in the kernel. Where there is none, it says so.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { freePort, loopback } from '../../common/ports.js'

export interface Mosquitto {
  readonly port: number
  stop(): Promise<void>
}

/** Undefined when it is not installed. */
export function programPath(name: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  return directories.map((path) => join(path, name)).find(existsSync)
}

/** Undefined when it is not installed. */
export async function startMosquitto(directory: string): Promise<Mosquitto | undefined> {
  const program = programPath('mosquitto')
  if (program === undefined) return undefined
  const port = await freePort()
  const file = join(directory, 'mosquitto.conf')
  const listener = [`listener ${port} ${loopback}`, 'allow_anonymous true']
  // Started by root it would become a user who may not read the file.
  const lines = [...listener, 'user root', 'set_tcp_nodelay true']
  writeFileSync(file, `${lines.join('\n')}\n`)
  const child = spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      said += String(chunk)
      if (said.includes(' running')) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`mosquitto did not start: ${said}`)))
  })
  const stop = async () => {
    process.off('exit', kill)
    const gone = once(child, 'exit')
    kill()
    await gone
  }
  return { port, stop }
}
