/**
 * Palette entry and dialog of `circuit-breaker`. It names the fields and what checks them; what a
 * dialog does is common to all nodes.
 */

import type { Form } from './circuit-breaker.settings.js'

const { valid } = Resilience

RED.nodes.registerType<Form>('circuit-breaker', {
  ...Resilience.outcomeHead({
    color: '#D6C3A0',
    icon: 'circuit-breaker.svg',
    outputs: ['permitted', 'refused'],
  }),
  defaults: {
    ...Resilience.outcomeFields('5xx,408,429'),
    consecutiveFailures: { value: '5', validate: valid.consecutiveFailures },
    backoffInitial: { value: '30s', validate: valid.backoffInitial },
    name: { value: '' },
    failureRate: { value: '50%', validate: valid.failureRate },
    slowRate: { value: '80%', validate: valid.slowRate },
    slowAfter: { value: '2s', validate: valid.slowAfter },
    minimumCalls: { value: '10', validate: valid.minimumCalls },
    window: { value: '60s', validate: valid.window },
    backoffFactor: { value: '2', validate: valid.backoffFactor },
    backoffMax: { value: '5m', validate: valid.backoffMax },
    backoffJitter: { value: '20%', validate: valid.backoffJitter },
    probes: { value: '3', validate: valid.probes },
    probeSuccesses: { value: '2', validate: valid.probeSuccesses },
    monitor: { value: '', type: 'health-monitor', required: false, validate: valid.monitor },
    key: { value: '', validate: valid.key },
    keyType: { value: 'none' },
    reportOnly: { value: false },
    stateMaxAge: { value: '10m', validate: valid.stateMaxAge },
  },
  oneditprepare() {
    Resilience.prepare(this)
    Resilience.prepareOutcome(this)
    const isRated = (value: string) => value.trim().toLowerCase() !== 'off'
    Resilience.showWhen(this, 'slowRate', isRated, ['slowAfter'])
  },
})
