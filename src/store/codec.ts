/**
 * A message as bytes, and back, without loss. Codec 0 is plain JSON, used when JSON loses nothing;
 * codec 1 is JSON with tags for what JSON cannot say, and the raw bytes of buffers behind it; codec
 * 2 is that of `encodeTexts`. What none can keep (functions, sockets, class instances, circles) is
 * refused with its path; nothing is dropped in silence.
 *
 * A tagged value is `{"$":<tag>,…}`; a plain object that has a key `$` is tagged `object`.
 * Codec 1 is 8 hex digits with the length of the JSON text, a line feed, the text, the buffers.
 */

import { types } from 'node:util'
import { Fault } from '../base/fault.js'
import { hiddenIn, hiddenKeys, hide } from './hidden.js'
import { decodeTexts } from './texts.js'

export interface Encoded {
  readonly codec: 0 | 1 | 2
  readonly bytes: Buffer
}

const prefixBytes = 9
/** Deeper nesting than this is taken for a mistake. */
const depthMax = 200

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/**
 * Throws PAYLOAD_UNSTORABLE {path, kind}; `root` is what the path begins with. `leavesOut`: without
 * properties that cannot be kept, and undefined in their place in lists.
 */
export function encode(value: unknown, root = 'msg', leavesOut = false): Encoded {
  const encoder = new Encoder(leavesOut)
  const json = encoder.tag(value, root)
  const text = JSON.stringify(json)
  if (!encoder.isTagged) return { codec: 0, bytes: Buffer.from(text) }
  const body = Buffer.from(text)
  const prefix = `${body.length.toString(16).padStart(8, '0')}\n`
  return { codec: 1, bytes: Buffer.concat([Buffer.from(prefix), body, ...encoder.blobs]) }
}

/** The value that `encode` was given. Buffers share memory with `bytes`. */
export function decode(codec: number, bytes: Uint8Array): unknown {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (codec === 0) {
    const text = buffer.toString()
    // A look at every value costs more than all the rest of the parsing.
    return prototypeKey.test(text) ? JSON.parse(text, withoutPrototypeKey) : JSON.parse(text)
  }
  if (codec === 2) return decodeTexts(buffer)
  if (codec !== 1) throw new Fault('SEGMENT_CORRUPT')
  const length = Number.parseInt(buffer.subarray(0, prefixBytes - 1).toString(), 16)
  const text = buffer.subarray(prefixBytes, prefixBytes + length).toString()
  return untag(JSON.parse(text), buffer.subarray(prefixBytes + length))
}

class Encoder {
  isTagged = false
  readonly blobs: Uint8Array[] = []
  readonly #leavesOut: boolean
  readonly #open: object[] = []
  #blobBytes = 0

  constructor(leavesOut: boolean) {
    this.#leavesOut = leavesOut
  }

  /** The JSON that stands for a value: itself wherever JSON is enough. */
  tag(value: unknown, path: string): Json {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value
      case 'number':
        if (Number.isFinite(value) && !Object.is(value, -0)) return value
        return this.#tagged({ $: 'number', v: Object.is(value, -0) ? '-0' : String(value) })
      case 'undefined':
        return this.#tagged({ $: 'undefined' })
      case 'bigint':
        return this.#tagged({ $: 'bigint', v: String(value) })
      case 'object':
        return value === null ? null : this.#object(value, path)
      default:
        throw unstorable(path, typeof value)
    }
  }

  #object(value: object, path: string): Json {
    if (this.#open.includes(value)) throw unstorable(path, 'circular reference')
    if (this.#open.length >= depthMax) throw unstorable(path, `value nested over ${depthMax} deep`)
    this.#open.push(value)
    try {
      return this.#inside(value, path)
    } finally {
      this.#open.pop()
    }
  }

  #inside(value: object, path: string): Json {
    if (Array.isArray(value)) return this.#array(value, path)
    if (ArrayBuffer.isView(value)) return this.#view(value, path)
    if (types.isDate(value)) {
      const time = value.getTime()
      return this.#tagged({ $: 'date', v: Number.isNaN(time) ? null : time })
    }
    if (types.isRegExp(value)) {
      return this.#tagged({ $: 'regexp', v: value.source, flags: value.flags })
    }
    if (types.isNativeError(value)) return this.#error(value, path)
    if (types.isMap(value)) {
      const entries = [...value].map(([key, v], i) => [
        this.tag(key, `${path}.key${i}`),
        this.tag(v, `${path}.value${i}`),
      ])
      return this.#tagged({ $: 'map', v: entries })
    }
    if (types.isSet(value)) {
      return this.#tagged({ $: 'set', v: [...value].map((v, i) => this.tag(v, `${path}.${i}`)) })
    }
    // A function node has an Object of its own: what counts is that nothing stands above it.
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      throw unstorable(path, value.constructor?.name ?? 'object of a class')
    }
    return this.#plain(value, path)
  }

  #plain(value: object, path: string): Json {
    const json: { [key: string]: Json } = {}
    for (const [key, v] of Object.entries(value)) {
      const kept = this.#part(v, `${path}.${key}`)
      if (kept !== undefined) define(json, key, kept)
    }
    return Object.hasOwn(json, '$') || Object.hasOwn(json, '__proto__')
      ? this.#tagged({ $: 'object', v: Object.entries(json) })
      : json
  }

  #array(value: unknown[], path: string): Json {
    const json: Json[] = []
    for (let i = 0; i < value.length; i++) {
      const part = i in value ? this.#part(value[i], `${path}[${i}]`) : this.#tagged({ $: 'hole' })
      json.push(part === undefined ? this.tag(undefined, path) : part)
    }
    return json
  }

  /** Undefined for what is left out. */
  #part(value: unknown, path: string): Json | undefined {
    try {
      return this.tag(value, path)
    } catch (error) {
      if (this.#leavesOut && error instanceof Fault) return undefined
      throw error
    }
  }

  #view(value: ArrayBufferView, path: string): Json {
    const kind = value.constructor.name
    if (!Object.hasOwn(views, kind)) throw unstorable(path, kind)
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    const at = this.#blobBytes
    this.blobs.push(bytes)
    this.#blobBytes += bytes.length
    return this.#tagged({ $: 'bytes', kind, at, length: bytes.length })
  }

  #error(value: Error, path: string): Json {
    const own = Object.fromEntries(Object.entries(value))
    const { name, message, stack = '' } = value
    const json: Json = { $: 'error', name, message, stack, own: this.tag(own, path) }
    for (const [key, { value: v }] of hiddenIn(value)) json[key] = this.tag(v, `${path}.${key}`)
    return this.#tagged(json)
  }

  #tagged(json: { [key: string]: Json }): Json {
    this.isTagged = true
    return json
  }
}

