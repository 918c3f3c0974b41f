/**
 * A Node-RED user directory made ready by a program: settings, flows and links to packages of
 * this computer. It writes flows only where it is told to, installs nothing, and never touches a
 * directory that somebody uses for real work.
 */

import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** A node of a flow file. */
export type FlowNode = Readonly<Record<string, unknown>> & {
  readonly id: string
  readonly type: string
}
export type Flow = readonly FlowNode[]

export interface UserDirContent {
  readonly flows?: Flow
  /** Directories of packages that Node-RED shall find as if they were installed. */
  readonly packages?: readonly string[]
  /** Added to, and winning over, the settings below. */
  readonly settings?: Readonly<Record<string, unknown>>
}

/** The checkout that this program was built from. */
export const checkout = resolve(__dirname, '..', '..', '..')

/** Local only, nothing asked of a person at the first start, nothing fetched. */
const quietSettings = {
  uiHost: '127.0.0.1',
  flowFile: 'flows.json',
  lang: 'en-US',
  credentialSecret: 'not a secret: this directory is for trying out',
  telemetry: { enabled: false, updateNotification: false },
  externalModules: { autoInstall: false },
  editorTheme: { tours: false, projects: { enabled: false } },
  /** Core `mqtt out` would otherwise wait 15 s before each new attempt. */
  mqttReconnectTime: 1000,
  logging: { console: { level: 'info', metrics: false, audit: false } },
}

export function prepareUserDir(userDir: string, content: UserDirContent = {}): void {
  mkdirSync(userDir, { recursive: true })
  writeFileSync(join(userDir, 'settings.js'), settingsText(content.settings ?? {}))
  if (content.flows !== undefined) writeFlows(userDir, content.flows)
  const packages = content.packages ?? []
  if (packages.length === 0) return
  const names = packages.map((directory) => linkPackage(userDir, directory))
  const dependencies = Object.fromEntries(names.map((name) => [name, '*']))
  writeJson(join(userDir, 'package.json'), { name: 'user-dir', private: true, dependencies })
}

export function writeFlows(userDir: string, flows: Flow): void {
  writeJson(join(userDir, 'flows.json'), flows)
}

/**
 * `report` carries lines from function nodes to the program that started Node-RED: a write to
 * this pipe is in the kernel when it returns, so what was reported outlives a `kill -9`.
 * The end of standard input means that that program is gone, whatever ended it.
 */
function settingsText(settings: Readonly<Record<string, unknown>>): string {
  return `// Written at every start; changes made here are lost.
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM')).resume()
module.exports = {
  ...${JSON.stringify({ ...quietSettings, ...settings }, null, 2)},
  functionGlobalContext: { report: (text) => process.stdout.write('@' + text + '\\n') },
}
`
}

function linkPackage(userDir: string, directory: string): string {
  const name = packageName(directory)
  const link = join(userDir, 'node_modules', name)
  mkdirSync(dirname(link), { recursive: true })
  rmSync(link, { recursive: true, force: true })
  symlinkSync(directory, link, 'dir')
  return name
}

function packageName(directory: string): string {
  const content: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  if (typeof content === 'object' && content !== null && 'name' in content) {
    if (typeof content.name === 'string') return content.name
  }
  throw new Error(`${directory} holds no named package`)
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
}
