/**
 * Asks a flow of the user's: a message goes out with a token, and what the flow makes of it comes
 * back. How it is sent and followed is the caller's; here an end becomes a finding.
 */

import type { Clock, Exchange } from '../base/ports.js'
import type { Ms } from '../base/units.js'
import type { Found } from '../policy/health-state.js'
import type { Ending } from '../policy/outcome.js'
import { because, failedFor, type Trial, trialOf } from './probe.js'

/** `ask` sends; the time-out is the follower's own as well. */
export function probeFlow(clock: Clock, timeout: Ms, ask: () => Exchange<Ending>): Trial {
  return trialOf(clock, timeout, ask(), (ending, latencyMs) => {
    return { latencyMs, ...judged(ending) }
  })
}

function judged({ outcome, blame }: Ending): Found {
  switch (outcome) {
    case 'ok':
      return { is: 'ok' }
    case 'timeout':
      return failedFor(because('timed-out'))
    case 'failed':
      return failedFor(because('reported', { what: blame?.text ?? '' }))
    default:
      return { is: 'ignored' }
  }
}
