/**
 * Palette entry and dialog of `dlq`. It names the fields and what checks them; what a dialog does
 * is common to all nodes.
 */

import type { Form } from './dlq.settings.js'

const { valid } = Resilience

RED.nodes.registerType<Form>('dlq', {
  ...Resilience.outcomeHead({
    color: '#DDB8A6',
    icon: 'dlq.svg',
    outputs: ['redriven', 'given-up'],
  }),
  defaults: {
    redriveSchedule: { value: '5m', validate: valid.redriveSchedule },
    redriveTo: { value: 'output' },
    maxAge: { value: '14d', validate: valid.maxAge },
    name: { value: '' },
    attempts: { value: '5', validate: valid.attempts },
    rateLimit: { value: '10/s', validate: valid.rateLimit },
    canary: { value: true },
    stopAbove: { value: '20%', validate: valid.stopAbove },
    ...Resilience.outcomeFields(),
    maxMessages: { value: '100000', validate: valid.maxMessages },
    maxSize: { value: '100MB', validate: valid.maxSize },
    freeDisk: { value: '10%', validate: valid.freeDisk },
    warnMessages: { value: '1000', validate: valid.warnMessages },
    keepDeleted: { value: '24h', validate: valid.keepDeleted },
    store: { value: '', type: 'resilience-store', required: false, validate: valid.store },
    durability: { value: '', validate: valid.durability },
  },
})
