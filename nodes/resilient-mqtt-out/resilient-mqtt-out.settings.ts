/**
 * What the dialog of `resilient-mqtt-out` saves, the defaults of these fields, and their reading
 * into settings that never change. It lists every defect, not the first; it looks at no message
 * and asks no broker.
 */

import type { ForwarderSettings } from '../../src/delivery/forwarder.js'
import type { MessageId } from '../../src/delivery/message-id.js'
import type { PublishProperties, QoS } from '../../src/mqtt/wire.js'
import { isPlainText, isTopic } from '../common/address.js'
import { type Defect, Fields, type Unchecked } from '../common/fields.js'
import { ranges } from '../common/figures.js'
import { duration, type Figure } from '../common/grammar.js'
import { type PairRow, pairs } from '../common/rows.js'
import { type StorageForm, storageDefaults, storageFrom } from '../common/storage.js'
import type { StorageSettings } from '../common/stores.js'

export interface Form extends StorageForm {
  name?: string
  /** Id of a `resilient-mqtt-broker` node. */
  broker?: string
  /** Empty: from msg.topic. */
  topic?: string
  /** Empty: from msg.qos, else 1. */
  qos?: '' | '0' | '1' | '2'
  /** Empty: from msg.retain, else no. */
  retain?: '' | 'true' | 'false'
  messageId?: MessageId
  contentType?: string
  responseTopic?: string
  correlationData?: string
  userProperties?: readonly PairRow[]
  messageExpiry?: string
  /** What a message's payload becomes when it is sent. */
  onSend?: string
  onSendType?: 'none' | 'jsonata'
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
  /** Id of a `dlq` node. */
  deadLetter?: string
}

/** Which messages the output tells of. */
export type Receipts = 'off' | 'failed' | 'all'

export const defaults = {
  broker: '',
  topic: '',
  qos: '1',
  name: '',
  retain: '',
  messageId: 'property',
  contentType: '',
  responseTopic: '',
  correlationData: '',
  userProperties: [],
  messageExpiry: '',
  onSend: '',
  onSendType: 'none',
  whenOffline: 'store',
  replayOrder: 'strict',
  liveShare: '50%',
  replayTopic: '',
  replayRate: 'unlimited',
  doneWhen: 'stored',
  receipts: 'off',
  outputs: 0,
  deadLetter: '',
  ...storageDefaults,
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
  /** '' for none. */
  readonly deadLetter: string
  /** What the dialog fixes of MQTT 5. */
  readonly properties: PublishProperties
  /** An expression; absent: payloads go out as they came. */
  readonly onSend?: string
  readonly isFormedLater: boolean
  readonly storage: StorageSettings
}

export function parse(form: Unchecked<Form>): {
  readonly settings: Settings
  readonly wrong: readonly Defect[]
} {
  const fields = new Fields<Form>('resilient-mqtt-out', form, defaults)
  const isFormedLater = fields.choice('onSendType', ['none', 'jsonata']) === 'jsonata'
  const onSend = fields.text('onSend', isFormedLater) ?? ''
  const settings = Object.freeze({
    broker: brokerOf(fields),
    topic: topicOf(fields, 'topic'),
    qos: qosOf[fields.choice('qos', ['', '0', '1', '2'])],
    retain: retainOf[fields.choice('retain', ['', 'true', 'false'])],
    forwarding: forwardingFrom(fields),
    liveShare: fields.share('liveShare'),
    receipts: fields.choice('receipts', ['off', 'failed', 'all']),
    deadLetter: fields.text('deadLetter') ?? '',
    properties: propertiesOf(fields),
    ...(isFormedLater ? { onSend } : {}),
    isFormedLater,
    storage: storageFrom(fields),
  })
  return { settings, wrong: fields.defects }
}

function forwardingFrom(fields: Fields<Form>): ForwarderSettings {
  return Object.freeze({
    whenOffline: fields.choice('whenOffline', ['store', 'latest', 'discard', 'fail']),
    doneWhen: fields.choice('doneWhen', ['stored', 'delivered']),
    replayOrder: fields.choice('replayOrder', ['strict', 'live-first']),
    messageId: fields.choice('messageId', ['off', 'property', 'payload']),
    replayTopic: topicOf(fields, 'replayTopic'),
    replayRate: fields.rate('replayRate'),
  })
}

const qosOf = { '': 'message', '0': 0, '1': 1, '2': 2 } as const
function propertiesOf(fields: Fields<Form>): PublishProperties {
  const contentType = textOf(fields, 'contentType', 'text', isPlainText)
  const responseTopic = textOf(fields, 'responseTopic', 'topic', isTopic)
  const correlation = textOf(fields, 'correlationData', 'text', isPlainText)
  const userProperties = fields.structure('userProperties', pairs) ?? []
  const expiry = expiryOf(fields)
  return Object.freeze({
    ...(contentType === '' ? {} : { contentType }),
    ...(responseTopic === '' ? {} : { responseTopic }),
    ...(correlation === '' ? {} : { correlationData: Buffer.from(correlation) }),
    ...(userProperties.length === 0 ? {} : { userProperties: grouped(userProperties) }),
    ...(expiry === undefined ? {} : { messageExpiryInterval: expiry }),
  })
}

function textOf(
  fields: Fields<Form>,
  field: 'contentType' | 'responseTopic' | 'correlationData',
  advice: 'text' | 'topic',
  isFine: (text: string) => boolean,
): string {
  const text = fields.text(field) ?? ''
  if (text === '' || isFine(text)) return text
  fields.wrong(field, advice)
  return ''
}

/** A name may come several times. */
function grouped(all: readonly (readonly [string, string])[]): Record<string, readonly string[]> {
  const names = [...new Set(all.map(([name]) => name))]
  const valuesOf = (wanted: string) => all.filter(([name]) => name === wanted).map(([, it]) => it)
  return Object.fromEntries(names.map((name) => [name, valuesOf(name)]))
}

/** In whole seconds, as MQTT counts them. */
function expiryOf(fields: Fields<Form>): number | undefined {
  const range = ranges.messageExpiry
  const read = (input: unknown): Figure<number | undefined> =>
    input === '' ? { ok: true, value: undefined, canonical: '' } : duration(input, range)
  const expiry = fields.figure('messageExpiry', 'duration', read, { ...range })
  return expiry === undefined ? undefined : Math.max(1, Math.round(expiry / 1000))
}

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
