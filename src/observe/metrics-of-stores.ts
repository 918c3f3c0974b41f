/**
 * Metrics of what is kept on disk: queues, dead letters, the balance of both, the journals below
 * them, and the links that empty the queues. A table, no rule.
 */

import type { Balance, Flow, StoreTally } from '../base/tally.js'
import { byWord, type Counted, type Metric, oneOf, seconds, single } from './metric.js'
import { differenceOf } from './status-document.js'
import { dropReasons, linkCauses, linkStates, outcomes } from './words.js'

const flowOf = ({ tally: { queue, letters } }: Counted): Flow | undefined =>
  queue?.counted ?? letters?.counted

const balanceOf = ({ tally: { queue, letters } }: Counted): Balance | undefined =>
  queue?.balance ?? letters?.balance

const storeOf = ({ tally: { queue, letters } }: Counted): StoreTally | undefined =>
  queue?.store ?? letters?.store

const linkOwner: Required<Metric>['owner'] = ({ tally: { link } }) =>
  link === undefined ? undefined : { id: link.broker, name: link.brokerName }

const plain = { labels: [] }
const gauge = { type: 'gauge', ...plain } as const
const counter = { type: 'counter', ...plain } as const
const histogram = { type: 'histogram', ...plain } as const

export const storeMetrics: readonly Metric[] = [
  {
    ...{ ...gauge, name: 'resilience_queue_messages', help: 'Messages waiting on disk.' },
    of: ({ tally }) => single(tally.queue, ({ waiting }) => waiting),
  },
  {
    ...{ ...gauge, name: 'resilience_queue_bytes', help: 'Bytes of the messages waiting.' },
    of: ({ tally }) => single(tally.queue, ({ bytes }) => bytes),
  },
  {
    ...{ ...gauge, name: 'resilience_queue_in_flight', help: 'Messages out and not settled.' },
    of: ({ tally }) => single(tally.queue, ({ inFlight }) => inFlight),
  },
  {
    ...{ ...gauge, name: 'resilience_queue_limit_ratio', help: 'Of the nearest limit, 0 to 1.' },
    of: ({ tally }) => single(tally.queue, ({ limitRatio }) => limitRatio),
  },
  {
    ...{ ...gauge, name: 'resilience_queue_oldest_age_seconds' },
    help: 'How long the oldest message has waited; 0 when none waits.',
    of: ({ tally, oldestAge }) =>
      single(tally.queue, ({ waiting }) => (waiting === 0 ? 0 : seconds(oldestAge))),
  },
  {
    ...{ ...gauge, name: 'resilience_queue_empty_in_seconds' },
    help: 'When nothing waits any more at this pace; NaN when not draining.',
    of: ({ tally }) => single(tally.queue, ({ emptyInMs }) => seconds(emptyInMs)),
  },
  {
    ...{ ...counter, name: 'resilience_messages_accepted_total', help: 'Messages accepted.' },
    of: (counted) => single(flowOf(counted), ({ accepted }) => accepted),
  },
  {
    ...{ ...counter, name: 'resilience_messages_delivered_total', help: 'Messages delivered.' },
    of: (counted) => single(flowOf(counted), ({ delivered }) => delivered),
  },
  {
    ...{ ...counter, name: 'resilience_messages_dead_lettered_total' },
    help: 'Messages kept as dead letters.',
    of: (counted) => single(flowOf(counted), ({ deadLettered }) => deadLettered),
  },
  {
    ...{ ...counter, name: 'resilience_messages_dropped_total', labels: ['reason'] },
    help: 'Messages that ended without being delivered or kept.',
    of: (counted) => byWord('reason', flowOf(counted)?.dropped, dropReasons),
  },
  {
    ...{ ...counter, name: 'resilience_messages_redelivered_total' },
    help: 'Messages handed out or sent once more.',
    of: ({ tally }) => single(tally.queue, ({ redelivered }) => redelivered),
  },
  {
    ...{ ...gauge, name: 'resilience_balance_difference' },
    help: 'Accepted less delivered, waiting, dead-lettered and dropped; must be 0.',
    of: (counted) => single(balanceOf(counted), differenceOf),
  },
  {
    ...{ type: 'gauge', name: 'resilience_mqtt_state', labels: ['server', 'state'] },
    help: '1 for the state that the link of this broker node is in.',
    owner: linkOwner,
    of: ({ tally: { link } }) =>
      oneOf('state', link?.state, linkStates).map(({ labels, value }) => {
        return { labels: { server: link?.server ?? '', ...labels }, value }
      }),
  },
  {
    ...{ type: 'gauge', name: 'resilience_mqtt_connected', labels: ['server'] },
    help: '1 while the link of this broker node is connected.',
    owner: linkOwner,
    of: ({ tally: { link } }) =>
      oneOf('state', link?.state, ['connected']).map(({ value }) => {
        return { labels: { server: link?.server ?? '' }, value }
      }),
  },
  {
    ...{ ...counter, name: 'resilience_mqtt_connections_total', help: 'Connections made.' },
    owner: linkOwner,
    of: ({ tally }) => single(tally.link, ({ connections }) => connections),
  },
  {
    ...{ type: 'counter', name: 'resilience_mqtt_disconnections_total', labels: ['cause'] },
    help: 'Connections that ended unasked.',
    owner: linkOwner,
    of: ({ tally }) => byWord('cause', tally.link?.disconnectionsBy, linkCauses),
  },
  {
    ...{ ...histogram, name: 'resilience_mqtt_ack_seconds' },
    help: 'From sending to acknowledgement, QoS 1 and 2.',
    owner: linkOwner,
    of: ({ tally }) => single(tally.link, ({ ackLatency }) => ackLatency),
  },
  {
    ...{ ...histogram, name: 'resilience_fsync_seconds', help: 'Syncs of the journal.' },
    of: (counted) => single(storeOf(counted), ({ syncs }) => syncs),
  },
  {
    ...{ ...gauge, name: 'resilience_store_free_bytes', help: 'Free on the disk of the journal.' },
    of: (counted) => single(storeOf(counted), ({ freeBytes = Number.NaN }) => freeBytes),
  },
  {
    ...{ ...gauge, name: 'resilience_store_quarantined_files' },
    help: 'Damaged files set aside.',
    of: (counted) => single(storeOf(counted), ({ quarantined }) => quarantined),
  },
  {
    ...{ ...gauge, name: 'resilience_dead_letters', help: 'Dead letters kept.' },
    of: ({ tally }) => single(tally.letters, ({ waiting }) => waiting),
  },
  {
    ...{ ...gauge, name: 'resilience_dead_letter_causes', help: 'Different causes of these.' },
    of: ({ tally }) => single(tally.letters, ({ causes }) => causes),
  },
  {
    ...{ type: 'counter', name: 'resilience_dead_letters_total', labels: ['reason'] },
    help: 'Dead letters that arrived.',
    of: ({ tally }) => byWord('reason', tally.letters?.arrived, dropReasons),
  },
  {
    ...{ type: 'counter', name: 'resilience_redriven_total', labels: ['outcome'] },
    help: 'Dead letters sent round again, by how that ended.',
    of: ({ tally }) => byWord('outcome', tally.letters?.redriven, outcomes),
  },
]
