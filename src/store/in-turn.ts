/**
 * Work that must not overlap, one after another in the order of asking. It promises nothing about
 * how each ends: a failure is its asker's, and the next begins all the same.
 */

export class InTurn {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs `work` when all asked for before has ended, however it ended. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work)
    this.#last = turn
    return turn
  }
}
