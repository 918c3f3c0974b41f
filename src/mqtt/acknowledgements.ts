/**
 * Takes the acknowledgements of QoS 1 that only say yes out of the bytes that a broker sends, all
 * those of a chunk at once. Whatever else comes is handed on as it came, understood no further than
 * its type and length (MQTT 5, 2.1); and none overtakes an answer that was handed on.
 */

const puback = 0x40
/** PUBACK, PUBREC and PUBCOMP. */
const answers: readonly number[] = [puback, 0x50, 0x70]
/** A packet id alone, with a reason code, or with that and the length of no properties. */
const yesBytesMax = 4
const success = 0x00
const noSubscribers = 0x10

export class Acknowledgements {
  readonly #acknowledged: (id: number) => boolean
  /** Bytes still to come of a packet that is handed on. */
  #passing = 0
  /** The beginning of a packet that is too short to tell. */
  #held: Buffer | undefined
  /** Answers handed on and not yet told. */
  #handedOn = 0

  /** `acknowledged`: whether that id was waited for; if not, its packet is handed on. */
  constructor(acknowledged: (id: number) => boolean) {
    this.#acknowledged = acknowledged
  }

  /** One of the answers that were handed on has been told. */
  told(): void {
    if (this.#handedOn > 0) this.#handedOn--
  }

  /** What is left of a chunk, together with what was held of the one before. */
  takeFrom(chunk: Buffer): Buffer {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = undefined
    const left: Buffer[] = []
    let from = 0
    let at = 0
    while (at < bytes.length) {
      if (this.#passing > 0) {
        const length = Math.min(this.#passing, bytes.length - at)
        this.#passing -= length
        at += length
        continue
      }
      const end = yesEnd(bytes, at)
      if (end === undefined) {
        this.#held = bytes.subarray(at)
        break
      }
      if (end > at && this.#handedOn === 0 && this.#acknowledged(bytes.readUInt16BE(at + 2))) {
        if (at > from) left.push(bytes.subarray(from, at))
        at = end
        from = end
        continue
      }
      this.#passing = frameBytes(bytes, at)
      if (answers.includes(bytes[at] ?? 0)) this.#handedOn++
    }
    if (at > from) left.push(bytes.subarray(from, at))
    return left.length === 1 ? (left[0] ?? nothing) : Buffer.concat(left)
  }
}

const nothing = Buffer.alloc(0)

/** Where the acknowledgement at `at` ends; `at` if it is none, undefined while it cannot be told. */
function yesEnd(bytes: Buffer, at: number): number | undefined {
  const frame = frameBytes(bytes, at)
  if (frame === 0) return undefined
  const length = frame - 2
  if (bytes[at] !== puback || length < 2 || length > yesBytesMax) return at
  const end = at + frame
  if (end > bytes.length) return undefined
  const code = length === 2 ? success : bytes[at + 4]
  const isPlain = length < yesBytesMax || bytes[at + 5] === 0
  return isPlain && (code === success || code === noSubscribers) ? end : at
}

/** Bytes of the whole packet; 0 while its length has not come. */
function frameBytes(bytes: Buffer, at: number): number {
  let length = 0
  let factor = 1
  for (let next = at + 1; next < bytes.length; next++) {
    const byte = bytes[next] ?? 0
    length += (byte & 127) * factor
    if (byte < 128) return next + 1 - at + length
    factor *= 128
    // No length is longer: what comes is for others to judge.
    if (next - at === 4) return Number.POSITIVE_INFINITY
  }
  return 0
}
