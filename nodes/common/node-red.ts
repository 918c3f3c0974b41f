/**
 * The slice of Node-RED that this package touches, written by hand: it documents the whole surface
 * of contact. Verified against Node-RED 4.1 and 5.0.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'

/** A message of a flow. Only what a node asks for by name is known of it. */
export interface Message {
  readonly [property: string]: unknown
}

export interface StatusBadge {
  readonly fill?: 'red' | 'green' | 'yellow' | 'blue' | 'grey'
  readonly shape?: 'dot' | 'ring'
  readonly text?: string
}

export type Done = (error?: Error) => void
export type InputHandler = (msg: Message, send: (msg: unknown) => void, done: Done) => void
export type CloseHandler = (removed: boolean, done: () => void) => void

/** A node as Node-RED's constructor makes it. */
export interface FlowNode {
  readonly id: string
  readonly type: string
  readonly name?: string
  readonly credentials?: Readonly<Record<string, string>>
  /** Ids of the nodes behind each output. */
  readonly wires?: readonly (readonly string[])[]
  /** Where a send looks for them, disabled ones excepted; private, in 4.1 and 5.0. */
  readonly _flow?: { getNode(id: string): unknown }
  on(event: 'input', handler: InputHandler): void
  on(event: 'close', handler: CloseHandler): void
  status(badge: StatusBadge): void
  /** One entry per output; null sends nothing there. */
  send(messages: readonly (Message | null)[]): void
  log(text: string): void
  warn(text: string): void
  /** With a message: a Catch node hears of it; else it is logged. */
  error(error: Error | string, msg?: Message): void
}

export interface Registration {
  readonly credentials?: Readonly<Record<string, { readonly type: 'text' | 'password' }>>
}

/** A prepared expression; `assign` gives it a variable of its own. */
export interface JsonataExpression {
  assign(name: string, value: unknown): void
}

/** What carries one message from a node to the next; the same object in every hook of a send. */
export interface SendEvent {
  readonly msg: Message
  readonly source: { readonly id: string }
  readonly destination: { readonly id: string; readonly node?: HookNode | undefined }
}

export interface ReceiveEvent {
  readonly msg: Message
  readonly destination: { readonly id: string; readonly node: HookNode }
}

export interface CompleteEvent {
  readonly msg: Message
  readonly error?: unknown
  readonly node: { readonly id: string; readonly node: HookNode }
}

/** A node as hooks see it: any type, ours or not. */
export interface HookNode {
  readonly id: string
  readonly type: string
  readonly name?: string
  /** Id within the subflow, for a node of a subflow's instance. */
  readonly _alias?: string
  /** Ids of what contains it and its own, separated by `/`; private, in 4.1 and 5.0. */
  readonly _path?: string
  /** Handlers that take a `done`; private, in 4.1 and 5.0. */
  readonly _expectedDoneCount?: number
}

/**
 * Hooks of the runtime. A function with any number of parameters but one is taken for another
 * form, and every flow waits for it for ever.
 */
export interface Hooks {
  add(name: string, hook: (event: never) => void): void
  /** `*.label` removes all of a label. */
  remove(name: string): void
}

export interface LogLine {
  readonly level: number
  /** Of the node that wrote it. */
  readonly id?: string
  readonly type?: string
  readonly msg?: unknown
}

export interface LogHandler {
  emit(event: string, line: LogLine): void
}

/** A start or stop of flows, as `flows:started` and `flows:stopping` tell of it. */
export interface Deploy {
  /** The flows that are in force: new ones already when they stop for a deploy. */
  readonly config?: unknown
  readonly type: string
  readonly diff?: { readonly [kind: string]: unknown }
  /** Of `node-status` only: which node shows what. */
  readonly id?: string
  readonly status?: StatusBadge
}

