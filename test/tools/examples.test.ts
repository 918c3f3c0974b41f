/**
 * The example flows and the tour as data: they parse, use only node types that Node-RED or this
 * package has, are wired to nodes that exist, and tell what to press. They are not run here.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import should from 'should'
import { checkout, type Flow, type FlowNode } from '../../tools/common/user-dir.js'
import { environment, tourFlow } from '../../tools/start/tour.js'

const known = new Set([...typesOfNodeRed(), ...typesOfThisPackage(), 'tab', 'group', 'subflow'])
const configTypes = new Set([
  ...['tab', 'mqtt-broker', 'resilient-mqtt-broker', 'resilience-store', 'tls-config'],
  'websocket-listener',
])

const directory = join(checkout, 'examples')
const examples = filesUnder(directory, '.json')

describe('the list of known node types', () => {
  it('holds those of Node-RED and no others', () => {
    known.has('mqtt out').should.be.true()
    known.has('mqtt outt').should.be.false()
  })
})

for (const path of examples) isImportable(`example "${basename(path, '.json')}"`, () => read(path))
isImportable('the flow of the tour', tourFlow)

describe('the tour', () => {
  const flow = tourFlow()

  it('shares no id with the example it is made from', () => {
    const ids = new Set(
      read(join(directory, '01 Survive a broker outage.json')).map(({ id }) => id),
    )
    flow.filter(({ id }) => ids.has(id)).should.eql([])
  })

  it('takes every address from the environment', () => {
    const text = JSON.stringify(flow)
    const variables = environment(1883, 'http://127.0.0.1:1')
    for (const name of Object.keys(variables)) text.should.containEql(name)
    text.should.not.containEql('1883')
  })

  it('has the two buttons', () => {
    const names = flow.filter(({ type }) => type === 'inject').map((node) => node['name'])
    names.should.containDeep(['Cut the broker', 'Bring it back'])
  })
})

describe('examples of this package', () => {
  it('show every node that can be dragged', () => {
    const shown = new Set(examples.flatMap(read).map(({ type }) => type))
    typesOfThisPackage()
      .filter((type) => !shown.has(type))
      .should.eql([])
  })
})

function isImportable(name: string, load: () => Flow): void {
  describe(name, () => {
    it('uses only types that exist', () => {
      load()
        .filter(({ type }) => !known.has(type))
        .should.eql([])
    })

    it('gives every node on the canvas a place', () => {
      for (const node of onCanvas(load())) {
        should(node['x']).be.a.Number()
        should(node['y']).be.a.Number()
      }
    })

    it('is wired and configured with nodes of its own', () => {
      const flow = load()
      const ids = new Set(flow.map(({ id }) => id))
      ids.size.should.equal(flow.length)
      const references = flow.flatMap((node) => [node['wires'], node['scope'], node['z']].flat(3))
      const brokers = flow
        .filter(({ type }) => /^(resilient-)?mqtt[ -](in|out)$/.test(type))
        .map((node) => node['broker'])
      for (const id of [...references, ...brokers].filter((each) => each != null))
        ids.has(String(id)).should.be.true(`${id} is no node of this flow`)
    })

    it('says in a comment what to press and see', () => {
      const comments = load().filter(({ type }) => type === 'comment')
      comments.length.should.equal(1)
      String(comments[0]?.['info']).should.match(/\.\s|\.$/)
    })

    it('holds functions that compile', () => {
      for (const node of load().filter(({ type }) => type === 'function'))
        new Function('msg', 'node', 'context', 'flow', 'global', 'env', 'RED', String(node['func']))
    })
  })
}

function onCanvas(flow: Flow): FlowNode[] {
  return flow.filter(({ type }) => !configTypes.has(type))
}

function read(path: string): FlowNode[] {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function typesOfNodeRed(): string[] {
  const nodeRed = dirname(require.resolve('node-red/package.json'))
  const nodes = dirname(require.resolve('@node-red/nodes/package.json', { paths: [nodeRed] }))
  return filesUnder(join(nodes, 'core'), '.html').flatMap((path) => {
    const matches = readFileSync(path, 'utf8').matchAll(/registerType\(\s*["']([^"']+)["']/g)
    return [...matches].map((match) => match[1] ?? '')
  })
}

function typesOfThisPackage(): string[] {
  const text = readFileSync(join(checkout, 'package.json'), 'utf8')
  const manifest: { 'node-red': { nodes: Record<string, string> } } = JSON.parse(text)
  return Object.keys(manifest['node-red'].nodes)
}

function filesUnder(directory: string, ending: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes(`${join('core', 'locales')}`))
}
