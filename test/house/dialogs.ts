/**
 * Every node as the editor gets it, without a browser: the assembled scripts run in a context of
 * their own that records what is registered and looks words up in the built locales. Nothing that
 * happens in an open dialog can be seen here.
 */

import { createContext, runInContext } from 'node:vm'
import { grouped } from '../../nodes/common/figure-texts.js'
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

/**
 * The text of `namespace:key` with its values filled in; undefined when there is none. A number is
 * written as badges and the sidebar write it.
 */
export function wordsFor(key: string, values: Values = {}, language = source): string | undefined {
  const [set = '', path = ''] = key.split(':')
  if (!set.startsWith(`${namespace}/`)) return undefined
  let found: unknown = localeOf(set.slice(namespace.length + 1), language)
  for (const step of path.split('.')) found = property(found, step)
  if (typeof found !== 'string') return undefined
  return found.replace(/__(\w+?)__/g, (place, name: string) => {
    const value = values[name] ?? place
    return typeof value === 'number' ? grouped(value, thousandsIn(language)) : value
  })
}

const thousandsIn = (language: string): string => String(localeOf('common', language)['thousands'])

function property(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null
    ? Object.entries(of).find(([key]) => key === name)?.[1]
    : undefined
}

/** The language that all others are translated from. */
export const source = 'en-US'

/** As it is built: what is shipped counts. */
export function localeOf(room: string, language = source): Readonly<Record<string, unknown>> {
  return JSON.parse(textOf(`dist/nodes/${room}/locales/${language}/${room}.json`))
}

export function helpOf(room: string, language = source): string {
  return textOf(`dist/nodes/${room}/locales/${language}/${room}.html`)
}

/** Every text below this one, with its path. */
export function leaves(of: object, prefix = ''): [string, string][] {
  return Object.entries(of).flatMap(([key, value]): [string, string][] =>
    typeof value === 'object' && value !== null
      ? leaves(value, `${prefix}${key}.`)
      : [[prefix + key, String(value)]],
  )
}

const figures = { count: '100k', all: '100k', failed: '100k', waiting: '100k', fresh: '100k' }

/** The longest that a status is ever filled with. */
export function longestValues(room: string, key: string): Values {
  // A retry cuts its reason shorter, and a monitor tells a reason in place of a time.
  const why = 'x'.repeat(room === 'resilience-retry' ? 12 : 16)
  const time = key === 'status.degraded-time' ? why : '119 min'
  const others = { causes: '100k', left: '119 s', rate: '100k', probe: '20', probes: '20' }
  return { ...figures, ...others, time, why, by: 'x'.repeat(16) }
}
