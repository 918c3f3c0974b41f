/**
 * The frame of every node with an input: settings read once, opening with retries, `done` exactly
 * once per message, words for every error, a status at most twice a second, a close that ends. A
 * room fills in what is particular; nothing that it throws or rejects reaches Node-RED.
 */

import type { Emit } from '../../src/base/event.js'
import { type Failure, Fault } from '../../src/base/fault.js'
import type { Cancel, World } from '../../src/base/ports.js'
import { type Instant, ms, since } from '../../src/base/units.js'
import { Badge, type Status } from './badge.js'
import { type Commands, type Order, obey, orderFrom } from './commands.js'
import { type Expression, expression } from './expression.js'
import { statusOfFault } from './fault-status.js'
import type { Defect } from './fields.js'
import { directoryOf, type Hall, hallOf } from './hall.js'
import { logged } from './log.js'
import type { FlowNode, Message, NodeRed, Registration } from './node-red.js'
import { NodeStorage } from './node-storage.js'
import { outcomesOf } from './outcomes.js'
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
  /** Becomes a line in the log. */
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
  /** Resolves when the promise given to the sender is kept; rejects when it is not. */
  input(msg: Message): Promise<void>
  status(): Status
  /** What a flow may order; none if there are none. */
  readonly commands?: Commands
  /** Messages in its directory. */
  readonly waiting?: number
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

