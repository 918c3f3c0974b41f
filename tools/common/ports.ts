/**
 * Ports on the loopback interface for programs that start servers side by side. Looks for free
 * ones and tells when one is taken; it reserves nothing and never listens on other interfaces.
 */

import { createServer } from 'node:net'

export const loopback = '127.0.0.1'

/**
 * Below the range from which Linux picks ports for outgoing connections: a client that keeps
 * dialling a closed port of that range may one day be given the very same port and meet itself.
 */
const lowest = 20_000
const span = 10_000

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = lowest + Math.floor(Math.random() * span)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port from ${lowest} to ${lowest + span - 1} on ${loopback}`)
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, loopback, () => server.close(() => resolve(true)))
  })
}

/** The port that an environment variable names, `otherwise` when it is not set. Throws with a text for people. */
export function portFrom(environment: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const text = environment[name]?.trim()
  if (text === undefined || text === '') return otherwise
  const port = Number(text)
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port
  throw new Error(`${name} is "${text}"; write a port from 1 to 65535.`)
}
