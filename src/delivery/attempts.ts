/**
 * How often the messages that are under way were tried, over restarts: written when one failed and
 * when the queue closes, never for a message that goes well. A file that cannot be written costs
 * the count, not the message.
 */

import type { Past } from '../policy/release-state.js'
import type { StateFile } from '../store/state-file.js'

/** What is told of one message, by its id. */
export type Tried = readonly [id: string, releases: number, failures: number]

export class Attempts {
  readonly #file: StateFile
  readonly #failed: (error: unknown) => void
  readonly #known: Map<string, Past>
  /** What was written last holds nothing. */
  #isBlank: boolean
  #hasFailed = false

  private constructor(file: StateFile, known: Map<string, Past>, failed: (error: unknown) => void) {
    this.#file = file
    this.#known = known
    this.#failed = failed
    this.#isBlank = known.size === 0
  }

  /** `failed` hears of a file that cannot be written, once until it can. */
  static async open(file: StateFile, failed: (error: unknown) => void): Promise<Attempts> {
    return new Attempts(file, new Map(pastsIn(await file.read())), failed)
  }

  /** What is known of a message from before this opening; asked once. */
  take(id: string): Past | undefined {
    if (this.#known.size === 0) return undefined
    const past = this.#known.get(id)
    this.#known.delete(id)
    return past
  }

  /** Nothing waits: nobody will ask. */
  forget(): void {
    this.#known.clear()
  }

  /** Resolves when this, or something later, is on disk or cannot be. */
  async write(tried: readonly Tried[]): Promise<void> {
    const untouched = [...this.#known].map(
      ([id, { releases, failures }]): Tried => [id, releases, failures],
    )
    const all = [...tried, ...untouched]
    if (all.length === 0 && this.#isBlank) return
    this.#isBlank = all.length === 0
    try {
      await this.#file.write({ attempts: all })
      this.#hasFailed = false
    } catch (error) {
      if (!this.#hasFailed) this.#failed(error)
      this.#hasFailed = true
    }
  }
}

/** What cannot be understood is left out. */
function pastsIn(document: unknown): [string, Past][] {
  if (typeof document !== 'object' || document === null || !('attempts' in document)) return []
  const { attempts } = document
  if (!Array.isArray(attempts)) return []
  return attempts.flatMap((entry: unknown): [string, Past][] => {
    const [id, releases, failures]: unknown[] = Array.isArray(entry) ? entry : []
    if (typeof id !== 'string' || !isCount(releases) || !isCount(failures)) return []
    return [[id, { releases, failures }]]
  })
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0
}
