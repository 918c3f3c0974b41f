/**
 * `/health`, `/health/live` and `/health/ready`: on the address of the HTTP nodes while a monitor
 * is shown there, for Docker and load balancers; on the admin side always and whole, for those who
 * may read. What they answer is the document's affair; a flow's own `http in` goes first.
 */

import type { ServerResponse } from 'node:http'
import type { World } from '../../src/base/ports.js'
import { epochMs } from '../../src/base/units.js'
import {
  type HealthAnswer,
  healthAnswer,
  type ProcessReport,
  type Question,
} from '../../src/observe/health-document.js'
import { adminOf } from './admin.js'
import { Answer } from './admin-answer.js'
import { type Hall, hallOf } from './hall.js'
import type { NodeRed } from './node-red.js'
import { mountAtRoot } from './node-root.js'
import { outcomesOf } from './outcomes.js'
import { pathIn } from './settings-file.js'
import { shared } from './words.js'

const healthJson = 'application/health+json'

const questions: Readonly<Record<string, Question>> = {
  '': 'health',
  '/live': 'live',
  '/ready': 'ready',
}

/** Where they are, below the address of the HTTP nodes. */
export function healthPathsIn(RED: NodeRed): Record<string, Question> {
  const root = pathIn(RED, 'healthPath', '/health')
  const all = Object.entries(questions).map(([path, question]) => [root + path, question] as const)
  return Object.fromEntries(all)
}

const served = new WeakSet<object>()

/** Once for each runtime: routes cannot be taken back. */
export function serveHealth(RED: NodeRed, world: World): void {
  const { httpNode } = RED
  if (httpNode === undefined || served.has(httpNode)) return
  served.add(httpNode)
  const hall = hallOf(world)
  const startedAt = world.clock.wall()
  const admin = adminOf(RED)
  for (const [path, question] of Object.entries(questions)) {
    admin?.get(`/health${path}`, () => {
      const { code, body } = whole(RED, hall, startedAt, question)
      return new Answer(code, body, healthJson)
    })
  }
  const paths = healthPathsIn(RED)
  const shown = () => hall.healths.monitors.filter(({ shows }) => shows !== 'off')
  mountAtRoot(RED, httpNode, {
    ...{ paths: Object.keys(paths), taken: 'ready.taken', isShown: () => shown().length > 0 },
    answer(path, _message, response) {
      const reports = shown().map((monitor) => monitor.report())
      const runtime = runtimeOf(RED, hall, startedAt)
      send(response, healthAnswer(paths[path] ?? 'health', reports, runtime, false))
    },
  })
}

function whole(RED: NodeRed, hall: Hall, startedAt: number, question: Question): HealthAnswer {
  const reports = hall.healths.monitors.map((monitor) => monitor.report())
  return healthAnswer(question, reports, runtimeOf(RED, hall, startedAt), true)
}

/** Ready only when all is open that keeps messages, and each link knows whether it can connect. */
function runtimeOf(RED: NodeRed, hall: Hall, startedAt: number): ProcessReport {
  const isRunning = outcomesOf(RED, hall.world).isRunning
  const waitsFor = [
    ...(isRunning ? [] : [RED._(shared('ready.flows'))]),
    ...[...hall.opening].map((id) => RED._(shared('ready.open'), { name: nameOf(RED, id) })),
    ...hall.links.undecided().map((id) => RED._(shared('ready.link'), { name: nameOf(RED, id) })),
  ]
  return { isReady: waitsFor.length === 0, waitsFor, upSinceAt: epochMs(startedAt) }
}

function nameOf(RED: NodeRed, id: string): string {
  const node = RED.nodes.getNode(id)
  const [name, type] = ['name', 'type'].map((key) => Reflect.get(Object(node ?? {}), key))
  return String(name || type || id)
}

function send(response: ServerResponse, { code, body }: HealthAnswer): void {
  response.writeHead(code, {
    ...{ 'Content-Type': healthJson, 'Cache-Control': 'no-store' },
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(JSON.stringify(body))
}
