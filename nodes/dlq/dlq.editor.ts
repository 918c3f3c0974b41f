/**
 * Palette entry and dialog of `dlq`. It names the fields and what checks them; what a dialog does
 * is common to all nodes.
 */

import type { Form } from './dlq.settings.js'

const { valid } = Resilience

RED.nodes.registerType<Form>('dlq', {
  category: 'resilience',
  color: '#DDB8A6',
  icon: 'dlq.svg',
  inputs: 1,
  outputs: 2,
  defaults: {
    redriveSchedule: { value: '5m', validate: valid.redriveSchedule },
    redriveTo: { value: 'output' },
    maxAge: { value: '14d', validate: valid.maxAge },
    name: { value: '' },
    attempts: { value: '5', validate: valid.attempts },
    rateLimit: { value: '10/s', validate: valid.rateLimit },
    canary: { value: true },
    stopAbove: { value: '20%', validate: valid.stopAbove },
    outcomeMode: { value: 'downstream' },
    watchNodes: { value: [], type: '*[]', validate: valid.watchNodes },
    outcomeTimeout: { value: '30s', validate: valid.outcomeTimeout },
    failStatus: { value: '4xx,5xx', validate: valid.failStatus },
    failWhen: { value: '', validate: valid.failWhen },
    failWhenType: { value: 'none' },
    maxMessages: { value: '100000', validate: valid.maxMessages },
    maxSize: { value: '100MB', validate: valid.maxSize },
    freeDisk: { value: '10%', validate: valid.freeDisk },
    warnMessages: { value: '1000', validate: valid.warnMessages },
    keepDeleted: { value: '24h', validate: valid.keepDeleted },
    store: { value: '', type: 'resilience-store', required: false, validate: valid.store },
    durability: { value: '', validate: valid.durability },
  },
  outputLabels(index) {
    return this._(index === 0 ? 'output.redriven' : 'output.given-up')
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
    Resilience.save(this)
    this.watchNodes = Resilience.watchedNodes(this)
  },
})
