/**
 * The shortest way to bytes for what nearly every message is: an object of a few texts. Its bytes
 * are those that `encode` gives, which looks into each value first; it takes nothing but texts.
 */

import type { Encoded } from './codec.js'

/** `$` and `__proto__` must not be among the names. */
export function encodeTexts(texts: Readonly<Record<string, string>>): Encoded {
  return { codec: 0, bytes: Buffer.from(JSON.stringify(texts)) }
}
