/**
 * Palette entry and dialog of `resilience-bulkhead`. It names the fields and what checks them;
 * what a dialog does is common to all nodes.
 */

import type { Form } from './resilience-bulkhead.settings.js'

const { valid } = Resilience

RED.nodes.registerType<Form>('resilience-bulkhead', {
  category: 'resilience',
  color: '#D6C3A0',
  icon: 'resilience-bulkhead.svg',
  inputs: 1,
  outputs: 2,
  defaults: {
    outcomeMode: { value: 'downstream' },
    watchNodes: { value: [], type: '*[]', validate: valid.watchNodes },
    outcomeTimeout: { value: '30s', validate: valid.outcomeTimeout },
    failStatus: { value: '4xx,5xx', validate: valid.failStatus },
    failWhen: { value: '', validate: valid.failWhen },
    failWhenType: { value: 'none' },
    maxInFlight: { value: '10', validate: valid.slots },
    maxWaiting: { value: '100', validate: valid.maxWaiting },
    name: { value: '' },
    maxWait: { value: '5s', validate: valid.maxWait },
    key: { value: '', validate: valid.key },
    keyType: { value: 'none' },
    adaptive: { value: false },
  },
  outputLabels(index) {
    return this._(index === 0 ? 'output.admitted' : 'output.refused')
  },
  paletteLabel() {
    return this._('palette')
  },
  label() {
    return this.name || this._('palette')
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : ''
  },
  oneditprepare() {
    Resilience.prepare(this)
    Resilience.prepareOutcome(this)
  },
  oneditsave() {
    this.watchNodes = Resilience.watchedNodes(this)
  },
})
