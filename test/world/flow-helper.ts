/**
 * Node-RED's own test helper as our tests use it, with types, and core nodes that stand beside
 * ours: they hear how a message ended, or hold certificates. It comes as it is: what a flow must do
 * is for the tests to say.
 */

export interface HelperNode<Msg> {
  receive(msg: object): void
  on(event: 'input', listener: (msg: Msg) => void): void
}

/** One request to the admin address; resolves with its answer, whatever the status. */
interface Asking<Told> extends PromiseLike<Told> {
  set(header: string, value: string): Asking<Told>
  send(body: unknown): Asking<Told>
}

interface Helper {
  init(runtime: string): void
  settings(settings: object): void
  load(nodes: unknown[], flow: object[], credentials?: object): Promise<void>
  unload(): Promise<void>
  /** The answers that it brings are such as the test says. */
  request<Told>(): Record<'get' | 'post' | 'delete' | 'head', (path: string) => Asking<Told>>
  /** The messages that it gets are such as the test says. */
  getNode<Msg = unknown>(id: string): HelperNode<Msg>
  /** A spy: each call with what it was given. */
  log(): { readonly args: readonly (readonly { readonly msg: unknown }[])[] }
}

export const helper: Helper = require('node-red-node-test-helper')
export const complete: unknown = require('@node-red/nodes/core/common/24-complete.js')
export const tlsConfig: unknown = require('@node-red/nodes/core/network/05-tls.js')
export const catcher: unknown = require('@node-red/nodes/core/common/25-catch.js')

/** Of the Node-RED that the tests run with. */
export const runtime: string = require.resolve('node-red/lib/red.js')
