/**
 * The section `resilience` of settings.js: what is set there, and one warning in the log for each
 * value that cannot be used. It refuses nothing: a wrong text or path counts as not set, and
 * Node-RED starts whatever is written there.
 */

import type { NodeRed } from './node-red.js'
import { shared } from './words.js'

/** What a value must be; also keys of words. */
type Kind = 'text' | 'path' | 'switch'

const kinds: Readonly<Record<string, Kind>> = {
  dir: 'text',
  metricsToken: 'text',
  metricsPath: 'path',
  healthPath: 'path',
  asyncContext: 'switch',
  showPayloads: 'switch',
}

const fits: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  path: (value) => value === '' || (typeof value === 'string' && plainPath.test(value)),
  switch: (value) => typeof value === 'boolean',
}

/** Express would read other characters as a pattern, or a browser would encode them. */
const plainPath = /^\/?[\w.~-]+(?:\/[\w.~-]+)*\/?$/

/** A field as it is written there, whatever it is. */
export function fieldIn({ settings: { resilience } }: NodeRed, field: string): unknown {
  const isSection = typeof resilience === 'object' && resilience !== null
  return isSection ? Reflect.get(resilience, field) : undefined
}

/** A field that is a text; undefined for what is none, and for an empty one. */
export function textIn(RED: NodeRed, field: string): string | undefined {
  const value = fieldIn(RED, field)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The path in this field as `plain` writes it; `otherwise` for what is no plain path. */
export function pathIn(RED: NodeRed, field: string, otherwise: string): string {
  const text = textIn(RED, field)
  return text !== undefined && plainPath.test(text) ? plain(text) : otherwise
}

/** As Express compares paths: without a slash at the end, in any case; it begins with one. */
export function plain(path: string): string {
  const text = path.replace(/\/$/, '').toLowerCase()
  return text.startsWith('/') ? text : `/${text}`
}

/** One line for each value that cannot be used; to be called once, at the start. */
export function warnOfSettings(RED: NodeRed): void {
  const { resilience } = RED.settings
  if (resilience === undefined || resilience === null) return
  if (typeof resilience !== 'object' || Array.isArray(resilience)) {
    warn(RED, 'resilience', 'section')
    return
  }
  for (const [field, kind] of Object.entries(kinds)) {
    const value = fieldIn(RED, field) ?? undefined
    if (value !== undefined && !fits[kind](value)) warnOf(RED, field, kind)
  }
}

/** That a field must be something else. */
export function warnOf(RED: NodeRed, field: string, must: Kind | 'otherPath'): void {
  warn(RED, `resilience.${field}`, must)
}

function warn(RED: NodeRed, key: string, must: string): void {
  const what = RED._(shared(`settings.${must}`))
  RED.log?.warn(RED._(shared('settings.wrong'), { key, what }))
}
