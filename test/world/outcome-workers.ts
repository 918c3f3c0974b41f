/**
 * Nodes of every manner of completing, or of not completing: what third-party packages do. The
 * number of parameters is what Node-RED goes by, so each handler has exactly its own.
 */

import type { HookNode, Message } from '../../nodes/common/node-red.js'

export interface ProbeNode extends HookNode {
  on(event: 'input', handler: Handler): void
  on(event: 'close', handler: () => void): void
  send(msg: unknown): void
  error(error: Error, msg?: Message): void
}

export type Handler = (
  msg: Message,
  send: (msg: unknown) => void,
  done: (error?: Error) => void,
) => void

const oops = () => new Error('oops')
const later = (span: number, call: () => void) => setTimeout(call, span)

/** By node type. */
export const workers: Readonly<Record<string, (node: ProbeNode) => Handler>> = {
  'legacy-sync': (node) => (msg) => node.send(msg),
  'legacy-new': (node) => (_msg) => node.send({ payload: 'new' }),
  'legacy-error': (node) => (msg) => node.error(oops(), msg),
  'legacy-async': (node) => (msg) => later(150, () => node.send(msg)),
  'legacy-async-error': (node) => (msg) => later(60, () => node.error(oops(), msg)),
  'done-async': () => (msg, send, done) => {
    later(80, () => {
      send(msg)
      done()
    })
  },
  'done-new': () => (_msg, send, done) => {
    later(80, () => {
      send({ payload: 'new' })
      done()
    })
  },
  'done-async-error': () => (_msg, _send, done) => later(80, () => done(oops())),
  'done-then-error': () => (_msg, _send, done) => {
    done()
    done(oops())
  },
  'error-then-done': (node) => (msg, _send, done) => {
    node.error(oops(), msg)
    done()
  },
  'async-error-then-done': (node) => (msg, _send, done) => {
    later(80, () => {
      node.error(oops(), msg)
      done()
    })
  },
  'sync-throw': () => (_msg, _send, _done) => {
    throw oops()
  },
  'never-done': () => (_msg, _send, _done) => {},
  'send-never-done': () => (msg, send, _done) => send(msg),
  'done-first': () => (msg, send, done) => {
    done()
    later(150, () => send(msg))
  },
  'any-arity':
    () =>
    (...[msg, send, done]) => {
      later(150, () => {
        send(msg)
        done()
      })
    },
  /** One socket for all: the answer comes in the context of whoever opened it. */
  'socket-held': () => {
    const socket = laterSocket()
    return (msg, send, done) => {
      socket(() => {
        send({ payload: msg['payload'] })
        done()
      })
    }
  },
  'socket-early': () => {
    const socket = laterSocket()
    return (msg, send, done) => {
      done()
      socket(() => send({ payload: msg['payload'] }))
    }
  },
  /** Fails every seventh, by the manner that its name says. */
  'seventh-done': () => (msg, send, done) => {
    later(5 + numberOf(msg), () => {
      if (isSeventh(msg)) done(oops())
      else {
        send(msg)
        done()
      }
    })
  },
  'seventh-error-done': (node) => (msg, send, done) => {
    later(5 + numberOf(msg), () => {
      if (isSeventh(msg)) node.error(oops(), msg)
      else send(msg)
      done()
    })
  },
  'seventh-legacy': (node) => (msg) => {
    if (isSeventh(msg)) node.error(oops(), msg)
    else node.send(msg)
  },
  'seventh-done-error': (node) => (msg, send, done) => {
    later(5 + numberOf(msg), () => {
      send(msg)
      done()
      if (isSeventh(msg)) node.error(oops(), msg)
    })
  },
}

function laterSocket(): (answer: () => void) => void {
  let awaiting: (() => void)[] = []
  let timer: NodeJS.Timeout | undefined
  return (answer) => {
    awaiting.push(answer)
    timer ??= setInterval(() => {
      const answers = awaiting
      awaiting = []
      for (const each of answers) each()
      if (answers.length > 0) return
      clearInterval(timer)
      timer = undefined
    }, 60)
  }
}

const numberOf = (msg: Message): number => Number(msg['n'] ?? 0) % 17
export const isSeventh = (msg: Message): boolean => Number(msg['n']) % 7 === 3
