/**
 * What a dead letter failed of, as a short fingerprint: letters with the same one form a group. The
 * same failure has the same fingerprint in every process and version, whatever numbers and ids its
 * text holds. It reads texts of any kind in linear time and judges none.
 */

import type { NodeRef } from './outcome.js'

/** A failure as far as its cause goes. */
export interface Failing {
  /** Error class or code, such as `TypeError`, `ECONNREFUSED` or `HTTP_STATUS 503`; '' for none. */
  readonly code: string
  readonly text: string
  /** Where it happened. */
  readonly node?: Pick<NodeRef, 'id'>
}

/** What is looked at of a text; longer ones are told apart by their beginning. */
const textLengthMax = 1024
const framesMax = 3

/** 12 hex digits; among 1,000 causes two fall together once in 500 million installations. */
export function causeOf({ code, text, node }: Failing): string {
  return fingerprint([code, withoutNumbers(text), node?.id ?? ''].join('\n'))
}

/** Where an error came from: its class and the topmost three frames, without lines and paths. */
export function stackPrint(stack: string): string {
  const [head = '', ...frames] = stack.slice(0, textLengthMax * 4).split('\n')
  const [name = ''] = head.split(':', 1)
  const places = frames.filter((line) => line.trimStart().startsWith('at ')).slice(0, framesMax)
  return fingerprint([name, ...places.map(placeOf)].join('\n'))
}

/** A text with `#` for every number, id, date and address in it. */
export function withoutNumbers(text: string): string {
  return text
    .slice(0, textLengthMax)
    .replace(words, (word) => (digit.test(word) ? '#' : word))
    .replace(numbersTogether, '#')
    .replace(spaces, ' ')
    .trim()
}

const words = /[\p{L}\p{N}_-]+/gu
const digit = /\p{N}/u
const numbersTogether = /#(?:[.:,/+]#)+/g
const spaces = /\s+/g

/** `    at name (/a/long/path/file.js:12:3)` as `name file.js`. */
function placeOf(frame: string): string {
  const [, name = '', path = ''] = /^\s*at (?:([^(]*) \()?([^)]*)/.exec(frame) ?? []
  const file = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  return `${name} ${file.split(':', 1)[0] ?? ''}`
}

/** Two FNV-1a hashes (Fowler, Noll, Vo) with different beginnings, over UTF-16 units. */
function fingerprint(text: string): string {
  let low = 0x811c9dc5
  let high = 0x050c5d1f
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    low = Math.imul(low ^ unit, 0x01000193)
    high = Math.imul(high ^ unit ^ (low >>> 16), 0x01000193)
  }
  return hex(low, 8) + hex(high, 4)
}

function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).padStart(8, '0').slice(-digits)
}
