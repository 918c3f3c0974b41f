/**
 * The slice of Node-RED that this package touches, written by hand: it documents the whole surface
 * of contact. Verified against Node-RED 4.1 and 5.0.
 */

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

export interface NodeRed {
  readonly nodes: {
    createNode(node: FlowNode, form: object): void
    registerType(
      type: string,
      construct: (this: FlowNode, form: never) => void,
      options?: Registration,
    ): void
    getNode(id: string): unknown
  }
  readonly settings: {
    readonly userDir?: string
    /** Our own section of settings.js. */
    readonly resilience?: unknown
  }
  /** Words in the language of the runtime: `key`, or `namespace:key`. */
  _(key: string, values?: Readonly<Record<string, string | number>>): string
}
