/**
 * The frame of every node with an input: settings read once, opening with retries, `done` exactly
 * once per message, words for every error, a status at most twice a second, a close that ends. A
 * room fills in what is particular; nothing that it throws or rejects reaches Node-RED.
 */

import type { Counts } from '../../src/base/counts.js'
import type { Emit } from '../../src/base/event.js'
import { type Failure, Fault } from '../../src/base/fault.js'
import type { World } from '../../src/base/ports.js'
import type { Tally } from '../../src/base/tally.js'
import type { EpochMs } from '../../src/base/units.js'
import type { Adopting } from './adoption.js'
import { announced } from './announced.js'
import { Badge, type Status } from './badge.js'
import { type Commands, type Order, obey, orderFrom } from './commands.js'
import { type Expression, expression } from './expression.js'
import { statusOfFault } from './fault-status.js'
import type { Defect } from './fields.js'
import { countsOf, directoryOf, type Hall, hallOf } from './hall.js'
import type { Done, FlowNode, Message, NodeRed, Registration } from './node-red.js'
import { NodeStorage } from './node-storage.js'
import { Opening } from './opening.js'
import type { FollowerEars } from './outcome-follower.js'
import { outcomesOf } from './outcomes.js'
import type { RosterEntry } from './roster.js'
import { entryOf } from './roster-entry.js'
import type { Storage, StorageSettings } from './stores.js'
import { defectText, failureShown, flowError, shared } from './words.js'
import { Work } from './work.js'

export type { Status }

/** What a room needs to open. */
export interface Context<Settings> {
  readonly id: string
  /** Kept encrypted by Node-RED. */
  readonly credentials: Readonly<Record<string, string>>
  readonly settings: Settings
  readonly hall: Hall
  readonly directory: string
  /** Where and how messages are kept. Throws SETTINGS_INVALID without the store that is named. */
  storageOf(settings: StorageSettings): Storage
  /** For those that guard the work of other nodes. */
  readonly work: Work
  /** Where it counts, over all its openings. */
  readonly counts: Counts
  /** Becomes a line in the log, and whatever else is made of events. */
  readonly emit: Emit
  /** The status may differ from now on. */
  changed(): void
  /** The ground gave way: the room is closed and opened again. */
  failed(fault: Fault): void
  /** A failure that no `done` tells of: a Catch node hears of it, with this message. */
  tell(failure: Failure, msg: Message): void
  /** A failure as messages carry it, in words. */
  shown(failure: Failure): object
  /** Sends a message to one output, counted from 0. */
  send(output: number, msg: Message): void
  /** Throws EXPRESSION_FAILED; `field` is the key of a label. */
  expression(field: string, text: string): Expression
}

/** An open room. */
export interface Instance {
  /** Resolves when the promise given to the sender is kept; rejects or throws when it is not. */
  input(msg: Message): Promise<void>
  status(): Status
  /** What a flow may order; none if there are none. */
  readonly commands?: Commands
  /** Messages in its directory. */
  readonly waiting?: number
  /** What it has counted. Called often: it must be cheap. */
  tally?(): Tally
  /** When the oldest message that waits was accepted. */
  oldestAt?(): Promise<EpochMs | undefined>
  /** What it takes over from directories that no node owns any more; none if nothing. */
  readonly adoption?: Adopting
  close(): Promise<void>
}

export interface Room<Form, Settings> {
  readonly type: string
  parse(form: Form): { readonly settings: Settings; readonly wrong: readonly Defect[] }
  open(context: Context<Settings>): Promise<Instance>
  /** How many outputs a node with these settings has; the last one carries answers. */
  outputs(settings: Settings): number
  readonly registration?: Registration
}

export function furnish<Form, Settings>(
  world: World,
  RED: NodeRed,
  room: Room<Form, Settings>,
): void {
  outcomesOf(RED, world).addOurs(room.type) // it must hear of the first start of the flows
  RED.nodes.registerType(
    room.type,
    function construct(this: FlowNode, form: Form & object) {
      RED.nodes.createNode(this, form)
      new Framed(RED, hallOf(world), this, room, form).start()
    },
    room.registration,
  )
}

class Framed<Form, Settings> {
  readonly #RED: NodeRed
  readonly #hall: Hall
  readonly #node: FlowNode
  readonly #room: Room<Form, Settings>
  readonly #settings: Settings
  readonly #wrong: readonly Defect[]
  readonly #opening: Opening<Instance>
  readonly #badge: Badge
  readonly #storage: NodeStorage
  readonly #emit: Emit
  #isClosed = false
  #leave: () => void = () => {}

