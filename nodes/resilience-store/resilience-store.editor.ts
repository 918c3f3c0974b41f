/**
 * Dialog of the config node `resilience-store`. It names the fields and what checks them; what a
 * dialog does is common to all nodes.
 */

import type { Form } from './resilience-store.settings.js'

const { valid } = Resilience

RED.nodes.registerType<Form>('resilience-store', {
  category: 'config',
  color: '#BFC8CC',
  icon: 'resilience-store.svg',
  defaults: {
    directory: { value: '', validate: valid.directory },
    durability: { value: 'each', validate: valid.durability },
    maxSize: { value: '256MB', validate: valid.maxSize },
    name: { value: '' },
    maxMessages: { value: '100000', validate: valid.maxMessages },
    maxAge: { value: '7d', validate: valid.maxAge },
    freeDisk: { value: '10%', validate: valid.freeDisk },
    overflow: { value: 'drop-oldest' },
    warnMessages: { value: '1000', validate: valid.warnMessages },
  },
  label() {
    return this.name || this.directory || this._('palette')
  },
  oneditprepare() {
    Resilience.prepare(this)
  },
})
