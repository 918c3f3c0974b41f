/**
 * A room of a plan: what it does when it opens, takes a message and closes is up to the test.
 * Played on a world in memory and a Node-RED that only writes down what it is told.
 */

import type { Defect } from '../../nodes/common/fields.js'
import type { FlowNode, NodeRed } from '../../nodes/common/node-red.js'
import { type Context, furnish, type Instance } from '../../nodes/common/room.js'
import { epochMs } from '../../src/base/units.js'
import { PlayedNode } from './played-node.js'
import { testWorld } from './test-world.js'

export interface Plan {
  open?(context: Context<object>): Promise<Instance>
  instance?: Partial<Instance>
  input?: Instance['input']
  wrong?: readonly Defect[]
  outputs?: number
}

export const instance = (parts: Partial<Instance>): Instance => ({
  input: () => Promise.resolve(),
  status: () => ({ fill: 'green', shape: 'dot', key: 'ok' }),
  close: () => Promise.resolve(),
  ...parts,
})

export const defect = (required: boolean): Defect => {
  return { field: 'f', label: 'label.f', write: 'write.f', values: {}, required }
}

export function make(plan: Plan): PlayedNode {
  const world = testWorld({ wall: epochMs(Date.UTC(2026, 11, 1)) })
  const node = new PlayedNode(world)
  let construct: (this: FlowNode, form: never) => void = () => {}
  const RED: NodeRed = {
    nodes: {
      createNode: () => {},
      registerType: (_type, constructs) => {
        construct = constructs
      },
      getNode: () => undefined,
    },
    events: { on: () => {}, removeListener: () => {} },
    settings: { userDir: '/u' },
    util: {
      cloneMessage: (msg) => structuredClone(msg),
      getMessageProperty: (msg, property) => Reflect.get(msg, property),
      prepareJSONataExpression: () => ({ assign: () => {} }),
      evaluateJSONataExpression: (_expression, _msg, done) => done(null, ''),
      evaluateNodeProperty: (_value, _type, _node, _msg, done) => done(null, ''),
    },
    _: (key) => key.replace(/^.*:/, ''),
  }
  const { input } = plan
  furnish<object, object>(world, RED, {
    type: 'played',
    parse: () => ({ settings: {}, wrong: plan.wrong ?? [] }),
    outputs: () => plan.outputs ?? 0,
    open: async (context) => {
      node.context = context
      if (plan.open !== undefined) return plan.open(context)
      return instance({ ...plan.instance, ...(input === undefined ? {} : { input }) })
    },
  })
  construct.call(node.flowNode, {} as never)
  return node
}

export async function started(plan: Plan = {}): Promise<PlayedNode> {
  const node = make(plan)
  await node.world.clock.settle()
  return node
}

export function later<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((go) => {
    resolve = go
  })
  return { promise, resolve }
}
