/**
 * Metrics of what guards the work of other nodes: circuit breakers, retries, bulkheads, health
 * checks, the outcomes that all of them follow, and the events of every node. A table, no rule.
 */

import { byWord, type Metric, oneOf, type Sample, single } from './metric.js'
import { breakerStates, dropReasons, healthStates, outcomes } from './words.js'

const refusals = ['overflow', 'expired', 'operator']
const callOutcomes = [...outcomes, 'slow']
const checkOutcomes = ['ok', 'slow', 'failed']
const gauge = { type: 'gauge', labels: [] } as const
const counter = { type: 'counter', labels: [] } as const
const histogram = { type: 'histogram', labels: [] } as const

/** All that there may be between different states. */
const moves = breakerStates.flatMap((from) =>
  breakerStates.flatMap((to) => (from === to ? [] : [`${from}>${to}`])),
)

export const guardMetrics: readonly Metric[] = [
  {
    ...{ type: 'gauge', name: 'resilience_breaker_state', labels: ['state'] },
    help: 'Breakers of this node in that state, by key.',
    of: ({ tally }) => byWord('state', tally.breaker?.states, breakerStates),
  },
  {
    ...{ ...gauge, name: 'resilience_breaker_shadow', help: 'Breakers that only watch.' },
    of: ({ tally }) => single(tally.breaker, ({ shadow }) => shadow),
  },
  {
    ...{ type: 'counter', name: 'resilience_breaker_calls_total', labels: ['outcome'] },
    help: 'Calls that ended; slow: well, but too late.',
    of: ({ tally }) => byWord('outcome', tally.breaker?.calls, callOutcomes),
  },
  {
    ...{ ...counter, name: 'resilience_breaker_refused_total', help: 'Messages refused.' },
    of: ({ tally }) => single(tally.breaker, ({ refused }) => refused),
  },
  {
    ...{ type: 'counter', name: 'resilience_breaker_transitions_total', labels: ['from', 'to'] },
    help: 'Changes of state; in shadow those that would have been.',
    of: ({ tally }) => byWord('move', tally.breaker?.transitions, moves).map(fromTo),
  },
  {
    ...{ ...histogram, name: 'resilience_breaker_call_seconds', help: 'How long calls took.' },
    of: ({ tally }) => single(tally.breaker, ({ callTime }) => callTime),
  },
  {
    ...{ type: 'counter', name: 'resilience_retry_attempts_total', labels: ['outcome'] },
    help: 'Attempts that ended.',
    of: ({ tally }) => byWord('outcome', tally.retry?.attempts, outcomes),
  },
  {
    ...{ type: 'counter', name: 'resilience_retry_gave_up_total', labels: ['reason'] },
    help: 'Messages given up.',
    of: ({ tally }) => byWord('reason', tally.retry?.gaveUp, dropReasons),
  },
  {
    ...{ ...gauge, name: 'resilience_bulkhead_in_flight', help: 'Messages at work.' },
    of: ({ tally }) => single(tally.bulkhead, ({ inFlight }) => inFlight),
  },
  {
    ...{ ...gauge, name: 'resilience_bulkhead_waiting', help: 'Messages waiting for a place.' },
    of: ({ tally }) => single(tally.bulkhead, ({ waiting }) => waiting),
  },
  {
    ...{ ...gauge, name: 'resilience_bulkhead_limit', help: 'Places, of all keys together.' },
    of: ({ tally }) => single(tally.bulkhead, ({ limit }) => limit),
  },
  {
    ...{ ...counter, name: 'resilience_bulkhead_admitted_total', help: 'Messages let in.' },
    of: ({ tally }) => single(tally.bulkhead, ({ admitted }) => admitted),
  },
  {
    ...{ type: 'counter', name: 'resilience_bulkhead_refused_total', labels: ['reason'] },
    help: 'Messages turned away.',
    of: ({ tally }) => byWord('reason', tally.bulkhead?.refused, refusals),
  },
  {
    ...{ ...histogram, name: 'resilience_bulkhead_wait_seconds' },
    help: 'How long those let in have waited.',
    of: ({ tally }) => single(tally.bulkhead, ({ waitTime }) => waitTime),
  },
  {
    ...{ type: 'gauge', name: 'resilience_health_status', labels: ['status'] },
    help: '1 for the verdict of this monitor.',
    of: ({ tally }) => oneOf('status', tally.health?.status, healthStates),
  },
  {
    ...{ type: 'histogram', name: 'resilience_health_check_seconds', labels: ['check'] },
    help: 'How long checks took that were answered.',
    of: ({ tally }) =>
      (tally.health?.checks ?? []).map(({ label, checkTime }) => {
        return { labels: { check: label }, value: checkTime }
      }),
  },
  {
    ...{ type: 'counter', name: 'resilience_health_checks_total', labels: ['check', 'outcome'] },
    help: 'Checks that ended.',
    of: ({ tally }) =>
      (tally.health?.checks ?? []).flatMap(({ label, checks }) =>
        byWord('outcome', checks, checkOutcomes).map(({ labels, value }) => {
          return { labels: { check: label, ...labels }, value }
        }),
      ),
  },
  {
    ...{ type: 'histogram', name: 'resilience_outcome_seconds', labels: ['outcome'] },
    help: 'How long the work took that this node followed.',
    of: ({ tally }) =>
      Object.entries(tally.outcomes ?? {}).flatMap(([outcome, span]) =>
        span === undefined ? [] : [{ labels: { outcome }, value: span }],
      ),
  },
  {
    ...{ type: 'counter', name: 'resilience_events_total', labels: ['kind'] },
    help: 'Events of this node, each from the first on.',
    of: ({ events }) => byWord('kind', events, []),
  },
]

function fromTo({ labels, value }: Sample): Sample {
  const [from = '', to = ''] = (labels['move'] ?? '').split('>')
  return { labels: { from, to }, value }
}