  constructor(RED: NodeRed, hall: Hall, node: FlowNode, room: Room<Form, Settings>, form: Form) {
    this.#RED = RED
    this.#hall = hall
    this.#node = node
    this.#room = room
    const { settings, wrong } = room.parse(form)
    this.#settings = settings
    this.#wrong = wrong
    this.#badge = new Badge(RED, hall.world.clock, node, {
      statusOf: () => this.#status(),
      news: () => hall.roster.changed(),
    })
    this.#storage = new NodeStorage(RED, hall, node)
    this.#emit = announced(RED, hall, node)
    this.#opening = new Opening<Instance>({
      clock: hall.world.clock,
      open: (failed) => room.open(this.#context(failed)),
      close: (instance) => this.#closeInstance(instance),
      changed: (isOpen) => this.#moved(isOpen),
      complain: (error) => node.error(this.#errorFrom(error)),
    })
  }

  start(): void {
    const node = this.#node
    for (const defect of this.#wrong) node.warn(defectText(this.#RED, defect))
    node.on('input', (msg, _send, done) => {
      void this.#input(msg, done)
    })
    node.on('close', (isRemoved, done) => {
      this.#close(isRemoved).then(done, (error: unknown) => {
        node.error(this.#errorFrom(error))
        done()
      })
    })
    this.#leave = this.#hall.roster.enter(this.#entry())
    if (this.#missing === undefined) this.#opening.start()
    else this.#badge.changed()
  }

  /** A field without which nothing works. */
  get #missing(): Defect | undefined {
    return this.#wrong.find(({ required }) => required)
  }

  /** Never rejects. One promise and no more: each takes a part of the time of a message. */
  async #input(msg: Message, done: Done): Promise<void> {
    let failed: { readonly error: unknown } | undefined
    try {
      const { current } = this.#opening
      const isOpen = current !== undefined && !(current instanceof Fault)
      const instance = isOpen ? current : await this.#openable()
      if (this.#isClosed) throw new Fault('INTERRUPTED')
      const order = orderFrom(msg)
      await (order === undefined ? instance.input(msg) : this.#obey(instance, order, msg))
    } catch (error) {
      failed = { error }
    }
    try {
      if (failed === undefined) done()
      else done(this.#errorFrom(failed.error))
    } catch (error) {
      this.#node.error(this.#errorFrom(error)) // thrown by `done` itself
    }
  }

  /** A command is never kept and never sent to the first of two outputs. */
  async #obey({ commands = {} }: Instance, order: Order, msg: Message): Promise<void> {
    const answer = await obey(commands, order, { msg, node: this.#node.id })
    this.#send(this.#room.outputs(this.#settings) - 1, answer)
  }

  #send(output: number, msg: Message): void {
    if (output < 0) return
    this.#node.send([...Array.from({ length: output }, () => null), msg])
  }

  /** Rejects for good without a field that it needs. */
  async #openable(): Promise<Instance> {
    if (this.#missing === undefined) return this.#openInstance()
    const text = defectText(this.#RED, this.#missing)
    throw Object.assign(new Error(text), { code: 'SETTINGS_INVALID' })
  }

  async #openInstance(): Promise<Instance> {
    const instance = await this.#opening.whenOpen()
    if (instance instanceof Fault) throw instance
    return instance
  }

  /** A node that is gone is no reason to wait. */
  #moved(isOpen: boolean): void {
    const { opening } = this.#hall
    if (isOpen || this.#isClosed) opening.delete(this.#node.id)
    else opening.add(this.#node.id)
    this.#badge.changed()
  }

  async #closeInstance(instance: Instance): Promise<void> {
    await instance.close()
    this.#storage.closed(instance.waiting ?? 0)
  }

  /** What others see of it, and may order. */
  #entry(): RosterEntry {
    return entryOf({
      ...{ RED: this.#RED, hall: this.#hall, node: this.#node, emit: this.#emit },
      badge: () => this.#badge.shown,
      instance: () => {
        const { current } = this.#opening
        return current instanceof Fault ? undefined : current
      },
      whenOpen: () => this.#openInstance(),
    })
  }

  #context(failedAs: (fault: Fault) => void): Context<Settings> {
    const { id, credentials = {} } = this.#node
    const emit = this.#emit
    const failed = (error: unknown) => this.#node.error(this.#errorFrom(error))
    const counts = countsOf(this.#hall, id)
    const ended: FollowerEars['ended'] = ({ outcome, tookMs }) => counts.ended(outcome, tookMs)
    return {
      work: new Work(this.#RED, this.#hall.world, this.#node, { emit, failed, ended }),
      ...{ id, credentials, counts },
      settings: this.#settings,
      hall: this.#hall,
      directory: directoryOf(this.#RED, id),
      storageOf: (settings) => this.#storage.of(settings),
      emit,
      changed: () => this.#badge.changed(),
      failed: failedAs,
      tell: (failure, msg) => this.#node.error(flowError(this.#RED, failure), msg),
      shown: (failure) => failureShown(this.#RED, failure, this.#hall.world.clock.wall()),
      send: (output, msg) => this.#send(output, msg),
      expression: (label, text) => {
        const field = this.#RED._(label)
        return expression(this.#RED, this.#node, this.#hall.world.clock, { field, text })
      },
    }
  }

  async #close(isRemoved: boolean): Promise<void> {
    this.#isClosed = true
    this.#leave()
    this.#hall.opening.delete(this.#node.id)
    this.#badge.stop()
    await this.#opening.close()
    if (isRemoved) this.#hall.counts.delete(this.#node.id)
  }

  #errorFrom(error: unknown): Error {
    if (error instanceof Fault) return flowError(this.#RED, error, error.cause)
    return error instanceof Error ? error : new Error(String(error))
  }

  /** Undefined while it opens: there is nothing to say yet. */
  #status(): Status | undefined {
    if (this.#missing !== undefined) return statusOfFault(new Fault('SETTINGS_INVALID'))
    const { current } = this.#opening
    if (current instanceof Fault) return statusOfFault(current)
    if (current === undefined) return undefined
    const status = current.status()
    const count = `${this.#wrong.length}`
    return this.#wrong.length > 0 && status.fill === 'green'
      ? { fill: 'yellow', shape: 'ring', key: shared('status.settings-wrong'), values: { count } }
      : status
  }
}
