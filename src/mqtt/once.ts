/**
 * Work that is asked for many times and done once, at the moment that its owner chose: in the next
 * turn of the event loop, or when the present callback has returned. What is asked for while it is
 * being done is done again.
 */

export class Once {
  readonly #later: (call: () => void) => void
  readonly #work: () => void
  #isDue = false

  /** `later` calls once, and never at once. */
  constructor(later: (call: () => void) => void, work: () => void) {
    this.#later = later
    this.#work = work
  }

  ask(): void {
    if (this.#isDue) return
    this.#isDue = true
    this.#later(() => {
      this.#isDue = false
      this.#work()
    })
  }
}
