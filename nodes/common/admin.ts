/**
 * The admin routes of this package, below `/resilience` of Node-RED's admin address and behind its
 * own permissions: GET needs `resilience.read`, everything else `resilience.write`. What changes
 * something must come as JSON and not from a page of somebody else. It knows no route by itself.
 */

import type { ServerResponse } from 'node:http'
import { Fault } from '../../src/base/fault.js'
import { sendAnswer, sendError } from './admin-answer.js'
import { isForeign } from './admin-origin.js'
import { AdminRequest, tooLarge } from './admin-request.js'
import type {
  AdminApp,
  AdminErrorHandler,
  AdminHandler,
  AdminMessage,
  NodeRed,
} from './node-red.js'
import { fieldIn } from './settings-file.js'
import { shared } from './words.js'

/** What it returns or resolves with is answered; a Fault that it throws is answered as an error. */
export type Handler = (request: AdminRequest) => unknown

type Method = 'GET' | 'POST' | 'DELETE'

/** How the body of a route comes: 1 MB of JSON if nothing is said. */
export interface Takes {
  readonly type: 'application/json' | 'application/x-ndjson'
  readonly bytesMax: number
}

interface Route {
  readonly method: Method
  /** `:name` stands for any one part. */
  readonly parts: readonly string[]
  readonly takes: Takes
  readonly handle: Handler
}

const root = '/resilience'
const json: Takes = { type: 'application/json', bytesMax: 1 << 20 }

const known = new WeakMap<object, Admin>()

/** The one of this runtime; undefined for a runtime without an admin address. */
export function adminOf(RED: NodeRed): Admin | undefined {
  const { httpAdmin, auth } = RED
  if (httpAdmin === undefined || auth === undefined) return undefined
  const found = known.get(httpAdmin) ?? new Admin(RED)
  if (!known.has(httpAdmin)) {
    known.set(httpAdmin, found)
    mount(RED, found, httpAdmin, (what) => auth.needsPermission(`resilience.${what}`))
    const { adminAuth, httpAdminRoot } = RED.settings
    const isOpen = adminAuth === undefined && httpAdminRoot !== false
    if (isOpen) RED.log?.info(RED._(shared('admin.open')))
  }
  return found
}

function mount(
  RED: NodeRed,
  admin: Admin,
  app: AdminApp,
  needs: (what: 'read' | 'write') => AdminHandler,
): void {
  const [read, write] = [needs('read'), needs('write')]
  app.use(root, (message, response, _next) => {
    const permission = isReading(message) ? read : write
    permission(message, response, () => void admin.answer(message, response))
  })
  // Node-RED reads the body before any route, in the app around this one.
  const failed: AdminErrorHandler = (error, _message, response, _next) => {
    sendError(RED, response, unreadable(error))
  }
  const around = app.parent ?? app
  around.use(root, failed)
}

export class Admin {
  readonly #RED: NodeRed
  readonly #routes = new Map<string, Route>()

  constructor(RED: NodeRed) {
    this.#RED = RED
  }

  /**
   * Whether payloads may be shown to those who may read (settings.js: `showPayloads`). What is set
   * to anything but `true` hides them: a text 'false' is meant so.
   */
  get showsPayloads(): boolean {
    return (fieldIn(this.#RED, 'showPayloads') ?? true) === true
  }

  /** `path` begins behind `/resilience`; `:name` stands for any one part of it. */
  get(path: string, handle: Handler): void {
    this.#add('GET', path, json, handle)
  }

  post(path: string, handle: Handler, takes: Partial<Takes> = {}): void {
    this.#add('POST', path, { ...json, ...takes }, handle)
  }

  delete(path: string, handle: Handler): void {
    this.#add('DELETE', path, json, handle)
  }

  /** Answers one request that has the permission it needs. Never rejects. */
  async answer(message: AdminMessage, response: ServerResponse): Promise<void> {
    try {
      if (isForeign(message.headers) && this.#RED.settings.httpAdminCors === undefined) {
        throw new Fault('ORIGIN_REFUSED', { origin: message.headers.origin ?? '' })
      }
      const { pathname, searchParams: query } = new URL(message.url ?? '/', 'http://gateway')
      const parts = pathname.split('/').slice(1).map(decoded)
      const route = this.#routeOf(methodOf(message), parts)
      if (route === undefined) throw new Fault('NOT_FOUND', { what: `${root}${pathname}` })
      const params = paramsOf(route, parts)
      const name = route.parts.findLast((part) => !part.startsWith(':')) ?? ''
      const body = isReading(message) ? {} : bodyOf(message, route.takes, name)
      const { bytesMax } = route.takes
      const request = new AdminRequest(message, { name, params, query, body, bytesMax })
      await sendAnswer(response, await route.handle(request))
    } catch (error) {
      sendError(this.#RED, response, error)
    }
  }

  #add(method: Method, path: string, takes: Takes, handle: Handler): void {
    const parts = path.split('/').slice(1)
    this.#routes.set(`${method} ${path}`, { method, parts, takes, handle })
  }

  #routeOf(method: string, parts: readonly string[]): Route | undefined {
    const isIt = (part: string, at: number) => part.startsWith(':') || part === parts[at]
    return [...this.#routes.values()].find(
      (route) =>
        route.method === method && route.parts.length === parts.length && route.parts.every(isIt),
    )
  }
}

/** `limit` and `length` are told by the reader of bodies when it is over its limit. */
function unreadable(error: unknown): Fault {
  const [limit, size] = ['limit', 'length'].map((name) => Reflect.get(Object(error), name))
  const isLarge = typeof limit === 'number' && typeof size === 'number'
  if (isLarge) return tooLarge(size, limit, root)
  return new Fault('COMMAND_INVALID', { command: root, field: 'body' })
}

/** HEAD asks for the headers of a GET. */
function methodOf({ method = 'GET' }: AdminMessage): string {
  return method === 'HEAD' ? 'GET' : method
}

function isReading(message: AdminMessage): boolean {
  return methodOf(message) === 'GET'
}

/** A part that is no text names nothing. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function paramsOf(route: Route, parts: readonly string[]): Record<string, string> {
  const named = route.parts.flatMap((part, at) =>
    part.startsWith(':') ? [[part.slice(1), parts[at] ?? '']] : [],
  )
  return Object.fromEntries(named)
}

/** Of a route that takes lines it is read later: here only its size is looked at, if it is told. */
function bodyOf(message: AdminMessage, { type, bytesMax }: Takes, name: string): object {
  const given = (message.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (given !== type) throw new Fault('CONTENT_TYPE_REFUSED', { type })
  const { body } = message
  if (isTooDeep(body)) throw new Fault('COMMAND_INVALID', { command: name, field: 'body' })
  const text = type === 'application/json' ? JSON.stringify(body ?? {}) : ''
  const told = Number(message.headers['content-length'] ?? 0)
  const size = Math.max(told, Buffer.byteLength(text))
  if (size > bytesMax) throw tooLarge(size, bytesMax, name)
  if (type !== 'application/json') return {}
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  if (!isObject && body !== undefined) {
    throw new Fault('COMMAND_INVALID', { command: name, field: 'body' })
  }
  return isObject ? body : {}
}

/** Whoever walks through a value by calling itself must come to an end. */
const levelsMax = 100

function isTooDeep(body: unknown): boolean {
  let level: unknown[] = [body]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levelsMax) return true
    level = level.flatMap((each) =>
      typeof each === 'object' && each !== null ? Object.values(each) : [],
    )
  }
  return false
}
