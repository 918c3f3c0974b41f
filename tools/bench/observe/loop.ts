/**
 * What runs inside a Node-RED whose event loop is measured: `GET /loop` on the address of the HTTP
 * nodes tells what happened since it was asked last. It does no work of its own.
 */

import type { ServerResponse } from 'node:http'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'

/** Since the last question. */
export interface Loop {
  /** The event loop did something, all in all. */
  readonly busyMs: number
  /** It came to a timer of 1 ms so late, at worst. */
  readonly longestMs: number
  /** Of all threads of the process. */
  readonly processorMs: number
}

interface Runtime {
  readonly httpNode: {
    get(path: string, answer: (request: object, response: ServerResponse) => void): void
  }
}

/** What Node-RED calls when it loads the package. */
export function loopBench(RED: object): void {
  const { httpNode } = RED as Runtime
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  let [busy, processor] = [busyMs(), processorMs()]
  httpNode.get('/loop', (_request, response) => {
    const told: Loop = {
      ...{ busyMs: busyMs() - busy, processorMs: processorMs() - processor },
      longestMs: delays.max / 1e6,
    }
    response.end(JSON.stringify(told))
    delays.reset()
    busy = busyMs()
    processor = processorMs()
  })
}

const busyMs = (): number => performance.eventLoopUtilization().active

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
