/**
 * The house keeps its plan (design.md, section 2): who may import whom, one door to each foreign
 * thing, nothing too long to read, and a package that says what it needs.
 */

import should from 'should'
import { type Source, sources, targetOf, textOf } from './house/sources.js'

const engine = ['src/base', 'src/policy', 'src/store', 'src/mqtt', 'src/delivery', 'src/probe']
const all = sources('src', 'nodes')
const rooms = new Set(all.map(({ room }) => room))

/** What each room may import besides itself and packages. */
const edges: Readonly<Record<string, readonly string[]>> = {
  'src/base': [],
  'src/policy': ['src/base'],
  'src/store': ['src/base'],
  'src/observe': ['src/base'],
  'src/host': ['src/base'],
  'src/mqtt': ['src/base', 'src/policy'],
  'src/probe': ['src/base', 'src/policy'],
  'src/delivery': ['src/base', 'src/policy', 'src/store', 'src/mqtt'],
  'src/build': [],
  'nodes/common': [
    ...['src/base', 'src/policy', 'src/store', 'src/delivery', 'src/observe', 'src/host'],
  ],
}
const edgesOfRoom = ['nodes/common', ...engine, 'src/observe']

describe('the import edges', () => {
  for (const room of rooms) {
    it(`of ${room} are those of the plan`, () => {
      const allowed = new Set([room, ...(edges[room] ?? edgesOfRoom)])
      const wrong = all
        .filter((source) => source.room === room)
        .flatMap((source) => source.imports.map((specifier) => ({ source, specifier })))
        .filter(({ specifier }) => specifier.startsWith('.'))
        .filter(({ source, specifier }) => !allowed.has(targetOf(source, specifier)))
      wrong.map(({ source, specifier }) => `${source.path}: ${specifier}`).should.eql([])
    })
  }

  it('of one room never lead to another room', () => {
    const isRoom = (name: string) => name.startsWith('nodes/') && name !== 'nodes/common'
    const leaving = all.filter(({ room }) => isRoom(room)).flatMap(leads)
    leaving.filter(({ to, room }) => isRoom(to) && to !== room).should.eql([])
  })
})

const leads = (source: Source) =>
  source.imports.map((specifier) => ({ room: source.room, to: targetOf(source, specifier) }))

/** Types of a server's answers count too, and what tells a socket from other streams. */
const network = [
  ...['src/host/network.ts', 'src/mqtt/transport.ts'],
  ...['nodes/common/admin-answer.ts', 'nodes/common/admin-origin.ts', 'nodes/common/admin.ts'],
  ...['nodes/common/health-routes.ts', 'nodes/common/metric-routes.ts', 'nodes/common/node-red.ts'],
]

