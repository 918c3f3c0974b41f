/**
 * The house as text, for the tests that inspect it: every source file with its room, its imports
 * and its code without comments. It reads; it judges nothing.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { checkout } from '../../tools/common/user-dir.js'

export interface Source {
  /** From the checkout, with `/`. */
  readonly path: string
  /** `src/store`, `nodes/common`, `test`, … */
  readonly room: string
  readonly text: string
  /** The same without comments, with as many lines. */
  readonly code: string
  /** As they are written: `mqtt`, `node:fs`, `../base/fault.js`. */
  readonly imports: readonly string[]
}

/** Every TypeScript file below these folders of the checkout. */
export function sources(...folders: string[]): Source[] {
  return folders.flatMap((folder) => filesBelow(folder).filter(isTypeScript).map(sourceOf))
}

/** Paths from the checkout, with `/`. */
export function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(checkout, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(checkout, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}

export function foldersIn(folder: string): string[] {
  const entries = readdirSync(join(checkout, folder), { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

export function textOf(path: string): string {
  return readFileSync(join(checkout, path), 'utf8')
}

/** The room that an import leads to, or the name of a package. */
export function targetOf({ path }: Source, specifier: string): string {
  return specifier.startsWith('.') ? roomOf(posix.join(dirname(path), specifier)) : specifier
}

const isTypeScript = (path: string) => path.endsWith('.ts')

function sourceOf(path: string): Source {
  const text = textOf(path)
  const code = withoutComments(text)
  return { path, room: roomOf(path), text, code, imports: importsOf(code) }
}

function roomOf(path: string): string {
  const [floor = '', room = ''] = path.split('/')
  return floor === 'src' || floor === 'nodes' ? `${floor}/${room}` : floor
}

/** Also of types, also when first used. */
function importsOf(code: string): string[] {
  const forms = /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*'([^']+)'/g
  return [...code.matchAll(forms)].flatMap(([, specifier]) => specifier ?? [])
}

/** Texts are matched first, so that a `//` in an address begins no comment. */
const textOrComment =
  /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g

function withoutComments(text: string): string {
  return text.replace(textOrComment, (found) =>
    found.startsWith('/') ? found.replace(/[^\n]/g, '') : found,
  )
}
