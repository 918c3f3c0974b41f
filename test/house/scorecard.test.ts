/**
 * The package against the rules by which the flow library rates it (node-red-dev 0.1.6: P01 to P07,
 * N01, N02, D01, D02), as far as they can be told without a network, and what is packed against
 * what is wanted. A file that cannot be read or understood is a failure here, never a pass.
 */

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import should from 'should'
import { checkout } from '../../tools/common/user-dir.js'
import { filesBelow, foldersIn, textOf } from './sources.js'

const manifest: Manifest = JSON.parse(textOf('package.json'))
const rooms = Object.keys(manifest['node-red'].nodes)

/** Types that packages of other people have, from their sources; those of core are read from it. */
const taken = [
  ...['q-gate', 'simple-queue', 'Queue', 'queue', 'retry-config', 'semaphore-config'],
  ...['semaphore-plus-take', 'semaphore-plus-release', 'heartbeat', 'HeartBeat', 'sqlite', 'ping'],
]

describe('the scorecard', () => {
  it('P01: has a licence, and its text', () => {
    should(manifest.license).equal('Apache-2.0')
    textOf('LICENSE').should.containEql('Apache License')
  })

  it('P03: says where the source is or where faults are told, once there is such a place', () => {
    const address = manifest.repository?.url ?? manifest.bugs?.url
    if (address === undefined)
      textOf('CONTRIBUTING.md').should.containEql('`repository` and `bugs`')
    else address.should.match(/^(git\+)?https:\/\//)
  })

  it('P04: has a name in a scope', () => {
    manifest.name.should.match(/^@[a-z]+\/[a-z-]+$/)
  })

  it('P05: has the keyword by which the library finds it', () => {
    manifest.keywords.should.containEql('node-red')
  })

  it('P06: runs on the Node-RED of today and on the one before', () => {
    for (const version of ['4.1.0', installed('node-red').version, '5.0.7'])
      allows(manifest['node-red'].version, version).should.be.true(version)
  })

  it('P07: runs on the Node.js that Node-RED asks for', () => {
    const asked = /\d+(\.\d+)*/.exec(installed('node-red').engines?.node ?? '')?.[0]
    should(asked).be.a.String()
    for (const version of ['20.15.0', '22.9.0', '24.0.0'])
      allows(manifest.engines.node, version).should.be.true(version)
  })

  it('N01: has types of its own', () => {
    const core = typesOfCore()
    core.should.containDeep(['inject', 'mqtt out', 'http request', 'tls-config'])
    const own = rooms.flatMap(typesOf)
    own.should.eql(rooms)
    own.filter((type) => [...core, ...taken].includes(type)).should.eql([])
  })

  it('N02: shows every node that can be dragged in an example', () => {
    const shown = filesBelow('examples').flatMap((path) => {
      const flow: { type: string }[] = JSON.parse(textOf(path))
      flow.length.should.be.above(1, path)
      return flow.map(({ type }) => type)
    })
    rooms.filter((room) => !isConfig(room) && !shown.includes(room)).should.eql([])
  })

  it('D01: needs six packages at most', () => {
    Object.keys(manifest.dependencies).length.should.be.within(1, 6)
  })

  it('D02: pulls in no package that is known to be bad', () => {
    dependencies()
      .filter((path) => path.endsWith('/agent-base'))
      .should.eql([])
  })
})

describe('what is installed', () => {
  it('is JavaScript alone, and runs nothing while it is installed', () => {
    const paths = dependencies()
    paths.length.should.be.above(Object.keys(manifest.dependencies).length)
    const wrong = paths.filter((path) => {
      const { scripts = {}, gypfile } = JSON.parse(textOf(`${path}/package.json`))
      const runs = ['preinstall', 'install', 'postinstall'].some((name) => name in scripts)
      const isNative = filesOf(path).some((file) => /\.(node|gyp)$/.test(file))
      return runs || gypfile === true || isNative
    })
    wrong.should.eql([])
  })

  it('is no larger than the README says', () => {
    const own = pack().unpackedSize
    const others = dependencies().flatMap(filesOf)
    const bytes = own + others.reduce((sum, file) => sum + statSync(file).size, 0)
    bytes.should.be.belowOrEqual(stated('MB installed') * 1024 * 1024)
  })
})

describe('what is packed', () => {
  it('is what Node-RED and people need, and nothing else', () => {
    const paths = pack().files.map(({ path }) => path)
    paths.sort().should.eql(wanted().sort())
  })

  it('is no larger than the README says', () => {
    pack().size.should.be.belowOrEqual(stated('KB packed') * 1024)
  })
})

interface Manifest {
  readonly name: string
  readonly license: string
  readonly keywords: readonly string[]
  readonly repository?: { readonly url: string }
  readonly bugs?: { readonly url: string }
  readonly engines: { readonly node: string }
  readonly 'node-red': {
    readonly version: string
    readonly nodes: Readonly<Record<string, string>>
  }
  readonly dependencies: Readonly<Record<string, string>>
}

interface Packed {
  /** Bytes of the tarball, and of what is in it. */
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

/** `--ignore-scripts`: the build has run before the tests, and must not run again beside them. */
function pack(): Packed {
  const args = ['pack', '--dry-run', '--ignore-scripts', '--json']
  const text = execFileSync('npm', args, { cwd: checkout, encoding: 'utf8', stdio: 'pipe' })
  const [packed]: Packed[] = JSON.parse(text)
  if (packed === undefined) throw new Error(`npm pack said: ${text}`)
  return packed
}

/** Every file that belongs into the package, worked out from the sources. */
function wanted(): string[] {
  const papers = ['README', 'REFERENCE', 'CHANGELOG', 'UPGRADING'].map((name) => `${name}.md`)
  const resources = existsSync(join(checkout, 'resources')) ? filesBelow('resources') : []
  const icons = filesBelow('icons').map((path) => `dist/nodes/common/${path}`)
  return [
    ...['package.json', 'LICENSE', ...papers, ...resources, ...icons, ...filesBelow('examples')],
    ...filesBelow('src').filter(isCompiled).map(compiled),
    ...foldersIn('nodes').flatMap((room) => wantedOf(`nodes/${room}`)),
  ]
}

function wantedOf(room: string): string[] {
  const files = filesBelow(room)
  const kept = files.filter((path) => path.includes('/locales/') || path.endsWith('.html'))
  return [...kept.map((path) => `dist/${path}`), ...files.filter(isCompiled).map(compiled)]
}

const isCompiled = (path: string) =>
  path.endsWith('.ts') && !/\.(d|editor)\.ts$|^src\/build\//.test(path)
const compiled = (path: string) => `dist/${path.replace(/\.ts$/, '.js')}`

/** The figure that stands before these words in the README. */
function stated(unit: string): number {
  const figure = new RegExp(`([\\d,]+) ${unit}`).exec(textOf('README.md'))?.[1]
  if (figure === undefined) throw new Error(`the README states no ${unit}`)
  return Number(figure.replace(',', ''))
}

/** The types in the dialog's html as tools read them: a literal name in an inline script. */
function typesOf(room: string): string[] {
  const types = typesIn(textOf(`dist/nodes/${room}/${room}.html`))
  if (types.length === 0) throw new Error(`no type can be read from the dialog of ${room}`)
  return types
}

const typesIn = (html: string): string[] =>
  [...html.matchAll(/RED\.nodes\.registerType\(\s*['"]([^'"]+)['"]\s*,\s*\{/g)].map(
    ([, type = '']) => type,
  )

const isConfig = (room: string): boolean => {
  const html = textOf(`dist/nodes/${room}/${room}.html`)
  return html.includes('node-config-input-')
}

function typesOfCore(): string[] {
  const nodeRed = dirname(require.resolve('node-red/package.json'))
  const nodes = dirname(require.resolve('@node-red/nodes/package.json', { paths: [nodeRed] }))
  const files = readdirSync(join(nodes, 'core'), { recursive: true, encoding: 'utf8' })
  const dialogs = files.filter((path) => path.endsWith('.html') && !path.includes('locales'))
  return dialogs.flatMap((path) => typesIn(readFileSync(join(nodes, 'core', path), 'utf8')))
}

/** Directories of all packages that an installation brings along, from the checkout. */
function dependencies(): string[] {
  const lock: { packages: Record<string, { dev?: boolean }> } = JSON.parse(
    textOf('package-lock.json'),
  )
  return Object.entries(lock.packages).flatMap(([path, { dev }]) =>
    path !== '' && dev !== true ? [path] : [],
  )
}

/** Without those of packages inside it. */
function filesOf(path: string): string[] {
  const entries = readdirSync(join(checkout, path), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.slice(join(checkout, path).length).includes('node_modules'))
}

function installed(name: string): { version: string; engines?: { node?: string } } {
  return JSON.parse(textOf(`node_modules/${name}/package.json`))
}

/** Ranges of the form `>=1.2.3` only: anything else fails. */
function allows(range: string, version: string): boolean {
  const lowest = /^>=(\d+(?:\.\d+)*)$/.exec(range)?.[1]
  if (lowest === undefined) throw new Error(`"${range}" is no range of the form >=1.2.3`)
  return version.localeCompare(lowest, 'en', { numeric: true }) >= 0
}