/** Who alone may use what. Everything is looked for in the code, not in comments. */
const doors: readonly [what: string, use: RegExp, allowed: (path: string) => boolean][] = [
  ['the mqtt library', /from 'mqtt'|import\('mqtt'\)/, only('src/mqtt/transport.ts')],
  ['WebSocket clients', /(from |import\()'ws'/, only('src/host/network.ts')],
  ['prom-client', /from 'prom-client'|import\('prom-client'\)/, only('src/observe/exposition.ts')],
  ['other computers', /(from |import\()'node:(https?|http2|net|tls|dns)'/, only(...network)],
  ['files', /'(node:)?fs(\/promises)?'/, only('src/host/disk.ts', 'src/build/assemble.ts')],
  [
    'timers and clocks',
    // A Date made from a value reads no clock.
    /\b(setTimeout|setInterval|setImmediate|hrtime|performance|Date\.now|new Date\(\))|node:timers/,
    // A browser has no World.
    only('src/host/clock.ts', 'nodes/sidebar/clock.editor.ts'),
  ],
  [
    'randomness',
    /Math\.random|randomBytes|randomUUID|randomInt|getRandomValues/,
    only('src/host/random.ts'),
  ],
  ['async_hooks', /async_hooks/, (path) => path.startsWith('nodes/')],
  ['Node-RED', /\bRED\b/, (path) => path.startsWith('nodes/')],
  [
    'console, environment and process',
    /\bconsole\b|\bprocess\./,
    (path) => path.startsWith('nodes/') || path.startsWith('src/host/') || isBuild(path),
  ],
  // By name wherever it stands, so that none is renamed or handed on either.
  ['calls that stop the loop', /\w+Sync\b|\bAtomics\b/, isBuild],
  ['other processes', /child_process|worker_threads/, () => false],
]

describe('the doors', () => {
  for (const [what, use, allowed] of doors) {
    it(`to ${what} are used by those only who keep them`, () => {
      const users = all.filter(({ code }) => use.test(code)).map(({ path }) => path)
      users.filter((path) => !allowed(path)).should.eql([])
    })
  }
})

function only(...paths: string[]): (path: string) => boolean {
  return (path) => paths.includes(path)
}

function isBuild(path: string): boolean {
  return path.startsWith('src/build/')
}

describe('every file', () => {
  const files = sources('src', 'nodes', 'test', 'tools')

  it('opens by saying what it is for', () => {
    pathsOf(files, ({ text }) => !/^\/\*\*[\s\S]+?\*\//.test(text)).should.eql([])
  })

  it('has 300 lines at most', () => {
    pathsOf(files, ({ text }) => lines(text).length > 300).should.eql([])
  })

  it('has lines of 100 columns at most, but for texts that cannot be broken', () => {
    const isLong = (line: string) => [...line].length > 100 && [...withoutTexts(line)].length > 80
    const places = files.flatMap(({ path, text }) =>
      lines(text).flatMap((line, at) => (isLong(line) ? [`${path}:${at + 1}`] : [])),
    )
    places.should.eql([])
  })

  it('that starts a Node-RED or a browser to test it says so in its name', () => {
    const starts =
      /'.*\/(node-red-process|editor-page|guarded-plant|queue-(life|lives|scene|works|works-life))\.js'/
    const tests = files.filter(({ path }) => path.endsWith('.test.ts'))
    const misnamed = tests.filter(
      ({ path, text }) => starts.test(text) !== path.endsWith('.plant.test.ts'),
    )
    misnamed.map(({ path }) => path).should.eql([])
  })

  it('has functions of 70 lines at most', () => {
    files.flatMap(longFunctions).should.eql([])
  })

  it('leaves nothing for later', () => {
    pathsOf(files, ({ text }) => /\b(TODO|FIXME|XXX)\b/.test(text) && !isThisFile(text)).should.eql(
      [],
    )
  })

  it('of a room at run time is 120 lines long, a few more at most', () => {
    const isRuntime = ({ room, path }: Source) =>
      room.startsWith('nodes/') && room !== 'nodes/common' && path.endsWith(`${room.slice(6)}.ts`)
    pathsOf(all.filter(isRuntime), ({ text }) => lines(text).length > 135).should.eql([])
  })
})

/** Long literals keep their quotes only. */
const withoutTexts = (line: string) => line.replace(/'[^']{20,}'|`[^`]{20,}`?|\/\^.{20,}/g, "''")

const isThisFile = (text: string) => text.includes("it('leaves nothing for later'")

const pathsOf = (of: readonly Source[], isWrong: (source: Source) => boolean): string[] =>
  of.filter(isWrong).map(({ path }) => path)

/** A file ends with a line break, which begins no line. */
const lines = (text: string): string[] => text.replace(/\n$/, '').split('\n')

/**
 * Functions by their indentation, which the formatter guarantees: from the line that opens a body
 * to the first that closes it at the same depth. Suites are tables of contents and may be long.
 */
function longFunctions({ path, code }: Source): string[] {
  const all = lines(code)
  const opener =
    /^(\s*)(?!(?:if|for|while|switch|else|do|try|catch|describe)\b)(?=\S).*(?:\)|=>|\): .+) \{$/
  return all.flatMap((line, at) => {
    const indent = opener.exec(line)?.[1]
    if (indent === undefined || /^\s*(\} (?:else|catch)|(?:export )?class )/.test(line)) return []
    const length = all.slice(at).findIndex((each) => each.startsWith(`${indent}}`)) + 1
    const isSuite = all.slice(at, at + length).some((each) => /^\s*(it|describe)\(/.test(each))
    return length > 70 && !isSuite ? [`${path}:${at + 1} has ${length} lines`] : []
  })
}

describe('the package', () => {
  const manifest = JSON.parse(textOf('package.json'))
  const lock: { packages: Record<string, { hasInstallScript?: boolean; dev?: boolean }> } =
    JSON.parse(textOf('package-lock.json'))

  it('names the oldest Node.js and Node-RED that it runs on', () => {
    should(manifest.engines.node).equal('>=20.15')
    should(manifest['node-red'].version).equal('>=4.1.0')
  })

  it('has six runtime dependencies at most, none with an install script', () => {
    Object.keys(manifest.dependencies).length.should.be.belowOrEqual(6)
    const installed = Object.entries(lock.packages).filter(([, { dev }]) => dev !== true)
    installed.filter(([, each]) => each.hasInstallScript === true).should.eql([])
  })

  it('has a node for every room, and a room for every node', () => {
    const folders = [...rooms].filter((room) => room.startsWith('nodes/'))
    const names = folders.map((room) => room.slice('nodes/'.length))
    const listed = Object.keys({ ...manifest['node-red'].nodes, ...manifest['node-red'].plugins })
    listed.sort().should.eql(names.sort())
    for (const name of Object.keys(manifest['node-red'].nodes))
      should(manifest['node-red'].nodes[name]).equal(`dist/nodes/${name}/${name}.js`)
  })

  it('mentions every node in the README', () => {
    const readme = textOf('README.md')
    const names = Object.keys(manifest['node-red'].nodes)
    names.filter((name) => !readme.includes(`\`${name}\``)).should.eql([])
  })
})
