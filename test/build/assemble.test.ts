/** The assembly of what Node-RED loads, on a house of one room in a temporary directory. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import should from 'should'
import { assemble } from '../../src/build/assemble.js'

const common = `<style>.x { color: red }</style>
<template data-widget="wait"><input id="node-input-wait"></template>
<template data-widget="mode"><select><option>one</option><slot></slot></select></template>
<template data-widget="both"><div data-widget="mode"></div><div data-widget="wait"></div></template>
`

const properties: Readonly<Record<string, string>> = {
  'check-rows': 'checkRows',
  'figure-texts': 'figureTexts',
}
const shared = ['grammar', 'address', 'figures', 'figure-texts', 'rows', 'wiring', 'check-rows']

describe('the assembly', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'holdfast-assemble-'))
    write('nodes/common/common.html', common)
    write('nodes/common/locales/en-US/common.json', '{}')
    for (const name of shared) compiled(`common/${name}`, `exports.name = '${name}'`)
    compiled('common/common.editor', 'Resilience.say = () => 1')
    compiled('bell/bell', '')
    compiled('bell/bell.editor', "RED.nodes.registerType('bell', {})")
    write('nodes/bell/bell.html', '<p><div data-widget="wait"></div></p>')
    write('nodes/bell/locales/en-US/bell.json', '{"a":1}')
    write('icons/bell.svg', '<svg/>')
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it('puts the script of a room, in a scope of its own, before its dialog', () => {
    assemble(root)
    const html = read('dist/nodes/bell/bell.html')
    html.should.match(/^<script type="text\/javascript">\(function \(\) \{\n.*registerType/s)
    html.indexOf('registerType').should.be.below(html.indexOf('<p>'))
  })

  it('puts the rows of a widget where a dialog names it', () => {
    assemble(root)
    read('dist/nodes/bell/bell.html').should.containEql('<p><input id="node-input-wait"></p>')
    read('dist/nodes/common/common.html').should.not.containEql('<template')
  })

  it('puts what a dialog says beside it where the widget has its slot', () => {
    const select = (more: string) => `<select><option>one</option>${more}</select>`
    write('nodes/bell/bell.html', '<div data-widget="mode">\n<option>two</option>\n</div>')
    assemble(root)
    read('dist/nodes/bell/bell.html').should.containEql(select('<option>two</option>'))
    write('nodes/bell/bell.html', '<div data-widget="mode"></div>')
    assemble(root)
    read('dist/nodes/bell/bell.html').should.containEql(select(''))
  })

  it('puts the widgets that a widget names into it', () => {
    write('nodes/bell/bell.html', '<div data-widget="both"></div>')
    assemble(root)
    const both = '<select><option>one</option></select><input id="node-input-wait">'
    read('dist/nodes/bell/bell.html').should.containEql(both)
  })

  it('writes out the row of a field for text', () => {
    write('nodes/bell/bell.html', '  <div data-text="pitch" data-placeholder></div>')
    assemble(root)
    const row = `  <div class="form-row resilience-row">
    <label for="node-input-pitch" data-i18n="label.pitch;[title]tip.pitch"></label>
    <input type="text" id="node-input-pitch" data-i18n="[placeholder]placeholder.pitch">
  </div>`
    read('dist/nodes/bell/bell.html').should.endWith(row)
    write('nodes/bell/bell.html', '<div data-text="name" data-shared></div>')
    assemble(root)
    const words = '@holdfast/node-red-resilience/common:'
    const label = `data-i18n="${words}label.name;[title]${words}tip.name"`
    read('dist/nodes/bell/bell.html').should.containEql(`<label for="node-input-name" ${label}>`)
  })

  it('names the rows as the dialog of a config node needs it', () => {
    const dialog = '<input id="node-config-input-name"><div data-widget="wait"></div>'
    write('nodes/bell/bell.html', dialog)
    assemble(root)
    read('dist/nodes/bell/bell.html').should.containEql('id="node-config-input-wait"')
  })

  it('gives the browser what dialog and runtime share', () => {
    assemble(root)
    const html = read('dist/nodes/common/common.html')
    for (const name of shared) {
      const property = properties[name] ?? name
      html.should.containEql(`(window.Resilience ??= {}).${property} = exports;`)
    }
    html.should.containEql('.x { color: red }')
  })

  it('copies words beside each node, and the icons beside the shared plugin', () => {
    assemble(root)
    read('dist/nodes/bell/locales/en-US/bell.json').should.equal('{"a":1}')
    read('dist/nodes/common/icons/bell.svg').should.equal('<svg/>')
  })

  it('removes what has no source any more, and nothing else', () => {
    const stale = ['bell/old.js', 'bell/old.html', 'bell/locales/de/bell.json', 'gone/gone.js']
    for (const path of stale) write(`dist/nodes/${path}`, '')
    compiled('bell/bell.settings', '')
    assemble(root)
    stale.filter((path) => existsSync(join(root, 'dist/nodes', path))).should.eql([])
    existsSync(join(root, 'dist/nodes/bell/bell.settings.js')).should.be.true()
    existsSync(join(root, 'dist/nodes/bell/bell.js')).should.be.true()
  })

  const refusals: readonly [what: string, path: string, code: string, says: RegExp][] = [
    ['a script that would end early', 'bell/bell.editor.js', "'</script>'", /holds "<\/script"/],
    ['an import', 'bell/bell.editor.js', "import { x } from './x.js'", /must import types only/],
    ['an export', 'bell/bell.editor.js', 'export {}', /must import types only/],
    ['a shared file that imports', 'common/grammar.js', "require('./x.js')", /no imports/],
  ]
  for (const [what, path, code, says] of refusals) {
    it(`refuses ${what}`, () => {
      write(`dist/nodes/${path}`, code)
      should(() => assemble(root)).throw(says)
    })
  }

  it('refuses a widget that does not exist', () => {
    write('nodes/bell/bell.html', '<div data-widget="nothing"></div>')
    should(() => assemble(root)).throw(/no widget nothing/)
  })

  /** A source, and what the compiler made of it. */
  function compiled(path: string, code: string): void {
    write(`nodes/${path}.ts`, '')
    write(`dist/nodes/${path}.js`, code)
  }

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }

  function read(path: string): string {
    return readFileSync(join(root, path), 'utf8')
  }
})