const openAgainAfter = ms(10_000)
/** Messages that may wait for a room to open; an opening takes a moment, unless the disk stalls. */
const earlyMax = 10_000

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
  /** The room, or why there is none; pending only while the first opening runs. */
  #instance: Promise<Instance | Fault> = Promise.resolve(new Fault('INTERRUPTED'))
  #current: Instance | Fault | undefined
  #isClosed = false
  #openingAt: Instant
  /** Messages that wait for the opening. */
  #early = 0
  readonly #badge: Badge
  readonly #storage: NodeStorage
  #reopenTimer: Cancel | undefined

  constructor(RED: NodeRed, hall: Hall, node: FlowNode, room: Room<Form, Settings>, form: Form) {
    this.#RED = RED
    this.#hall = hall
    this.#node = node
    this.#room = room
    this.#openingAt = hall.world.clock.monotonic()
    const { settings, wrong } = room.parse(form)
    this.#settings = settings
    this.#wrong = wrong
    this.#badge = new Badge(RED, hall.world.clock, node, () => this.#status())
    this.#storage = new NodeStorage(RED, hall, node)
  }

  start(): void {
    const node = this.#node
    for (const defect of this.#wrong) node.warn(defectText(this.#RED, defect))
    node.on('input', (msg, _send, done) => {
      this.#input(msg)
        .then(
          () => done(),
          (error: unknown) => done(this.#errorFrom(error)),
        )
        .catch((error: unknown) => node.error(this.#errorFrom(error))) // thrown by `done` itself
    })
    node.on('close', (_removed, done) => {
      this.#close().then(done, (error: unknown) => {
        node.error(this.#errorFrom(error))
        done()
      })
    })
    if (this.#missing === undefined) this.#open()
    else this.#badge.changed()
  }

  /** A field without which nothing works. */
  get #missing(): Defect | undefined {
    return this.#wrong.find(({ required }) => required)
  }

  async #input(msg: Message): Promise<void> {
    if (this.#missing !== undefined) {
      const text = defectText(this.#RED, this.#missing)
      throw Object.assign(new Error(text), { code: 'SETTINGS_INVALID' })
    }
    const current = this.#current
    const isOpen = current !== undefined && !(current instanceof Fault)
    const instance = isOpen ? current : await this.#whenOpen()
    if (this.#isClosed) throw new Fault('INTERRUPTED')
    if (instance instanceof Fault) throw instance
    const order = orderFrom(msg)
    if (order === undefined) await instance.input(msg)
    else await this.#obey(instance, order, msg)
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

  /** Messages that come while it opens wait for it in memory, so their number is bounded. */
  async #whenOpen(): Promise<Instance | Fault> {
    if (this.#current !== undefined) return this.#instance
    if (this.#early >= earlyMax) {
      const time = since(this.#openingAt, this.#hall.world.clock.monotonic())
      return new Fault('DISK_STALLED', { time })
    }
    this.#early++
    try {
      return await this.#instance
    } finally {
      this.#early--
    }
  }

  #open(): void {
    const opening = { hasFailed: false }
    this.#openingAt = this.#hall.world.clock.monotonic()
    this.#current = undefined
    this.#hall.opening.add(this.#node.id)
    this.#instance = this.#room
      .open(this.#context(opening))
      .catch((error: unknown) => this.#cannotOpen(error))
      .then((instance) => {
        if (opening.hasFailed) return instance
        this.#current = instance
        if (!(instance instanceof Fault)) this.#hall.opening.delete(this.#node.id)
        this.#badge.changed()
        return instance
      })
  }

  #cannotOpen(error: unknown): Fault {
    const fault = error instanceof Fault ? error : new Fault('DISK_UNWRITABLE', {}, error)
    this.#node.error(this.#errorFrom(error))
    this.#openLater()
    return fault
  }

  /** The ground gave way under a room: it is cleared now, once, and tried again later. */
  #failed(fault: Fault, opening: { hasFailed: boolean }): void {
    if (opening.hasFailed) return
    opening.hasFailed = true
    this.#node.error(this.#errorFrom(fault))
    const cleared = this.#closeInstance(this.#instance).then(() => fault)
    this.#current = fault
    this.#hall.opening.add(this.#node.id)
    this.#instance = cleared
    this.#badge.changed()
    cleared.finally(() => this.#openLater()).catch(() => {}) // whoever awaits it hears of it
  }

  /** What a person mends (a full disk, a directory's rights) is found out without a deploy. */
  #openLater(): void {
    if (this.#isClosed) return
    this.#reopenTimer?.()
    this.#reopenTimer = this.#hall.world.clock.wake(openAgainAfter, () => this.#open())
  }

  async #closeInstance(opening: Promise<Instance | Fault>): Promise<void> {
    const instance = await opening
    if (instance instanceof Fault) return
    await instance.close()
    this.#storage.closed(instance.waiting ?? 0)
  }

  #context(opening: { hasFailed: boolean }): Context<Settings> {
    const { id, credentials = {} } = this.#node
    const emit = logged(this.#RED, this.#node)
    const failed = (error: unknown) => this.#node.error(this.#errorFrom(error))
    return {
      work: new Work(this.#RED, this.#hall.world, this.#node, { emit, failed }),
      ...{ id, credentials },
      settings: this.#settings,
      hall: this.#hall,
      directory: directoryOf(this.#RED, id),
      storageOf: (settings) => this.#storage.of(settings),
      emit,
      changed: () => this.#badge.changed(),
      failed: (fault) => this.#failed(fault, opening),
      tell: (failure, msg) => this.#node.error(flowError(this.#RED, failure), msg),
      shown: (failure) => failureShown(this.#RED, failure, this.#hall.world.clock.wall()),
      send: (output, msg) => this.#send(output, msg),
      expression: (label, text) => {
        const field = this.#RED._(label)
        return expression(this.#RED, this.#node, this.#hall.world.clock, { field, text })
      },
    }
  }

  async #close(): Promise<void> {
    this.#isClosed = true
    this.#hall.opening.delete(this.#node.id)
    this.#badge.stop()
    this.#reopenTimer?.()
    await this.#closeInstance(this.#instance)
  }

  #errorFrom(error: unknown): Error {
    if (error instanceof Fault) return flowError(this.#RED, error, error.cause)
    return error instanceof Error ? error : new Error(String(error))
  }

  /** Undefined while it opens: there is nothing to say yet. */
  #status(): Status | undefined {
    if (this.#missing !== undefined) return statusOfFault(new Fault('SETTINGS_INVALID'))
    const current = this.#current
    if (current instanceof Fault) return statusOfFault(current)
    if (current === undefined) return undefined
    const status = current.status()
    const count = `${this.#wrong.length}`
    return this.#wrong.length > 0 && status.fill === 'green'
      ? { fill: 'yellow', shape: 'ring', key: shared('status.settings-wrong'), values: { count } }
      : status
  }
}
