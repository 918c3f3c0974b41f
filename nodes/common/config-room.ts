/**
 * The frame of every config node: settings read once, credentials handed over, a close that ends.
 * What is wrong with the settings is said here once; the nodes that use it refuse their input.
 */

import type { Emit } from '../../src/base/event.js'
import type { Failure } from '../../src/base/fault.js'
import type { World } from '../../src/base/ports.js'
import { announced } from './announced.js'
import { type Evaluate, evaluator } from './expression.js'
import type { Defect } from './fields.js'
import { type Hall, hallOf } from './hall.js'
import type { FlowNode, NodeRed, Registration } from './node-red.js'
import { defectText, failureText } from './words.js'

export interface ConfigContext<Settings> {
  readonly id: string
  readonly settings: Settings
  readonly credentials: Readonly<Record<string, string>>
  readonly hall: Hall
  readonly emit: Emit
  readonly evaluate: Evaluate
  /** A warning in the log. */
  warn(failure: Failure): void
}

export interface ConfigRoom<Form, Settings> {
  readonly type: string
  parse(form: Form): { readonly settings: Settings; readonly wrong: readonly Defect[] }
  /** Only with settings that can be used. */
  open(context: ConfigContext<Settings>): { close(removed: boolean): void | Promise<void> }
  readonly registration?: Registration
}

export function furnishConfig<Form, Settings>(
  world: World,
  RED: NodeRed,
  room: ConfigRoom<Form, Settings>,
): void {
  RED.nodes.registerType(
    room.type,
    function construct(this: FlowNode, form: Form & object) {
      RED.nodes.createNode(this, form)
      const { settings, wrong } = room.parse(form)
      for (const defect of wrong) this.warn(defectText(RED, defect))
      if (wrong.some(({ required }) => required)) return
      const { id, credentials = {} } = this
      const hall = hallOf(world)
      const instance = room.open({
        ...{ id, settings, credentials, hall, emit: announced(RED, hall, this) },
        evaluate: evaluator(RED, this),
        warn: (failure) => this.warn(failureText(RED, failure)),
      })
      this.on('close', (removed, done) => {
        if (removed) hall.counts.delete(id)
        Promise.resolve(instance.close(removed)).then(done, (error: unknown) => {
          this.error(String(error))
          done()
        })
      })
    },
    room.registration,
  )
}
