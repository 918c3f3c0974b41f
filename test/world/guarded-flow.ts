/**
 * One of the nodes that guard the work of others, in Node-RED's own test helper: in front of a
 * machine that may be sick, with everything that leaves on its second output, and everything that
 * Catch and Complete nodes hear, kept for the test.
 */

import { hallOf } from '../../nodes/common/hall.js'
import type { Message, NodeRed } from '../../nodes/common/node-red.js'
import type { World } from '../../src/base/ports.js'
import type { Tally } from '../../src/base/tally.js'
import { Arrivals } from './arrivals.js'
import { catcher, complete, helper, runtime } from './flow-helper.js'
import { SickMachine } from './sick-machine.js'
import { SteppedClock } from './stepped-clock.js'
import { testWorld } from './test-world.js'

/** The helper's runtime keeps back what the outcome service listens to. */
const { hooks, log, events, util } = require('@node-red/util')

type Room = (world: World) => (RED: NodeRed) => void

/** One for all flows: there is one outcome service in a runtime, and it keeps its first world. */
const clock = new SteppedClock()
const { network, ...still } = testWorld()
const world: World = { ...still, network, clock }
let flows = 0

export class GuardedFlow {
  readonly clock = clock
  /** Of all flows, as the clock is. */
  readonly network = network
  readonly hall = hallOf(world)
  readonly machine = new SickMachine()
  /** Left on the second output. */
  aside = new Arrivals<Message>()
  caught = new Arrivals<Message>()
  /** Messages that the node is done with. */
  completed = new Arrivals<Message>()
  readonly id: string

  /** Another for each, for what was kept on disk belongs to it. */
  constructor(id = `guard-${++flows}`) {
    this.id = id
  }

  /** Starts the flows; `more` nodes stand beside it, `configs` on no tab. */
  async start(
    rooms: readonly Room[],
    guard: object,
    more: readonly object[] = [],
    configs: readonly object[] = [],
  ): Promise<void> {
    this.aside = new Arrivals()
    this.caught = new Arrivals()
    this.completed = new Arrivals()
    const common = { z: 'tab', x: 1, y: 1, wires: [] }
    helper.init(runtime)
    const nodes = rooms.map((room) => (RED: NodeRed) => {
      room(world)({ ...RED, hooks, log, events, util })
    })
    await helper.load(
      [...nodes, this.machine.register, catcher, complete],
      [
        { id: 'tab', type: 'tab' },
        ...configs,
        { ...common, id: this.id, wires: [['machine'], ['aside']], ...guard },
        ...more.map((node) => ({ ...common, ...node })),
        { ...common, id: 'machine', type: 'sick-machine' },
        { ...common, id: 'aside', type: 'helper' },
        { ...common, id: 'catch', type: 'catch', scope: [this.id], wires: [['caught']] },
        { ...common, id: 'caught', type: 'helper' },
        { ...common, id: 'complete', type: 'complete', scope: [this.id], wires: [['completed']] },
        { ...common, id: 'completed', type: 'helper' },
      ],
    )
    for (const name of ['aside', 'caught', 'completed'] as const) {
      helper.getNode<Message>(name).on('input', (msg) => this[name].add(msg))
    }
  }

  /** Texts that nodes have written to the log, whoever heard them. */
  get log(): string[] {
    return helper.log().args.map(([line]) => String((line?.msg as Error)?.message ?? line?.msg))
  }

  async stop(): Promise<void> {
    this.machine.answer()
    await helper.unload()
  }

  /** The message goes in; resolves when the node is done with it, in either way. */
  async send(msg: object): Promise<void> {
    const [done, failed] = [this.completed.all.length, this.caught.all.length]
    this.give(msg)
    await Promise.race([this.completed.first(done + 1), this.caught.first(failed + 1)])
    await this.turns()
  }

  /** What the node has counted. */
  get tally(): Tally {
    return this.hall.roster.of(this.id)?.tally() ?? {}
  }

  /** Until what is on its way between nodes has come. */
  async turns(): Promise<void> {
    for (let i = 0; i < 20; i++) await new Promise(setImmediate)
  }

  /** The message goes in, and nobody waits. */
  give(msg: object): void {
    this.giveTo(this.id, msg)
  }

  giveTo(id: string, msg: object): void {
    helper.getNode(id).receive(msg)
  }

  /** The answer to an order, which comes on the second output. */
  async order(command: string, fields: object = {}): Promise<unknown> {
    const before = this.aside.all.length
    this.give({ resilience: { command, ...fields } })
    await this.aside.first(before + 1)
    await this.turns()
    return this.aside.all.findLast((msg) => section(msg)['answer'] !== undefined)?.['payload']
  }
}

/** What our nodes have put on a message. */
export function section(msg: object | undefined): Record<string, unknown> {
  const { resilience = {} } = (msg ?? {}) as { resilience?: Record<string, unknown> }
  return resilience
}

/** Of the error that a Catch node tells of. */
export const codeOf = (msg: object | undefined): unknown =>
  ((msg ?? {}) as { error?: { code?: string } }).error?.code
