/**
 * What the dialog of `resilient-mqtt-out` saves, the defaults of these fields, and their reading
 * into settings that never change. It lists every defect, not the first; it looks at no message
 * and asks no broker.
 */

import type { ForwarderSettings } from '../../src/delivery/forwarder.js'
import type { QoS } from '../../src/mqtt/wire.js'
import type { Limits } from '../../src/store/limits.js'
import type { Durability } from '../../src/store/syncer.js'
import { isTopic } from '../common/address.js'
import { type Defect, Fields, type Unchecked } from '../common/fields.js'
import {
  type DurabilityForm,
  durabilityDefaults,
  durabilityFrom,
  type LimitsForm,
  limitsDefaults,
  limitsFrom,
} from '../common/limits.js'

export interface Form extends LimitsForm, DurabilityForm {
  name?: string
  /** Id of a `resilient-mqtt-broker` node. */
  broker?: string
  /** Empty: from msg.topic. */
  topic?: string
  /** Empty: from msg.qos, else 1. */
  qos?: '' | '0' | '1' | '2'
  /** Empty: from msg.retain, else no. */
  retain?: '' | 'true' | 'false'
  whenOffline?: ForwarderSettings['whenOffline']
  replayOrder?: ForwarderSettings['replayOrder']
  liveShare?: string
  /** Empty: the topic of the message. */
  replayTopic?: string
  replayRate?: string
  doneWhen?: ForwarderSettings['doneWhen']
  receipts?: Receipts
  /** As many as `receipts` needs: the editor draws them. */
  outputs?: number
}

/** Which messages the output tells of. */
export type Receipts = 'off' | 'failed' | 'all'

export const defaults = {
  broker: '',
  topic: '',
  qos: '1',
  name: '',
  retain: '',
  whenOffline: 'store',
  replayOrder: 'strict',
  liveShare: '50%',
  replayTopic: '',
  replayRate: 'unlimited',
  doneWhen: 'stored',
  receipts: 'off',
  outputs: 0,
  ...limitsDefaults,
  ...durabilityDefaults,
} as const satisfies Required<Form>

export interface Settings {
  readonly broker: string
  /** Empty: each message brings its own. */
  readonly topic: string
  /** `message`: each message says, else 1. */
  readonly qos: QoS | 'message'
  /** `message`: each message says, else no. */
  readonly retain: boolean | 'message'
  readonly forwarding: ForwarderSettings
  /** Of the turns while a backlog goes out beside new messages, from 0 to 1. */
  readonly liveShare: number
  readonly receipts: Receipts
  readonly limits: Limits
  readonly durability: Durability
}

export function parse(form: Unchecked<Form>): {
  readonly settings: Settings
  readonly wrong: readonly Defect[]
} {
  const fields = new Fields<Form>('resilient-mqtt-out', form, defaults)
  const settings = Object.freeze({
    broker: brokerOf(fields),
    topic: topicOf(fields, 'topic'),
    qos: qosOf[fields.choice('qos', ['', '0', '1', '2'])],
    retain: retainOf[fields.choice('retain', ['', 'true', 'false'])],
    forwarding: forwardingFrom(fields),
    liveShare: fields.share('liveShare'),
    receipts: fields.choice('receipts', ['off', 'failed', 'all']),
    limits: limitsFrom(fields),
    durability: durabilityFrom(fields),
  })
  return { settings, wrong: fields.defects }
}

function forwardingFrom(fields: Fields<Form>): ForwarderSettings {
  return Object.freeze({
    whenOffline: fields.choice('whenOffline', ['store', 'latest', 'discard', 'fail']),
    doneWhen: fields.choice('doneWhen', ['stored', 'delivered']),
    replayOrder: fields.choice('replayOrder', ['strict', 'live-first']),
    replayTopic: topicOf(fields, 'replayTopic'),
    replayRate: fields.rate('replayRate'),
  })
}

const qosOf = { '': 'message', '0': 0, '1': 1, '2': 2 } as const
const retainOf = { '': 'message', true: true, false: false } as const

function brokerOf(fields: Fields<Form>): string {
  const broker = fields.text('broker', true)
  if (broker === '') fields.wrong('broker', 'broker', {}, true)
  return broker ?? ''
}

function topicOf(fields: Fields<Form>, field: 'topic' | 'replayTopic'): string {
  const topic = fields.text(field, true) ?? ''
  if (topic !== '' && !isTopic(topic)) fields.wrong(field, 'topic', {}, true)
  return topic
}
