/**
 * Palette entry and dialog of `persistent-queue`. It names the fields and what checks them; what a
 * dialog does is common to all nodes.
 */

import type { Form } from './persistent-queue.settings.js'

const { valid } = Resilience

RED.nodes.registerType<Form>('persistent-queue', {
  ...Resilience.outcomeHead({
    color: '#9CC5B8',
    icon: 'persistent-queue.svg',
    outputs: ['released', 'set-aside'],
  }),
  defaults: {
    ...Resilience.outcomeFields(),
    maxInFlight: { value: '1', validate: valid.slots },
    deadLetter: { value: '', type: 'dlq', required: false, validate: valid.deadLetter },
    name: { value: '' },
    rateLimit: { value: 'unlimited', validate: valid.rateLimit },
    key: { value: '', validate: valid.key },
    keyType: { value: 'none' },
    breaker: { value: '', type: 'circuit-breaker', required: false, validate: valid.breaker },
    monitor: { value: '', type: 'health-monitor', required: false, validate: valid.monitor },
    priority: { value: '', validate: valid.priority },
    priorityType: { value: 'none' },
    maxMessages: { value: '', validate: valid.maxMessages },
    maxSize: { value: '', validate: valid.maxSize },
    maxAge: { value: '', validate: valid.maxAge },
    freeDisk: { value: '', validate: valid.freeDisk },
    overflow: { value: '' },
    warnMessages: { value: '', validate: valid.warnMessages },
    store: { value: '', type: 'resilience-store', required: false, validate: valid.store },
    durability: { value: '', validate: valid.durability },
    leaveOutUnstorable: { value: false },
    backoffInitial: { value: '1s', validate: valid.backoffInitial },
    backoffFactor: { value: '2', validate: valid.backoffFactor },
    backoffMax: { value: '5m', validate: valid.backoffMax },
    backoffJitter: { value: '50%', validate: valid.backoffJitter },
    attempts: { value: '5', validate: valid.attempts },
  },
  onadd() {
    this.deadLetter = Resilience.deadLetterFor(this)
  },
})
