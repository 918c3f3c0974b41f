/**
 * Every node as the editor gets it, without a browser: the assembled scripts run in a context of
 * their own that records what is registered and looks words up in the built locales. Nothing that
 * happens in an open dialog can be seen here.
 */

import { createContext, runInContext } from 'node:vm'
import { foldersIn, textOf } from './sources.js'

export interface DialogField {
  readonly value: unknown
  readonly type?: string
  validate?(value: unknown, options: unknown): true | string
}

export interface Dialog {
  readonly type: string
  readonly category: string
  readonly color: string
  readonly icon: string
  readonly defaults: Readonly<Record<string, DialogField>>
  readonly credentials?: Readonly<Record<string, unknown>>
}

export const namespace = '@holdfast/node-red-resilience'

/** Every folder below nodes/ but the hall. */
/** Plugins have no dialog. */
export const plugins = ['common', 'sidebar']
export const rooms = foldersIn('nodes').filter((name) => !plugins.includes(name))

/** No dialog is open. */
const closed = { getElementById: () => null }
const controls = { HTMLInputElement: class {}, HTMLSelectElement: class {} }

/** The dialog that a room registers, with the shared widgets in place. */
export function dialogOf(room: string): Dialog {
  const registered: Dialog[] = []
  const RED = {
    nodes: {
      registerType: (type: string, definition: object) =>
        registered.push({ type, ...definition } as Dialog),
      node: (id: string) => (id === '' ? null : { id, valid: true }),
    },
    _: (key: string, values?: Values) => wordsFor(key, values) ?? key,
  }
  const page = createContext({ RED, TextEncoder })
  Object.assign(page, { window: page, document: closed, ...controls })
  for (const name of ['common', room]) {
    for (const code of scriptsIn(builtHtml(name))) runInContext(code, page)
  }
  const [dialog] = registered
  if (dialog === undefined || registered.length > 1) throw new Error(`${room} registers not one`)
  return dialog
}

export function builtHtml(room: string): string {
  return textOf(`dist/nodes/${room}/${room}.html`)
}

const scriptsIn = (html: string): string[] =>
  [...html.matchAll(/<script type="text\/javascript">(.*?)<\/script>/gs)].flatMap(
    ([, code]) => code ?? [],
  )

export type Values = Readonly<Record<string, string | number>>

/** The text of `namespace:key` with its values filled in; undefined when there is none. */
export function wordsFor(key: string, values: Values = {}): string | undefined {
  const [set = '', path = ''] = key.split(':')
  if (!set.startsWith(`${namespace}/`)) return undefined
  let found: unknown = localeOf(set.slice(namespace.length + 1))
  for (const step of path.split('.')) found = property(found, step)
  if (typeof found !== 'string') return undefined
  return found.replace(/__(\w+?)__/g, (place, name: string) => String(values[name] ?? place))
}

function property(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null
    ? Object.entries(of).find(([key]) => key === name)?.[1]
    : undefined
}

/** As it is built: what is shipped counts. */
export function localeOf(room: string): Readonly<Record<string, unknown>> {
  return JSON.parse(textOf(`dist/nodes/${room}/locales/en-US/${room}.json`))
}

export function helpOf(room: string): string {
  return textOf(`dist/nodes/${room}/locales/en-US/${room}.html`)
}