const views: Record<string, (bytes: Buffer) => unknown> = {
  Buffer: (bytes) => bytes,
  Uint8Array: (bytes) => new Uint8Array(bytes),
  Int8Array: (bytes) => new Int8Array(copyOf(bytes)),
  Uint8ClampedArray: (bytes) => new Uint8ClampedArray(copyOf(bytes)),
  Int16Array: (bytes) => new Int16Array(copyOf(bytes)),
  Uint16Array: (bytes) => new Uint16Array(copyOf(bytes)),
  Int32Array: (bytes) => new Int32Array(copyOf(bytes)),
  Uint32Array: (bytes) => new Uint32Array(copyOf(bytes)),
  Float32Array: (bytes) => new Float32Array(copyOf(bytes)),
  Float64Array: (bytes) => new Float64Array(copyOf(bytes)),
  BigInt64Array: (bytes) => new BigInt64Array(copyOf(bytes)),
  BigUint64Array: (bytes) => new BigUint64Array(copyOf(bytes)),
}

/** An aligned copy: the raw bytes lie anywhere behind the text. */
function copyOf(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}

function untag(json: Json, blobs: Buffer): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) {
    const array: unknown[] = new Array(json.length)
    json.forEach((v, i) => {
      if (!isTag(v, 'hole')) array[i] = untag(v, blobs)
    })
    return array
  }
  if (typeof json['$'] === 'string') return untagged(json['$'], json, blobs)
  const value: Record<string, unknown> = {}
  for (const [key, v] of Object.entries(json)) value[key] = untag(v, blobs)
  return value
}

function untagged(tag: string, json: { [key: string]: Json }, blobs: Buffer): unknown {
  const v = json['v'] ?? null
  switch (tag) {
    case 'number':
      return Number(v)
    case 'bigint':
      return BigInt(String(v))
    case 'date':
      return new Date(typeof v === 'number' ? v : Number.NaN)
    case 'regexp':
      return new RegExp(String(v), String(json['flags']))
    case 'map':
      return new Map(
        listOf(v)
          .map(pairOf)
          .map(([key, w]) => [untag(key, blobs), untag(w, blobs)]),
      )
    case 'set':
      return new Set(listOf(v).map((w) => untag(w, blobs)))
    case 'object': {
      const value: Record<string, unknown> = {}
      for (const [key, w] of listOf(v).map(pairOf)) define(value, String(key), untag(w, blobs))
      return value
    }
    case 'bytes': {
      const at = Number(json['at'])
      return views[String(json['kind'])]?.(blobs.subarray(at, at + Number(json['length'])))
    }
    case 'error':
      return errorFrom(json, blobs)
    default:
      return undefined
  }
}

function errorFrom(json: { [key: string]: Json }, blobs: Buffer): Error {
  const error = new Error(String(json['message']))
  hide(error, 'name', json['name'])
  hide(error, 'stack', json['stack'])
  for (const key of hiddenKeys) {
    if (json[key] !== undefined) hide(error, key, untag(json[key], blobs))
  }
  return Object.assign(error, untag(json['own'] ?? {}, blobs))
}

function isTag(json: Json, tag: string): boolean {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && json['$'] === tag
}

function listOf(json: Json): Json[] {
  return Array.isArray(json) ? json : []
}

function pairOf(json: Json): readonly [Json, Json] {
  const [key = null, value = null] = listOf(json)
  return [key, value]
}

/** Sets an own property of any name, `__proto__` included. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') {
    target[key] = value
    return
  }
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}

/** The key itself, or an escape that may hide a letter of it. */
const prototypeKey = /__proto__|\\u00/i

/**
 * Plain JSON that we wrote has no such key; bytes that others put there must not poison objects.
 */
function withoutPrototypeKey(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value
}

function unstorable(path: string, kind: string): Fault {
  return new Fault('PAYLOAD_UNSTORABLE', { path, kind })
}
