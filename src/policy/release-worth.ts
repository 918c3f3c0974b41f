/**
 * What an end means for a queue, in one word. It asks for codes and kinds only, never for a text,
 * and knows nothing of counts and times (dialogs.md 3.1, design.md 8.1 and 9.13).
 */

import type { EndedWhy } from './ended.js'
import type { ReleaseEnded } from './release-state.js'

/**
 * - `done`, `ignored`, `handed-over`: it need not be kept any more.
 * - `interrupted`, `unsure`, `unreceived`, `refused`: it goes again, and no attempt is used.
 * - `login`: only a person can mend it, and every other message would fare the same.
 * - `permanent`: this message will never succeed as it is.
 * - `failed`: it may succeed later.
 */
export type ReleaseWorth =
  | 'done'
  | 'ignored'
  | 'handed-over'
  | 'interrupted'
  | 'unsure'
  | 'unreceived'
  | 'refused'
  | 'login'
  | 'permanent'
  | 'failed'

export function releaseWorthOf(end: ReleaseEnded): ReleaseWorth {
  if (end.isHandedOver === true) return 'handed-over'
  switch (end.is) {
    case 'ok':
      return end.deliveries === 0 ? 'unreceived' : 'done'
    case 'ignored':
    case 'interrupted':
    case 'unsure':
      return end.is
    case 'timeout':
      return end.deliveries === 0 ? 'unreceived' : 'failed'
    case 'failed':
      return failureWorthOf(end.why)
    default:
      return end.is satisfies never
  }
}

function failureWorthOf(why: EndedWhy | undefined): ReleaseWorth {
  if (why === undefined) return 'failed'
  if (why.kind === 'refusal') return 'refused'
  if (isLogin(why)) return 'login'
  return why.kind === 'permanent' ? 'permanent' : 'failed'
}

const loginCodes: ReadonlySet<string> = new Set([
  'LOGIN_REFUSED',
  'CERTIFICATE_REFUSED',
  'CLIENT_ID_IN_USE',
])
/** Not who you should be, or not allowed in (RFC 9110 15.5.2 and 15.5.4). */
const loginStatuses: ReadonlySet<number> = new Set([401, 403])

function isLogin({ code, values }: EndedWhy): boolean {
  if (loginCodes.has(code)) return true
  return code === 'HTTP_STATUS' && loginStatuses.has(Number(values?.['status']))
}
