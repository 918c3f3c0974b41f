/**
 * The process that `letters-kill.test.ts` kills: takes in letters and redrives them without end on
 * the real disk, and tells of each through standard output as it happens. A line there is in the
 * kernel when the write returns, so what was told outlives a `kill -9`. Ends with its parent.
 */

import { reasonOf } from '../../src/base/fault.js'
import type { Letter } from '../../src/delivery/letter.js'
import { Letters, type LettersSettings } from '../../src/delivery/letters.js'
import type { RedriveHost, RedriveSettings } from '../../src/delivery/redrive-host.js'
import { Redriver } from '../../src/delivery/redriver.js'
import { realWorld } from '../../src/host/world.js'
import type { Ending } from '../../src/policy/outcome.js'
import { Budget } from '../../src/store/budget.js'
import { StateFile } from '../../src/store/state-file.js'
import { failed, lettersSettings } from './lettering.js'
import { endingOf, PlayedFlow } from './redriving.js'
import { below, seededRandom } from './seeded-random.js'

const keptMax = 60
const redriving: RedriveSettings = {
  ...{ schedule: { is: 'off' }, toSource: false, attempts: 3, rate: {} },
  ...{ canary: true, stopAbove: 'off' },
}

/** Small files, so that many rotations and removals lie in the way of a kill. */
export const killSettings = (directory: string): LettersSettings =>
  lettersSettings({ directory, segmentBytes: 16 << 10, ballastBytes: 4096, attempts: 3 })

const tell = (text: string) => process.stdout.write(`${text}\n`)

/** Ends one letter after another, and goes on when what became of it is known. */
class OneByOne extends PlayedFlow implements RedriveHost {
  readonly #random
  #next: (() => void) | undefined

  constructor(seed: number) {
    super()
    this.#random = seededRandom(seed)
  }

  override release(letter: Letter, redrive: number, settled: (ending: Ending) => void): string {
    tell(`sent ${letter.id}`)
    const token = super.release(letter, redrive, settled)
    this.#next?.()
    return token
  }

  async end(redriver: Redriver): Promise<void> {
    for (;;) {
      const [out] = this.out
      if (out === undefined) {
        await new Promise<void>((go) => {
          this.#next = go
        })
        continue
      }
      const { id } = out.letter
      const isOk = below(this.#random, 3) > 0
      const before = redriver.progress?.ok ?? 0
      if (isOk) tell(`ending ${id}`)
      // Until its parent has taken the line, it waits in this process, and would die with it.
      while (process.stdout.writableLength > 0) await turn()
      out.settled(endingOf(isOk ? 'ok' : 'failed'))
      while (isOk && redriver.progress?.ok === before) await turn()
      if (isOk) tell(`known ${id}`)
      else await turn()
    }
  }
}

const turn = () => new Promise<void>((go) => setImmediate(go))

async function work(directory: string, seed: number): Promise<void> {
  const ground = { world: realWorld, budget: new Budget(), emit: () => {}, failed: stop }
  const letters = await Letters.open(ground, killSettings(directory))
  const file = new StateFile(realWorld.disk, directory, 'REDRIVE.json')
  const flow = new OneByOne(seed)
  const parts = { world: realWorld, letters, file, emit: () => {} }
  const redriver = await Redriver.open(parts, redriving, flow)
  tell(redriver.progress === undefined ? 'idle' : 'resumed')
  flow.end(redriver).catch(stop)
  redriver.pump()
  for (let n = 0; ; n++) {
    const id = `${seed}-${n}`
    await letters.accept(failed(id, {}, { id }))
    tell(`accepted ${id}`)
    if (n % 20 === 19) await redrive(redriver)
    while (letters.totals.stored > keptMax) await redrive(redriver)
  }
}

/** Begins a job where none runs. */
async function redrive(redriver: Redriver): Promise<void> {
  if (redriver.progress?.state === 'running') await turn()
  else await redriver.start({ selection: { filter: {} } })
}

function stop(error: unknown): void {
  tell(`stopped: ${reasonOf(error)}`)
  process.exit(1)
}

if (require.main === module) {
  process.stdin.on('end', () => process.exit()).resume()
  const [directory = '', seed] = process.argv.slice(2)
  work(directory, Number(seed)).catch(stop)
}
