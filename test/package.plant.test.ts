/**
 * The package as a user gets it: packed, installed into an empty user directory, loaded by a plain
 * Node-RED, removed and installed again. Nothing of the checkout is on the way but the tarball.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import should from 'should'
import { EmbeddedBroker } from '../tools/common/embedded-broker.js'
import { NodeRedProcess } from '../tools/common/node-red-process.js'
import { freePort } from '../tools/common/ports.js'
import { checkout, type FlowNode, prepareUserDir } from '../tools/common/user-dir.js'
import { filesBelow, textOf } from './house/sources.js'
import { Arrivals } from './world/arrivals.js'
import { InstalledPackage } from './world/installed-package.js'

const name = '@holdfast/node-red-resilience'
const types = ownTypes()

describe('the packed package', function () {
  this.timeout(180_000)

  let installed: InstalledPackage
  let broker: EmbeddedBroker
  let nodeRed: NodeRedProcess
  const heard = new Arrivals<string>()
  const shown = new Arrivals<Shown>()
  const logged = new Arrivals<string>()

  before(async () => {
    broker = await EmbeddedBroker.open(await freePort(), (topic) => {
      if (topic === 'example/line-1') heard.add(topic)
    })
    await broker.cut()
    installed = await InstalledPackage.make()
    prepareUserDir(installed.userDir)
    nodeRed = await started()
  })

  after(async () => {
    await nodeRed?.stop()
    await broker?.close()
    installed?.clear()
  })

  it('holds what Node-RED loads', () => {
    const files = installed.packed
    for (const path of ['package.json', 'LICENSE', 'README.md']) files.should.containEql(path)
    for (const type of types) {
      const room = `dist/nodes/${type}`
      for (const path of [`${type}.js`, `${type}.html`, `locales/en-US/${type}.json`])
        files.should.containEql(`${room}/${path}`)
    }
  })

  it('holds no test, tool, build script, declaration or source map', () => {
    const unwanted = /(^|\/)(test|tools|src\/build)\/|\.d\.ts$|\.map$|\.tsbuildinfo$|(?<!\.d)\.ts$/
    installed.packed.filter((path) => unwanted.test(path)).should.eql([])
  })

  it('installs without a native module or an install script', async () => {
    const modules = join(installed.userDir, 'package-lock.json')
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

  it('offers every example in the Import dialog', async () => {
    for (const path of exampleFiles) {
      const offered = path.replace(/^examples/, name).replace(/\.json$/, '')
      const flow = await json(nodeRed, `/library/examples/flows/${encodeURI(offered)}`)
      should(flow).eql(JSON.parse(textOf(path)))
    }
  })

  it('deploys all examples at once, and lacks no type for any', async () => {
    const at = logged.all.length
    await nodeRed.deploy(exampleFiles.flatMap((path) => prepared(path, broker.port)))
    const since = () => logged.all.slice(at)
    while (!since().some((line) => line.includes('Started flows')))
      await logged.nth(logged.all.length)
    since()
      .filter((line) => /missing types|\[error\]/i.test(line))
      .should.eql([])
  })

  it('leaves the flows and what is stored as they are when it is removed', async () => {
    await nodeRed.inject('mqtt-out-ten')
    while ((await waiting()) < 10);
    await nodeRed.stop()
    const before = installed.ownFiles()
    await installed.remove(name)
    installed.ownFiles().should.eql(before)
    Object.keys(before).should.containDeep(['flows.json', 'settings.js'])
    Object.keys(before)
      .join()
      .should.match(/resilience\/mqtt-out-out\/[\w-]+\.seg/)
  })

  it('goes on with what was stored when it is back', async () => {
    await installed.install()
    await broker.bringBack()
    nodeRed = await started()
    await heard.first(10)
  })

  async function started(): Promise<NodeRedProcess> {
    const { userDir } = installed
    const onReport = (line: string) => shown.add(JSON.parse(line))
    const onLog = (line: string) => logged.add(line)
    return NodeRedProcess.start({ userDir, port: await freePort(), onReport, onLog })
  }

  /** Messages that the example of the node for MQTT keeps, as its button Peek tells. */
  async function waiting(): Promise<number> {
    const before = peeked().length
    await nodeRed.inject('mqtt-out-peek')
    while (peeked().length === before) await shown.nth(shown.all.length)
    return peeked().at(-1)?.result?.length ?? 0
  }

  const peeked = () => shown.all.filter(({ command }) => command === 'peek')
})

interface Shown {
  readonly command?: string
  readonly result?: readonly unknown[]
}

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

const exampleFiles = filesBelow('examples')

/** With this broker's port, pressed by the test alone, and reports in place of debug nodes. */
function prepared(path: string, port: number): FlowNode[] {
  const flow: FlowNode[] = JSON.parse(
    textOf(path).replaceAll(/(?<=127\.0\.0\.1:|"port": ")1883/g, `${port}`),
  )
  return flow.map((node) => {
    if (node.type === 'inject') return { ...node, repeat: '' }
    if (node.type !== 'debug') return node
    const func = "global.get('report')(JSON.stringify(msg.resilience?.answer ?? {}))"
    return { ...node, type: 'function', func, outputs: 0, libs: [] }
  })
}

function ownTypes(): string[] {
  const manifest: { 'node-red': { nodes: Record<string, string> } } = JSON.parse(
    readFileSync(join(checkout, 'package.json'), 'utf8'),
  )
  return Object.keys(manifest['node-red'].nodes)
}
