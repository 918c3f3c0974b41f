/**
 * A flow with one node of each kind, and a machine that is out of order until it is healed: the
 * breaker before it opens, the queue before that waits.
 */

import type { Flow } from '../../tools/common/user-dir.js'

const place = { z: 'tab', wires: [[], []] }
const button = { type: 'inject', z: 'tab', x: 100, props: [{ p: 'payload' }], payloadType: 'date' }
/** `send` sends one message, `heal` puts the machine in order. */
export const outageFlow: Flow = [
  { id: 'tab', type: 'tab', label: 'Plant' },
  { ...button, id: 'send', y: 100, wires: [['orders']] },
  { ...button, id: 'heal', y: 160, wires: [['doctor']] },
  {
    ...{ id: 'doctor', type: 'function', z: 'tab', x: 300, y: 160, wires: [[]] },
    func: "flow.set('well', true); return null",
  },
  {
    ...{ ...place, id: 'orders', type: 'persistent-queue', x: 300, y: 100, name: 'orders' },
    ...{ wires: [['PLC'], []], breaker: 'PLC', attempts: 'unlimited' },
    ...{ backoffInitial: '10ms', backoffMax: '20ms' },
  },
  {
    ...{ ...place, id: 'PLC', type: 'circuit-breaker', x: 500, y: 100, name: 'PLC' },
    ...{ wires: [['machine'], []], backoffInitial: '1h', backoffMax: '2h', backoffJitter: '0%' },
  },
  {
    ...{ id: 'machine', type: 'function', z: 'tab', x: 700, y: 100, wires: [[]] },
    func: "if (!flow.get('well')) throw new Error('out of order')",
  },
  { ...place, id: 'hull', type: 'resilience-bulkhead', x: 300, y: 280 },
  {
    ...{ ...place, id: 'ERP', type: 'health-monitor', x: 300, y: 340, name: 'ERP' },
    ...{ probes: [{ kind: 'runtime' }], interval: '1d' },
  },
  {
    ...{ ...place, id: 'letters', type: 'dlq', x: 300, y: 900, name: 'Letters' },
    redriveSchedule: 'off',
  },
]