/** A node as it was deployed; whether it runs is another matter. */
export interface DeployedNode {
  readonly id: string
  /** The tab or subflow that it is on. */
  readonly z?: string
  /** Of a node: disabled. */
  readonly d?: boolean
  /** Of a tab: disabled. */
  readonly disabled?: boolean
  readonly type?: string
  /** Of an `http in`. */
  readonly method?: unknown
  readonly url?: unknown
}

/** A request to the admin address; Node-RED has read its body when it came as JSON. */
export interface AdminMessage extends IncomingMessage {
  readonly body?: unknown
  /** Who is logged in; absent without adminAuth. */
  readonly user?: { readonly username?: string }
  /** What that person may do: one permission, or several. */
  readonly authInfo?: { readonly scope?: unknown }
}

/** Calls `next` when the request may go on; else it has answered. */
export type AdminHandler = (
  message: AdminMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** With four parameters, and by that alone, it is told of errors. */
export type AdminErrorHandler = (
  error: unknown,
  message: AdminMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** An app of Express. */
export interface AdminApp {
  use(path: string, handler: AdminHandler): void
  use(path: string, handler: AdminErrorHandler): void
  /** The app that it is mounted on; absent when it is the outermost. */
  readonly parent?: AdminApp
  /** What is mounted, in its order; private, in the Express of 4.1 and 5.0. */
  readonly _router?: { readonly stack: readonly AdminLayer[] }
}

export interface AdminLayer {
  readonly handle: unknown
  /** Absent for what was mounted with `use`. */
  readonly route?: { readonly methods: { readonly get?: boolean } }
  match(path: string): boolean
}

export interface NodeRed {
  /** Absent in a runtime without an admin address. */
  readonly httpAdmin?: AdminApp
  /** Of the HTTP nodes. */
  readonly httpNode?: AdminApp
  readonly auth?: { needsPermission(permission: string): AdminHandler }
  /** To every editor that is open, whoever looks at it. */
  readonly comms?: { publish(topic: string, data: object, isRetained: boolean): void }
  /** Absent in a runtime that has none: then nobody can be followed. */
  readonly hooks?: Hooks
  readonly log?: {
    readonly ERROR: number
    debug(text: string): void
    info(text: string): void
    warn(text: string): void
    error(text: string): void
    addHandler(handler: LogHandler): void
    removeHandler(handler: LogHandler): void
  }
  readonly events: {
    on(event: string, heard: (about: Deploy) => void): void
    removeListener(event: string, heard: (about: Deploy) => void): void
  }
  readonly nodes: {
    createNode(node: FlowNode, form: object): void
    registerType(
      type: string,
      construct: (this: FlowNode, form: never) => void,
      options?: Registration,
    ): void
    getNode(id: string): unknown
    /** All nodes of the flows that were deployed: tabs, subflow templates and disabled ones too. */
    eachNode?(call: (node: DeployedNode) => void): void
  }
  readonly settings: {
    readonly userDir?: string
    /** Our own section of settings.js. */
    readonly resilience?: unknown
    /** Absent: whoever reaches the editor may do everything. */
    readonly adminAuth?: unknown
    /** False: there is no editor, and the admin address is reached by nobody. */
    readonly httpAdminRoot?: unknown
    /** Whose pages may call the admin address. */
    readonly httpAdminCors?: unknown
  }
  readonly util: {
    cloneMessage<Kind extends object>(msg: Kind): Kind
    getMessageProperty(msg: object, property: string): unknown
    prepareJSONataExpression(text: string, node: HookNode): JsonataExpression
    evaluateJSONataExpression(
      expression: JsonataExpression,
      msg: object,
      done: (error: unknown, value?: unknown) => void,
    ): void
    evaluateNodeProperty(
      value: string,
      type: 'env',
      node: FlowNode,
      msg: object,
      done: (error: unknown, value?: unknown) => void,
    ): void
  }
  /** Words in the language of the runtime: `key`, or `namespace:key`. */
  _(key: string, values?: Readonly<Record<string, string | number>>): string
}
