/**
 * Tells a program when it is asked to end: by Ctrl-C, by a signal, or because the npm that started
 * it is gone. A signal sent to npm reaches only npm's shell, so the last one has to be looked for.
 */

const orphanedEveryMs = 500

export type Why = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'npm has ended'

/** Calls once, for the first of them. */
export function onStop(stop: (why: Why) => Promise<void>): void {
  let asked = false
  const ask = (why: Why) => {
    if (asked) return
    asked = true
    clearInterval(looking)
    void stop(why)
  }
  const parent = process.ppid
  const byNpm = process.env['npm_lifecycle_event'] !== undefined
  const looking = setInterval(() => {
    if (byNpm && process.ppid !== parent) ask('npm has ended')
  }, orphanedEveryMs)
  looking.unref()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => ask(signal))
}
