/**
 * Node-RED's hooks as events of the ledger. Attached only while somebody is followed; each hook has
 * exactly one plain parameter, returns nothing and throws nothing, because a flow waits for it.
 */

import type { NodeError, NodeRef } from '../../src/policy/outcome.js'
import type { FlowEvents, Role } from '../../src/policy/outcome-flow.js'
import type {
  CompleteEvent,
  HookNode,
  LogHandler,
  LogLine,
  Message,
  NodeRed,
  ReceiveEvent,
  SendEvent,
} from './node-red.js'
import type { Contexts } from './outcome-context.js'

/** Hooks of one label are removed together. */
let attached = 0

export interface HookPorts {
  readonly flow: FlowEvents
  readonly contexts: Contexts
  /** Nobody is followed just now. */
  readonly isIdle: () => boolean
  /** Nodes of this type write to the log what concerns no message. */
  readonly isOurs: (type: string) => boolean
  /** Something was counted: a turn may have to be ended, and traces be looked at. */
  readonly counted: () => void
  /** A hook of ours went wrong: nobody can be followed any more. */
  readonly broken: (error: unknown) => void
}

/** By the name of the hook. */
export interface HookFunctions {
  readonly onSend: (events: readonly SendEvent[]) => void
  readonly preDeliver: (event: SendEvent) => void
  readonly onReceive: (event: ReceiveEvent) => void
  readonly postReceive: (event: ReceiveEvent) => void
  readonly onComplete: (event: CompleteEvent) => void
}

export function hookFunctions(ports: HookPorts): HookFunctions {
  const { flow, contexts, counted, isIdle } = ports
  const context = () => contexts.current()
  // What is sent in the context of a message that has ended names a late sender.
  const isNothing = () => isIdle() && context() === undefined
  return guarded(ports, {
    onSend: (events) => {
      if (isNothing()) return
      const running = context()
      for (const event of events) {
        flow.sent(event, event.source.id, event.msg, idOf(event.msg), running)
      }
      counted()
    },
    preDeliver: (event) => {
      if (isNothing()) return
      const { node } = event.destination
      if (node !== undefined) flow.delivered(event, arrivalOf(event.msg, node))
    },
    onReceive: ({ msg, destination: { node } }) => {
      const running = context()
      if (isIdle() && running === undefined) return
      const own = flow.received(arrivalOf(msg, node), roleOf(msg, node), running)
      if (own !== running) contexts.enter(own)
      counted()
    },
    postReceive: ({ msg, destination: { node } }) => {
      if (isIdle()) return
      const handling = flow.handled(msg, node.id, node._expectedDoneCount !== 0)
      if (handling !== undefined) contexts.enter(handling.caller)
      counted()
    },
    onComplete: ({ msg, error, node: { node } }) => {
      if (isIdle()) return
      const isObserver = node.type === 'catch' || node.type === 'complete'
      const failure = error ? errorOf(error) : undefined
      flow.completed(arrivalOf(msg, node), isObserver, failure)
      counted()
    },
  })
}

/** Returns how to detach. Throws when the runtime has no hooks. */
export function attach(RED: NodeRed, ports: HookPorts): () => void {
  const { hooks, log } = RED
  if (hooks === undefined || log === undefined) throw new Error('this runtime has no hooks')
  const label = `holdfast-outcomes-${++attached}`
  for (const [name, hook] of Object.entries(hookFunctions(ports))) {
    hooks.add(`${name}.${label}`, hook)
  }
  const handler = logHandler(log.ERROR, ports)
  log.addHandler(handler)
  return () => {
    hooks.remove(`*.${label}`)
    log.removeHandler(handler)
  }
}

/** Errors that no Catch node was there for reach the log, and only that. */
function logHandler(errorLevel: number, ports: HookPorts): LogHandler {
  const { flow, contexts, counted, broken, isIdle, isOurs } = ports
  return {
    emit: (_event: string, { level, id, type = '', msg }: LogLine) => {
      if (level !== errorLevel || id === undefined || isOurs(type)) return
      try {
        const context = contexts.current()
        if (isIdle() && context === undefined) return
        flow.logged(id, errorOf(msg), context)
        counted()
      } catch (error) {
        broken(error)
      }
    },
  }
}

/** The same functions; an error of ours must not lose a message of the flow. */
function guarded({ broken }: HookPorts, functions: HookFunctions): HookFunctions {
  const guard =
    <Event>(hook: (event: Event) => void) =>
    (event: Event): void => {
      try {
        hook(event)
      } catch (error) {
        broken(error)
      }
    }
  return {
    onSend: guard(functions.onSend),
    preDeliver: guard(functions.preDeliver),
    onReceive: guard(functions.onReceive),
    postReceive: guard(functions.postReceive),
    onComplete: guard(functions.onComplete),
  }
}

const arrivalOf = (msg: Message, node: HookNode) => ({ msg, id: idOf(msg), node })

export function nodeRef({ id, type, name, _path }: HookNode): NodeRef {
  return {
    id,
    type,
    ...(name ? { name } : {}),
    ...(_path === undefined ? {} : { path: _path }),
  }
}

function idOf(msg: Message): string | undefined {
  const id = msg['_msgid']
  return typeof id === 'string' ? id : undefined
}

const work: Role = { is: 'work' }

function roleOf(msg: object, { type }: HookNode): Role {
  switch (type) {
    case 'status':
      return { is: 'status' }
    case 'catch':
    case 'complete': {
      const told = objectIn(msg, type === 'catch' ? 'error' : 'complete')
      const source = told && objectIn(told, 'source')
      const id: unknown = source && Reflect.get(source, 'id')
      // Also a message that is simply wired to it.
      if (told === undefined || typeof id !== 'string') return work
      return type === 'complete'
        ? { is: 'complete', source: id }
        : { is: 'catch', source: id, error: errorOf(told) }
    }
    default:
      return work
  }
}

function objectIn(holder: object, name: string): object | undefined {
  const value: unknown = Reflect.get(holder, name)
  return typeof value === 'object' && value !== null ? value : undefined
}

/** Whatever a node gave to `done` or to `error`. */
function errorOf(error: unknown): NodeError {
  if (typeof error !== 'object' || error === null) return { text: String(error) }
  const [message, code]: unknown[] = [Reflect.get(error, 'message'), Reflect.get(error, 'code')]
  const text = typeof message === 'string' ? message : String(error)
  return typeof code === 'string' ? { text, code } : { text }
}
