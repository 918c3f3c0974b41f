/**
 * Which protocol version to speak to a server when the choice is ours: 5, and 3.1.1 once the server
 * has refused 5, or has hung up on it twice without a word, as brokers do that are older than the
 * polite refusal. A guess made from silence is dropped when the connection ends, because a broker
 * that is just starting is silent too. Pure.
 */

import type { Ended, ProtocolVersion } from './wire.js'

export interface VersionChoice {
  readonly version: ProtocolVersion
  /** The version follows from silence only. */
  readonly guessed: boolean
  /** Attempts in a row that the server closed without a word. */
  readonly silent: number
}

/** Attempts closed without a word before the other version is tried. */
const silentMax = 2

export const firstChoice: VersionChoice = { version: 5, guessed: false, silent: 0 }

/** An attempt with this choice did not become a connection. */
export function afterMiss(choice: VersionChoice, kind: Ended['kind']): VersionChoice {
  if (kind === 'older') return { ...firstChoice, version: other(choice.version) }
  if (kind !== 'closed') return { ...choice, silent: 0 }
  if (choice.silent + 1 < silentMax) return { ...choice, silent: choice.silent + 1 }
  const version = other(choice.version)
  return { version, guessed: version === 4, silent: 0 }
}

/** A connection with this choice was made. */
export const afterConnect = (choice: VersionChoice): VersionChoice => ({ ...choice, silent: 0 })

/** A connection with this choice ended: a guess is off, and one more silence brings it back. */
export const afterLoss = (choice: VersionChoice): VersionChoice =>
  choice.guessed ? { ...firstChoice, silent: silentMax - 1 } : choice

const other = (version: ProtocolVersion): ProtocolVersion => (version === 5 ? 4 : 5)
