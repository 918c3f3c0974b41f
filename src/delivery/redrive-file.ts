/**
 * The redrive job that runs, on disk: written when it starts, now and then while it runs, and when
 * it ends, so that it goes on after a restart. Progress that cannot be written costs no letter.
 */

import type { Cancel, Clock } from '../base/ports.js'
import { type EpochMs, epochMs, ms } from '../base/units.js'
import { fieldOf, numberOf } from '../policy/plain-data.js'
import type { RedriveJob } from '../policy/redrive.js'
import { jobFrom, savedJob } from '../policy/redrive-saved.js'
import type { StateFile } from '../store/state-file.js'

/** Flash wears out. */
const writeEvery = ms(1000)

export class RedriveFile {
  /** When the schedule was due last. */
  lastAt: EpochMs | undefined
  /** As it was read. */
  readonly job: RedriveJob | undefined
  readonly #clock: Clock
  readonly #file: StateFile
  readonly #complain: (error: unknown) => void
  #soon: Cancel | undefined

  private constructor(
    clock: Clock,
    file: StateFile,
    complain: (error: unknown) => void,
    document: unknown,
  ) {
    const lastAt = numberOf(document, 'lastAt')
    this.lastAt = lastAt === undefined ? undefined : epochMs(lastAt)
    this.job = jobFrom(fieldOf(document, 'job'))
    this.#clock = clock
    this.#file = file
    this.#complain = complain
  }

  /** Rejects with DISK_UNWRITABLE. `complain` hears of what cannot be written later. */
  static async open(
    clock: Clock,
    file: StateFile,
    complain: (error: unknown) => void,
  ): Promise<RedriveFile> {
    return new RedriveFile(clock, file, complain, await file.read())
  }

  /** Resolves when the job will survive a restart. Rejects with DISK_FULL or DISK_UNWRITABLE. */
  begin(job: RedriveJob): Promise<void> {
    return this.#write(job)
  }

  /** Within a second; `jobOf` is asked then. */
  soon(jobOf: () => RedriveJob | undefined): void {
    this.#soon ??= this.#clock.wake(writeEvery, () => {
      this.#soon = undefined
      void this.now(jobOf()) // never rejects
    })
  }

  /** Resolves when it is written, or cannot be. */
  now(job: RedriveJob | undefined): Promise<void> {
    this.stop()
    return this.#write(job).catch((error: unknown) => this.#complain(error))
  }

  /** Nothing more is written by itself. */
  stop(): void {
    this.#soon?.()
    this.#soon = undefined
  }

  #write(job: RedriveJob | undefined): Promise<void> {
    const saved = job === undefined ? undefined : savedJob(job)
    return this.#file.write({ job: saved ?? null, lastAt: this.lastAt ?? null })
  }
}
