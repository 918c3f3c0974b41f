/**
 * The closed lists that labels of metrics take their values from. Words only; who uses them means
 * what the types say that they come from.
 */

import type { DropReason } from '../base/event.js'
import type { BreakerWord, HealthWord } from '../base/tally.js'

const reasons: Readonly<Record<DropReason, true>> = {
  ...{ expired: true, overflow: true, 'max-attempts': true, permanent: true, timeout: true },
  ...{ deadline: true, budget: true, refused: true, 'too-large': true, 'not-authorised': true },
  ...{ poison: true, cycle: true, offline: true, superseded: true, unstorable: true },
  ...{ operator: true, damaged: true },
}

export const dropReasons = Object.keys(reasons)

export const outcomes = ['ok', 'failed', 'timeout', 'interrupted', 'unsure', 'ignored']

export const breakerStates: readonly BreakerWord[] = [
  ...(['closed', 'open', 'half-open', 'isolated', 'disabled'] as const),
]

export const healthStates: readonly HealthWord[] = [
  ...(['healthy', 'degraded', 'unhealthy', 'unknown'] as const),
]

export const linkStates = ['disconnected', 'connecting', 'connected', 'reconnecting', 'failed']

export const linkCauses = [
  ...['closed', 'network', 'keepalive', 'acknowledgement', 'throttled', 'client-id'],
  ...['certificate', 'broker'],
]
