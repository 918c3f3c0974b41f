/**
 * The package as a user gets it: packed, installed into an empty user directory, and loaded by a
 * plain Node-RED. Nothing of the checkout is on the way but the tarball.
 */

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import should from 'should'
import { NodeRedProcess } from '../tools/common/node-red-process.js'
import { freePort } from '../tools/common/ports.js'
import { checkout, prepareUserDir } from '../tools/common/user-dir.js'

const run = promisify(execFile)

const name = '@holdfast/node-red-resilience'
const types = ownTypes()

describe('the packed package', function () {
  this.timeout(180_000)

  let directory: string
  let files: string[]
  let nodeRed: NodeRedProcess

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-package-'))
    const { file, paths } = await pack(directory)
    files = paths
    const userDir = join(directory, 'user-dir')
    mkdirSync(userDir)
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', file], {
      cwd: userDir,
    })
    prepareUserDir(userDir)
    nodeRed = await NodeRedProcess.start({ userDir, port: await freePort() })
  })

  after(async () => {
    await nodeRed?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  it('holds what Node-RED loads', () => {
    for (const path of ['package.json', 'LICENSE', 'README.md']) files.should.containEql(path)
    for (const type of types) {
      const room = `dist/nodes/${type}`
      for (const path of [`${type}.js`, `${type}.html`, `locales/en-US/${type}.json`])
        files.should.containEql(`${room}/${path}`)
    }
  })

  it('holds no test, tool, build script, declaration or source map', () => {
    const unwanted = /(^|\/)(test|tools|src\/build)\/|\.d\.ts$|\.map$|\.tsbuildinfo$|(?<!\.d)\.ts$/
    files.filter((path) => unwanted.test(path)).should.eql([])
  })

  it('installs without a native module or an install script', async () => {
    const modules = join(directory, 'user-dir', 'package-lock.json')
    const lock: { packages: Record<string, { hasInstallScript?: boolean }> } = JSON.parse(
      readFileSync(modules, 'utf8'),
    )
    const scripted = Object.entries(lock.packages).filter(([, each]) => each.hasInstallScript)
    scripted.should.eql([])
  })

  it('has every node enabled and without an error', async () => {
    const sets = await ownSets(nodeRed)
    sets
      .flatMap((set) => set.types)
      .sort()
      .should.eql([...types].sort())
    for (const set of sets) {
      set.enabled.should.be.true()
      should(set.err).equal(undefined)
    }
  })

  it('serves an icon for every node', async () => {
    const icons = await json<Record<string, string[]>>(nodeRed, '/icons')
    const own = icons[name] ?? []
    for (const type of types) own.should.containEql(`${type}.svg`)
    for (const file of own) {
      const answer = await nodeRed.fetch(`/icons/${name}/${file}`)
      answer.status.should.equal(200)
      ;(await answer.text()).should.containEql('<svg')
    }
  })

  it('carries dialog and help of every node', async () => {
    const html = await text(nodeRed, '/nodes', 'text/html')
    for (const type of types) {
      html.should.match(new RegExp(`data-template-name=["']${type}["']`))
      html.should.match(new RegExp(`data-help-name=["']${type}["']`))
    }
  })

  it('carries the words of every node', async () => {
    for (const type of types) {
      const words = await json<object>(nodeRed, `/locales/${name}/${type}?lng=en-US`)
      Object.keys(words).should.not.be.empty()
    }
  })

  it('carries the shared widgets', async () => {
    const html = await text(nodeRed, '/plugins', 'text/html')
    html.should.containEql('Resilience')
  })
})

interface NodeSet {
  readonly module: string
  readonly types: readonly string[]
  readonly enabled: boolean
  readonly err?: unknown
}

async function ownSets(nodeRed: NodeRedProcess): Promise<NodeSet[]> {
  const sets = await json<NodeSet[]>(nodeRed, '/nodes')
  return sets.filter((set) => set.module === name)
}

async function text(nodeRed: NodeRedProcess, path: string, accept: string): Promise<string> {
  const answer = await nodeRed.fetch(path, { headers: { Accept: accept } })
  answer.status.should.equal(200, path)
  return answer.text()
}

async function json<T>(nodeRed: NodeRedProcess, path: string): Promise<T> {
  return JSON.parse(await text(nodeRed, path, 'application/json'))
}

/** `--ignore-scripts`: the build has run before the tests, and must not run again beside them. */
async function pack(into: string): Promise<{ file: string; paths: string[] }> {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', into]
  const { stdout } = await run('npm', args, { cwd: checkout, maxBuffer: 16 * 1024 * 1024 })
  const [packed]: { filename: string; files: { path: string }[] }[] = JSON.parse(stdout)
  if (packed === undefined) throw new Error(`npm pack said: ${stdout}`)
  return { file: join(into, packed.filename), paths: packed.files.map(({ path }) => path) }
}

function ownTypes(): string[] {
  const manifest: { 'node-red': { nodes: Record<string, string> } } = JSON.parse(
    readFileSync(join(checkout, 'package.json'), 'utf8'),
  )
  return Object.keys(manifest['node-red'].nodes)
}
