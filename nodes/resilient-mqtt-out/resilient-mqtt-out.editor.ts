/**
 * Palette entry and dialog of `resilient-mqtt-out`. It names the fields and what checks them; what
 * a dialog does is common to all nodes.
 */

import type { Form } from './resilient-mqtt-out.settings.js'

const { valid } = Resilience

RED.nodes.registerType<Form>('resilient-mqtt-out', {
  category: 'resilience',
  color: '#9CC5B8',
  icon: 'resilient-mqtt-out.svg',
  align: 'right',
  inputs: 1,
  outputs: 0,
  defaults: {
    broker: { value: '', type: 'resilient-mqtt-broker', validate: valid.broker },
    topic: { value: '', validate: valid.topic },
    qos: { value: '1' },
    name: { value: '' },
    retain: { value: '' },
    messageId: { value: 'property' },
    contentType: { value: '', validate: valid.plainText },
    responseTopic: { value: '', validate: valid.responseTopic },
    correlationData: { value: '', validate: valid.plainText },
    userProperties: { value: [], validate: valid.pairs },
    messageExpiry: { value: '', validate: valid.messageExpiry },
    onSend: { value: '', validate: valid.onSend },
    onSendType: { value: 'none' },
    whenOffline: { value: 'store' },
    replayOrder: { value: 'strict' },
    liveShare: { value: '50%', validate: valid.liveShare },
    replayTopic: { value: '', validate: valid.topic },
    replayRate: { value: 'unlimited', validate: valid.rateLimit },
    doneWhen: { value: 'stored' },
    receipts: { value: 'off' },
    outputs: { value: 0 },
    deadLetter: { value: '', type: 'dlq', required: false, validate: valid.deadLetter },
    maxMessages: { value: '', validate: valid.maxMessages },
    maxSize: { value: '', validate: valid.maxSize },
    maxAge: { value: '', validate: valid.maxAge },
    freeDisk: { value: '', validate: valid.freeDisk },
    overflow: { value: '' },
    warnMessages: { value: '', validate: valid.warnMessages },
    store: { value: '', type: 'resilience-store', required: false, validate: valid.store },
    durability: { value: '', validate: valid.durability },
  },
  paletteLabel() {
    return this._('palette')
  },
  label() {
    return this.name || this.topic || this._('palette')
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : ''
  },
  onadd() {
    this.deadLetter = Resilience.deadLetterFor(this)
  },
  oneditprepare() {
    Resilience.prepare(this)
    const { control, showWhen } = Resilience
    const receipts = control(this, 'receipts')
    const outputs = control(this, 'outputs')
    $(receipts).on('change', () => {
      outputs.value = receipts.value === 'off' ? '0' : '1'
    })
    const isLiveFirst = (order: string) => order === 'live-first'
    const isKept = (way: string) => way === 'store' || way === 'latest'
    showWhen(this, 'replayOrder', isLiveFirst, ['liveShare', 'replayTopic'])
    showWhen(this, 'whenOffline', isKept, ['#resilience-mqtt-limits'])
    const broker = Resilience.control(this, 'broker')
    const properties = document.getElementById('resilience-out-properties')
    const show = () => properties?.toggleAttribute('hidden', speaksOnlyOld(broker.value))
    $(broker).on('change', show)
    show()
  },
  oneditsave() {
    Resilience.save(this)
  },
})

/** Properties of MQTT 5 have no effect on 3.1.1. */
function speaksOnlyOld(broker: string): boolean {
  const node = RED.nodes.node(broker)
  return node != null && Reflect.get(node, 'protocolVersion') === '3.1.1'
}
