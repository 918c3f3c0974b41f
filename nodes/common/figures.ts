/**
 * The figures behind the shared fields: what is allowed, and what is in force where neither a node
 * nor its store says otherwise. Dialog and runtime read this one list; it imports nothing.
 */

export const builtIn = {
  maxMessages: '100000',
  maxSize: '256MB',
  maxAge: '7d',
  freeDisk: '10%',
  overflow: 'drop-oldest',
  warnMessages: '1000',
  durability: 'each',
} as const

/** Both ends belong to it. */
export const ranges = {
  maxMessages: { min: '1', max: '100000000' },
  maxSize: { min: '1MB', max: '1000GB' },
  maxAge: { min: '1s', max: '3650d' },
  freeDisk: { min: '0B', max: '1000GB' },
  warnMessages: { min: '1', max: '100000000' },
  durability: { min: '1ms', max: '10s' },
  keepalive: { min: '1s', max: '20m' },
  connectTimeout: { min: '1s', max: '5m' },
  ackTimeout: { min: '1s', max: '5m' },
  backoffInitial: { min: '10ms', max: '1h' },
  backoffFactor: { min: '1', max: '10' },
  backoffMax: { min: '10ms', max: '24h' },
  maxInFlight: { min: '1', max: '100' },
  outcomeTimeout: { min: '100ms', max: '24h' },
  consecutiveFailures: { min: '1', max: '1000' },
  minimumCalls: { min: '1', max: '10000' },
  slowAfter: { min: '1ms', max: '1h' },
  probes: { min: '1', max: '20' },
  probeSuccesses: { min: '1', max: '20' },
  stateMaxAge: { min: '1s', max: '3650d' },
  attempts: { min: '1', max: '1000' },
  messageExpiry: { min: '1s', max: '3650d' },
  deadline: { min: '1s', max: '7d' },
  slots: { min: '1', max: '1000' },
  maxWaiting: { min: '0', max: '100000' },
  interval: { min: '1s', max: '1d' },
  downAfter: { min: '1', max: '100' },
  upAfter: { min: '1', max: '100' },
  maxWait: { min: '10ms', max: '1h' },
  redriveSchedule: { min: '10s', max: '30d' },
  keepDeleted: { min: '0s', max: '30d' },
} as const

/** The last calls: for so long, or so many of them. */
export const windowRanges = {
  span: { min: '1s', max: '1h' },
  calls: { min: '5', max: '10000' },
} as const
