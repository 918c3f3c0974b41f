/**
 * A node in a Node-RED that only writes down what it is told: its statuses, its errors, and how
 * often `done` is called. It decides nothing and reads no locale.
 */

import type { FlowNode, Message } from '../../nodes/common/node-red.js'
import type { Context } from '../../nodes/common/room.js'
import type { TestWorld } from './test-world.js'

type Done = (error?: Error) => void

/** A node in a Node-RED that only writes down what it is told. */
export class PlayedNode {
  readonly world: TestWorld
  readonly shown: string[] = []
  readonly errors: string[] = []
  readonly warnings: string[] = []
  readonly caught: Message[] = []
  /** What was sent, one list of outputs each time. */
  readonly sent: (readonly (Message | null)[])[] = []
  context: Context<object> | undefined
  onStatus = () => {}
  #input: (msg: Message, send: () => void, done: Done) => void = () => {}
  #close: (removed: boolean, done: () => void) => void = () => {}

  constructor(world: TestWorld) {
    this.world = world
  }

  /** What Node-RED hands to the constructor as `this`. */
  get flowNode(): FlowNode {
    const on = (event: 'input' | 'close', handler: never): void => {
      if (event === 'input') this.#input = handler
      else this.#close = handler
    }
    return {
      id: 'n1',
      type: 'played',
      on,
      status: ({ fill, shape, text }) => {
        this.shown.push(`${fill} ${shape} ${text}`)
        this.onStatus()
      },
      send: (messages) => this.sent.push(messages),
      log: () => {},
      warn: (text) => this.warnings.push(text),
      error: (error, msg) => {
        this.errors.push(nameOf(error))
        if (msg !== undefined) this.caught.push(msg)
      },
    }
  }

  input(msg: Message, done: Done): void {
    this.#input(msg, () => {}, done)
  }

  /** How often `done` was called, and with what. */
  async send(msg: Message): Promise<string[]> {
    const calls: string[] = []
    this.input(msg, (error) => calls.push(error === undefined ? 'done' : nameOf(error)))
    await this.world.clock.settle()
    return calls
  }

  async close(): Promise<string[]> {
    const calls: string[] = []
    this.#close(false, () => calls.push('closed'))
    await this.world.clock.settle()
    return calls
  }
}

/** The code of an error of ours, else its text. */
export function nameOf(error: Error | string): string {
  if (typeof error === 'string') return error
  return 'code' in error ? String(error.code) : error.message
}
