/**
 * Every error code of the package, with who must act. The engine carries codes and the figures
 * that belong into the text; the words a person reads are found by code in the locales.
 */

/**
 * - `fault`: our own ground gives way; the node refuses input and says what to do.
 * - `input`: the message or command is wrong; the sender must change it.
 * - `permanent`: was attempted or checked, and will never succeed as it is.
 * - `refusal`: a rule said no; nothing was attempted.
 * - `transient`: was attempted and may succeed later.
 * - `link`: the broker turned this client away; a person must look.
 * - `outcome`: the work behind a node did not end well, or not at all.
 */
export type Family = 'fault' | 'input' | 'permanent' | 'refusal' | 'transient' | 'link' | 'outcome'

export const families = {
  /** A field of the dialog cannot be used. */
  SETTINGS_INVALID: 'fault',
  /** The disk has no room left, or less than is kept free. */
  DISK_FULL: 'fault',
  /** The data directory cannot be written. */
  DISK_UNWRITABLE: 'fault',
  /** The disk has not answered for too long and what waits for it is bounded. */
  DISK_STALLED: 'fault',
  /** Another process works on the same directory. */
  STORE_BUSY: 'fault',
  /** Stored bytes are not what was written. */
  SEGMENT_CORRUPT: 'fault',
  /** No command of that name. */
  COMMAND_UNKNOWN: 'input',
  /** A field of the command is missing or wrong. */
  COMMAND_INVALID: 'input',
  /** The outcome belongs to no message that waits for one. */
  TOKEN_UNKNOWN: 'input',
  /** The outcome of this message is known already. */
  TOKEN_SETTLED: 'input',
  /** An expression or a variable of the dialog has no value. */
  EXPRESSION_FAILED: 'input',
  /** An admin request names a route, a node or a thing that is not there. */
  NOT_FOUND: 'input',
  /** An admin request brings its body in another form than the route takes. */
  CONTENT_TYPE_REFUSED: 'input',
  /** A page that does not belong to this gateway sent an admin request. */
  ORIGIN_REFUSED: 'input',
  /** settings.js hides payloads from everyone. */
  PAYLOADS_HIDDEN: 'input',
  /** A mistake of ours; the log has the details. */
  UNEXPECTED: 'fault',
  /** The message holds something that cannot be kept on disk. */
  PAYLOAD_UNSTORABLE: 'permanent',
  /** The message is over a limit. */
  PAYLOAD_TOO_LARGE: 'permanent',
  /** Nothing can be published to this topic. */
  TOPIC_INVALID: 'permanent',
  /** A limit of the queue is reached and it is set to refuse. */
  QUEUE_FULL: 'refusal',
  /** A circuit breaker is not closed. */
  BREAKER_OPEN: 'refusal',
  /** All places of a bulkhead are taken, and its waiting room is full or was left too late. */
  BULKHEAD_FULL: 'refusal',
  /** Too much is being retried already. */
  BUDGET_SPENT: 'refusal',
  /** The broker is not connected, and the node is set to fail then. */
  OFFLINE: 'refusal',
  /** It was stored, and left the queue without being delivered. */
  MESSAGE_DROPPED: 'refusal',
  /** A deploy or a stop came first. */
  INTERRUPTED: 'refusal',
  /** The broker cannot be reached or does not answer. */
  BROKER_UNREACHABLE: 'transient',
  /** The broker asks to slow down. */
  BROKER_BUSY: 'transient',
  /** The broker did not confirm in time. */
  PUBLISH_TIMEOUT: 'transient',
  LOGIN_REFUSED: 'link',
  CERTIFICATE_REFUSED: 'link',
  CLIENT_ID_IN_USE: 'link',
  /** The broker does not allow this topic. */
  NOT_AUTHORISED: 'permanent',
  /** The broker refused this message for good. */
  PUBLISH_REFUSED: 'permanent',
  /** The work did not end within its time-out. */
  OUTCOME_TIMEOUT: 'outcome',
  /** It could not be told how the work ended. */
  OUTCOME_UNSURE: 'outcome',
  /** A node answered with a status that counts as failed. */
  HTTP_STATUS: 'outcome',
  /** What the dialog calls failed is so. */
  RULE_MATCHED: 'outcome',
  /** A node behind ours reported an error. */
  NODE_ERROR: 'outcome',
  /** A health check found that something is not as it should be; `why` is a word for the locales. */
  CHECK_FAILED: 'outcome',
  /** It broke the connection again and again, each time while nothing else was out. */
  POISON: 'permanent',
  /** The dead letter was resolved, removed, or is out just now. */
  LETTER_GONE: 'input',
  /** One redrive at a time. */
  JOB_RUNNING: 'input',
  /** Too many letters failed again. */
  REDRIVE_STOPPED: 'input',
  /** The node that letters would go back to is gone or disabled. */
  SOURCE_GONE: 'input',
} as const satisfies Record<string, Family>

export type Code = keyof typeof families

/** Figures and names that the text of a code has places for. */
export type Values = Readonly<Record<string, string | number>>

/** Why something did not succeed, as a value: nothing is thrown for what is expected to happen. */
export interface Failure {
  readonly code: Code
  readonly values: Values
}

/** The same as an Error, for promises and for Node-RED's `done(err)`. */
export class Fault extends Error {
  readonly code: Code
  readonly values: Values

  constructor(code: Code, values: Values = {}, cause?: unknown) {
    super(code, cause === undefined ? undefined : { cause })
    this.name = 'Fault'
    this.code = code
    this.values = values
  }
}

/** The system's error code (`ENOSPC`, `ECONNREFUSED`, …), or '' when there is none. */
export function systemCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

/**
 * Verification errors of OpenSSL and Node, alerts of the other side about our certificate, and a
 * certificate or key of ours that cannot be read. `decrypt_error` is what a server says to a
 * certificate of another authority that has the name of its own (RFC 8446, 6.2). All of them need
 * a person, or the right time.
 */
export function isAboutCertificates(code: string): boolean {
  return certificateCode.test(code)
}

const certificateCode = new RegExp(
  [
    'CERT|CRL|_CA$|_PURPOSE$|PATH_LENGTH|HOSTNAME_MISMATCH|LEAF_SIGNATURE|ISSUER|^ERR_OSSL_',
    '_ALERT_DECRYPT_ERROR$|_ALERT_ACCESS_DENIED$',
  ].join('|'),
)

/** A short reason for people out of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
