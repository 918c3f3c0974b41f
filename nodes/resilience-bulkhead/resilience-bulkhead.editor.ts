/**
 * Palette entry and dialog of `resilience-bulkhead`. It names the fields and what checks them;
 * what a dialog does is common to all nodes.
 */

import type { Form } from './resilience-bulkhead.settings.js'

const { valid } = Resilience

RED.nodes.registerType<Form>('resilience-bulkhead', {
  ...Resilience.outcomeHead({
    color: '#D6C3A0',
    icon: 'resilience-bulkhead.svg',
    outputs: ['admitted', 'refused'],
  }),
  defaults: {
    ...Resilience.outcomeFields(),
    maxInFlight: { value: '10', validate: valid.slots },
    maxWaiting: { value: '100', validate: valid.maxWaiting },
    name: { value: '' },
    maxWait: { value: '5s', validate: valid.maxWait },
    key: { value: '', validate: valid.key },
    keyType: { value: 'none' },
    adaptive: { value: false },
  },
})
