/**
 * Palette entry and dialog of `resilience-retry`. It names the fields and what checks them; what a
 * dialog does is common to all nodes.
 */

import type { Form } from './resilience-retry.settings.js'

const { valid } = Resilience

RED.nodes.registerType<Form>('resilience-retry', {
  ...Resilience.outcomeHead({
    color: '#D6C3A0',
    icon: 'resilience-retry.svg',
    outputs: ['attempt', 'gave-up'],
  }),
  defaults: {
    ...Resilience.outcomeFields(),
    attempts: { value: '5', validate: valid.retryAttempts },
    backoffInitial: { value: '500ms', validate: valid.backoffInitial },
    name: { value: '' },
    backoffFactor: { value: '2', validate: valid.backoffFactor },
    backoffMax: { value: '60s', validate: valid.backoffMax },
    backoffJitter: { value: '100%', validate: valid.backoffJitter },
    deadline: { value: '10m', validate: valid.deadline },
    maxWaiting: { value: '1000', validate: valid.maxWaiting },
    retryTimeouts: { value: false },
    neverRetry: { value: '', validate: valid.neverRetry },
    retryBudget: { value: '20%', validate: valid.retryBudget },
    breaker: { value: '', type: 'circuit-breaker', required: false, validate: valid.breaker },
    deadLetter: { value: '', type: 'dlq', required: false, validate: valid.deadLetter },
  },
  onadd() {
    this.deadLetter = Resilience.deadLetterFor(this)
  },
})
