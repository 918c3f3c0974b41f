/**
 * What the admin routes of dead letters answer, as the page of the sidebar reads it. The reference
 * in the README has each of these as JSON; this file has names for them and nothing else.
 */

/** A piece of a list. */
export interface Piece<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
  readonly total: number
}

/** One dead letter node and its figures. */
export interface Desk {
  readonly id: string
  readonly name: string
  readonly waiting: number
  readonly givenUp: number
  readonly deleted: number
  readonly causes: number
  readonly fresh: number
  readonly bytes: number
  readonly redrive: Job | null
}

/** A redrive that runs, or ran last. */
export interface Job {
  readonly job: string
  readonly total: number
  readonly ok: number
  readonly failed: number
  readonly back: number
  readonly out: number
  readonly gone: number
  readonly stopAbove: number | 'off'
  readonly state: 'running' | 'finished' | 'failing' | 'unreceived' | 'cancelled' | 'source-gone'
}

export interface Failure {
  readonly code: string
  readonly text: string
  readonly at: number
  readonly node: { readonly id: string; readonly type: string; readonly name?: string } | null
  readonly attempt: number
}

/** Letters that failed alike. */
export interface Cause {
  readonly cause: string
  readonly count: number
  readonly givenUp: number
  readonly poison: number
  readonly firstAt: number
  readonly lastAt: number
  readonly note: string
  readonly example: { readonly failure: Failure | null }
}

/** A letter in a list. */
export interface Line {
  readonly id: string
  readonly state: 'waiting' | 'given-up' | 'deleted' | 'resolved'
  readonly reason: string
  readonly cause: string
  readonly lastAt: number
  readonly redrives: number
  readonly topic: string
  readonly poison: boolean
  readonly editedFrom: string | null
  readonly failure: Failure | null
}

/** A letter with its story and its message. */
export interface Story extends Line {
  readonly source: string
  readonly path: readonly string[]
  readonly failures: readonly Failure[]
  readonly bytes: number
  /** Null where payloads are hidden, and over 5 MB. */
  readonly msg: Readonly<Record<string, unknown>> | null
  readonly kinds: Readonly<Record<string, string>>
}
