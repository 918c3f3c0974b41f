/**
 * The checks of a health monitor: a row as its dialog saves it, and what is known once it was read.
 * Types only.
 */

import type { StatusRange } from './grammar.js'

export type CheckKind =
  | 'http'
  | 'tcp'
  | 'mqtt'
  | 'grpc'
  | 'websocket'
  | 'flow'
  | 'heartbeat'
  | 'nodes'
  | 'runtime'

/** As a dialog saves it; only what its kind has is looked at. */
export interface CheckRow {
  kind?: CheckKind
  label?: string
  timeout?: string
  critical?: boolean
  url?: string
  expectStatus?: string
  expectText?: string
  certificateDays?: string
  address?: string
  topic?: string
  service?: string
  secure?: boolean
  send?: string
  within?: string
  phi?: string
  loopDelay?: string
  memory?: string
  oldestAge?: string
  freeDisk?: string
  openBreakers?: boolean
}

/** What every check has. Spans are ms. */
export interface Common {
  readonly label: string
  readonly timeout: number
  readonly isCritical: boolean
}

export interface At {
  readonly host: string
  readonly port: number
}

export type CheckSpec = Common &
  (
    | {
        readonly kind: 'http'
        readonly url: string
        readonly expectStatus: readonly StatusRange[]
        readonly expectText: string
        readonly certificateDays: number
      }
    | (At & { readonly kind: 'tcp' })
    | { readonly kind: 'mqtt'; readonly topic: string }
    | (At & { readonly kind: 'grpc'; readonly service: string; readonly isSecure: boolean })
    | {
        readonly kind: 'websocket'
        readonly url: string
        readonly send: string
        readonly expectText: string
      }
    | { readonly kind: 'flow' }
    | { readonly kind: 'heartbeat'; readonly within: number; readonly phi: number | 'off' }
    | { readonly kind: 'nodes' }
    | {
        readonly kind: 'runtime'
        readonly loopDelay: number
        readonly memory: number
        readonly oldestAge: number
        readonly freeDisk: number
        readonly openBreakers: boolean
      }
  )

/** By kind. */
export type Kinds = { readonly [Kind in CheckKind]: Extract<CheckSpec, { kind: Kind }> }
