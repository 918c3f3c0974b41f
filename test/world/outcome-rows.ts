/**
 * The words of the scenario table: a row, its ends, and the core nodes that several rows use, as
 * the editor saves them. It holds no scenario.
 */

import { code, type Part, part, type Scenario } from './outcome-scene.js'

export interface Row extends Scenario {
  readonly ends: {
    readonly outcome: string
    readonly deliveries: number
    /** Marks passed when the end was told; fewer than in the chains: told too early. */
    readonly marks?: number
    readonly code?: string
    readonly stillOpen?: readonly string[]
    readonly isHandedOver?: boolean
  }
}

export interface Ground {
  readonly http: string
  readonly refusedPort: number
  readonly directory: string
}

export const ok = (deliveries: number, marks = 1) => ({ outcome: 'ok', deliveries, marks })
export const failed = (deliveries: number, marks = 0, why = 'NODE_ERROR') => {
  return { outcome: 'failed', deliveries, marks, code: why }
}
export const timeout = (deliveries: number, stillOpen: readonly string[], marks = 0) => {
  return { outcome: 'timeout', deliveries, stillOpen, marks, code: 'OUTCOME_TIMEOUT' }
}
export const row = (
  name: string,
  chain: readonly Part[],
  ends: Row['ends'],
  more: object = {},
): Row => {
  return { name, chains: [chain], ends, ...more }
}

export const split = part('split', { splt: '\\n', arraySplt: 1, arraySpltType: 'len' })
export const join = part('join', { mode: 'auto', build: 'array', property: 'payload', count: '' })
export const three = code('msg.payload = [1, 2, 3]; return msg')
export const wait = code('await new Promise((go) => setTimeout(go, 40)); return msg')
export const waitNew = code(
  'await new Promise((go) => setTimeout(go, 40)); return { payload: msg.payload }',
)
export const delay = (pauseType: string, more: object = {}) =>
  part('delay', {
    ...{ pauseType, timeout: '60', timeoutUnits: 'milliseconds', rate: '10', nbRateUnits: '1' },
    ...{ rateUnits: 'second', randomFirst: '20', randomLast: '60', randomUnits: 'milliseconds' },
    ...{ drop: false, allowrate: false, outputs: 1, ...more },
  })
export const rule = (t: string, v: string, vt: string) => ({ t, v, vt })
export const gate = (rules: object[], property = 'payload', propertyType = 'msg') =>
  part('switch', { property, propertyType, rules, checkall: 'true', outputs: rules.length })
export const change = part('change', {
  rules: [{ t: 'set', p: 'x', pt: 'msg', to: '1', tot: 'num' }],
})
export const catchAll = part('catch', { scope: null, uncaught: false })
export const request = (url: string) => part('http request', { method: 'GET', ret: 'txt', url })

export const waiting = { ...join, mode: 'custom', count: '5', build: 'array' }

export function slow(span: number): Part {
  return code(`await new Promise((go) => setTimeout(go, ${span})); return msg`)
}
