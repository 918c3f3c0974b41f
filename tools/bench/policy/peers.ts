/**
 * Other circuit breakers in the same run, as far as they are installed; one that is not is skipped
 * with a word on how to get it. Each guards a function that does nothing, without time-outs and
 * percentiles: what is left is the cost of the breaker.
 */

import { createRequire } from 'node:module'

export interface BreakerPeer {
  readonly name: string
  /** A closed breaker around a function that succeeds. */
  closed(): () => Promise<unknown>
  /** An open one; its call rejects. */
  open(): Promise<() => Promise<unknown>>
}

interface Opossum {
  fire(): Promise<unknown>
  open(): void
}
type OpossumMaker = new (
  work: () => Promise<number>,
  options: Readonly<Record<string, unknown>>,
) => Opossum

const work = async () => 1

function opossumPeer(library: unknown): BreakerPeer {
  const CircuitBreaker = library as OpossumMaker
  const make = () =>
    new CircuitBreaker(work, {
      ...{ timeout: false, rollingPercentilesEnabled: false, resetTimeout: 2 ** 30 },
    })
  return {
    name: 'opossum',
    closed() {
      const breaker = make()
      return () => breaker.fire()
    },
    async open() {
      const breaker = make()
      breaker.open()
      return () => breaker.fire()
    },
  }
}

interface Policy {
  execute(work: () => Promise<number>): Promise<unknown>
}
interface Cockatiel {
  readonly handleAll: unknown
  readonly ConsecutiveBreaker: new (failures: number) => unknown
  circuitBreaker(handled: unknown, options: Readonly<Record<string, unknown>>): Policy
}

function cockatielPeer(library: unknown): BreakerPeer {
  const { circuitBreaker, ConsecutiveBreaker, handleAll } = library as Cockatiel
  const make = () =>
    circuitBreaker(handleAll, { halfOpenAfter: 2 ** 30, breaker: new ConsecutiveBreaker(1) })
  return {
    name: 'cockatiel',
    closed() {
      const policy = make()
      return () => policy.execute(work)
    },
    async open() {
      const policy = make()
      await policy.execute(() => Promise.reject(new Error('down'))).catch(() => undefined)
      return () => policy.execute(work)
    },
  }
}

const candidates: readonly [name: string, make: (found: unknown) => BreakerPeer][] = [
  ['opossum', opossumPeer],
  ['cockatiel', cockatielPeer],
]

const notFound = 'MODULE_NOT_FOUND'

/** Those that load here; `skipped` is told of the others, and why. */
export function installedBreakers(skipped: (text: string) => void): BreakerPeer[] {
  const load = createRequire(__filename)
  return candidates.flatMap(([name, make]) => {
    try {
      return [make(load(name))]
    } catch (error) {
      const isAbsent = error instanceof Error && 'code' in error && error.code === notFound
      const why = isAbsent ? `it is not installed here (npm install --no-save ${name})` : `${error}`
      skipped(`${name} is not measured: ${why}`)
      return []
    }
  })
}
