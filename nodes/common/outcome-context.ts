/**
 * The asynchronous context of a followed message: which trace the code that runs just now was
 * started by. It is a sign among others, because timers and sockets carry the context of whoever
 * made them; `asyncContext: false` in settings.js does without.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import type { TraceRef } from '../../src/policy/outcome-trace.js'

export interface Contexts {
  current(): TraceRef | undefined
  run(ref: TraceRef, call: () => void): void
  /** From here to the end of this turn, or to the next `enter`. */
  enter(ref: TraceRef | undefined): void
  /** Timers of ours must not carry the context of a message. */
  outside<Result>(call: () => Result): Result
  /** Costs nothing any more until the next `run`. */
  disable(): void
}

export function asyncContexts(): Contexts {
  const storage = new AsyncLocalStorage<TraceRef | undefined>()
  return {
    current: () => storage.getStore(),
    run: (ref, call) => storage.run(ref, call),
    enter: (ref) => storage.enterWith(ref),
    outside: (call) => (storage.getStore() === undefined ? call() : storage.run(undefined, call)),
    disable: () => storage.disable(),
  }
}

export const noContexts: Contexts = {
  current: () => undefined,
  run: (_ref, call) => call(),
  enter: () => {},
  outside: (call) => call(),
  disable: () => {},
}
