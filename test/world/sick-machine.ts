/**
 * A node of a flow that works, fails or never answers, as a test says, and counts what it was
 * given. Registered in a test's Node-RED only.
 */

import type { FlowNode, Message } from '../../nodes/common/node-red.js'

interface Registry {
  readonly nodes: {
    createNode(node: FlowNode, form: object): void
    registerType(type: string, construct: (this: FlowNode, form: object) => void): void
  }
}

export class SickMachine {
  state: 'well' | 'sick' | 'silent' = 'well'
  /** What it reports while it is sick. */
  sickness: Error & { code?: string } = new Error('out of order')
  /** Put on what it works on, as `http request` does. */
  status: number | undefined
  /** Messages that it fails with even when it is well. */
  sickOf: (msg: Message) => boolean = () => false
  readonly given: Message[] = []
  /** Of those that it was silent about. */
  #open: (() => void)[] = []

  /** What Node-RED loads. */
  readonly register = (RED: Registry): void => {
    const machine = this
    RED.nodes.registerType('sick-machine', function (this: FlowNode, form: object) {
      RED.nodes.createNode(this, form)
      this.on('input', (msg, _send, done) => {
        machine.given.push(msg)
        if (machine.status !== undefined) Reflect.set(msg, 'statusCode', machine.status)
        if (machine.state === 'silent') machine.#open.push(() => done())
        else done(machine.state === 'sick' || machine.sickOf(msg) ? machine.sickness : undefined)
      })
    })
  }

  /** Answers all that it was silent about. */
  answer(): void {
    const open = this.#open
    this.#open = []
    for (const done of open) done()
  }

  reset(): void {
    this.answer()
    this.state = 'well'
    this.sickOf = () => false
    this.given.length = 0
  }
}
