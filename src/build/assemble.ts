/**
 * Puts together what Node-RED loads, after the compiler has run: each room's editor script and
 * dialog as one html, its words and help beside it, the icons beside the shared plugin. It copies,
 * wraps and removes what has no source any more; it never changes a word, and stops at the first
 * thing that would not work in a browser.
 */

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** The runtime's own files that the editor uses, as `Resilience.<name>`. They import nothing. */
const forBrowser: Readonly<Record<string, readonly string[]>> = {
  common: ['grammar', 'address', 'figures', 'figure-texts', 'rows', 'wiring', 'check-rows'],
  sidebar: [
    ...['overview-rows', 'orphan-rows', 'row-figures', 'row-commands', 'plot', 'told-events'],
    ...['letter-choice', 'letter-paths', 'letter-preview', 'letter-texts'],
  ],
}

/** `root` is the checkout; `dist/` must hold the compiler's output. */
export function assemble(root: string): void {
  const [source, target] = [join(root, 'nodes'), join(root, 'dist', 'nodes')]
  removeStale(source, target)
  const widgets = readFileSync(join(source, 'common', 'common.html'), 'utf8')
  for (const room of folders(source)) {
    const dialog = withWidgets(readFileSync(join(source, room, `${room}.html`), 'utf8'), widgets)
    const html = [...scripts(target, room), dialog].join('\n')
    writeFileSync(join(target, room, `${room}.html`), html)
    copy(join(source, room, 'locales'), join(target, room, 'locales'))
  }
  copy(join(root, 'icons'), join(target, 'common', 'icons'))
}

function scripts(target: string, room: string): string[] {
  const shared = (forBrowser[room] ?? []).map((name) => sharedScript(join(target, room), name))
  const names = readdirSync(join(target, room)).filter((name) => name.endsWith('.editor.js'))
  return [...shared, ...names.sort().map((name) => script(read(join(target, room, name))))]
}

function sharedScript(target: string, name: string): string {
  const code = read(join(target, `${name}.js`))
  if (code.includes('require(')) throw new Error(`${name}.ts is for the browser: no imports`)
  return script(
    `const exports = {};\n${code}\n(window.Resilience ??= {}).${camel(name)} = exports;`,
  )
}

const camel = (name: string): string => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())

/** Each in a scope of its own: all scripts of the editor share one page. */
function script(code: string): string {
  return `<script type="text/javascript">(function () {\n${code}\n})()</script>\n`
}

function read(path: string): string {
  const code = readFileSync(path, 'utf8')
  if (code.includes('</script')) throw new Error(`${path} holds "</script"`)
  const line = code.split('\n').find((each) => /^\s*(import|export)\b/.test(each))
  if (line !== undefined) throw new Error(`${path} must import types only: ${line.trim()}`)
  return code
}

/**
 * `<div data-widget="x"></div>` becomes the rows of that template in common.html, which go; what
 * stands between its tags goes where the template has its slot. A template may name others.
 */
export function withWidgets(html: string, widgets: string): string {
  const prefix = html.includes('"node-config-input-') ? 'node-config-input-' : 'node-input-'
  const templates = withRows(widgets, 'node-input-', sharedWords)
  const filled = (text: string): string =>
    text.replace(/<div data-widget="([^"]+)">(.*?)<\/div>/gs, (_, name: string, inside: string) => {
      const found = templates.split(`<template data-widget="${name}">`)[1]?.split('</template>')[0]
      if (found === undefined) throw new Error(`common.html has no widget ${name}`)
      const rows = found.replace('<slot></slot>', inside.trim())
      return filled(rows).trim().replaceAll('node-input-', prefix)
    })
  const own = html.replace(/<template data-widget="[^"]+">.*?<\/template>\n?/gs, '')
  return filled(withRows(own, prefix, ''))
}

const sharedWords = '@holdfast/node-red-resilience/common:'

/**
 * `<div data-text="x"></div>` becomes the row of a field that holds text: label, tooltip, input.
 * With `data-placeholder` it has one of those as well, with `data-shared` its words are those of
 * common.html.
 */
function withRows(html: string, prefix: string, words: string): string {
  const rows = /^( *)<div data-text="(\w+)"( data-placeholder)?( data-shared)?><\/div>$/gm
  return html.replace(
    rows,
    (_, indent: string, field: string, placeholder?: string, shared?: string) => {
      const from = shared === undefined ? words : sharedWords
      const id = `${prefix}${field}`
      const hint =
        placeholder === undefined ? '' : ` data-i18n="[placeholder]${from}placeholder.${field}"`
      const lines = [
        '<div class="form-row resilience-row">',
        `  <label for="${id}" data-i18n="${from}label.${field};[title]${from}tip.${field}"></label>`,
        `  <input type="text" id="${id}"${hint}>`,
        '</div>',
      ]
      return lines.map((line) => indent + line).join('\n')
    },
  )
}

/** What a deleted or renamed source has left behind would be loaded and shipped. */
function removeStale(source: string, target: string): void {
  for (const folder of folders(target)) {
    const room = join(target, folder)
    if (!existsSync(join(source, folder))) rmSync(room, { recursive: true })
    else for (const name of readdirSync(room)) removeIfStale(source, folder, join(room, name))
  }
}

function removeIfStale(source: string, folder: string, path: string): void {
  const [, stem, kind] = /([^/\\]+?)(\.d\.ts|\.js|\.html)$/.exec(path) ?? []
  const isCode = kind === '.js' || kind === '.d.ts'
  if (isCode && existsSync(join(source, folder, `${stem}.ts`))) return
  rmSync(path, { recursive: true })
}

function copy(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  cpSync(from, to, { recursive: true })
}

function folders(directory: string): string[] {
  return readdirSync(directory).filter((name) => statSync(join(directory, name)).isDirectory())
}

if (require.main === module) {
  const root = join(__dirname, '..', '..', '..')
  try {
    assemble(root)
  } catch (error) {
    console.error(`assemble: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
