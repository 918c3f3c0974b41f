/**
 * The same short life of dead letters again and again, with a fault of the disk at one of its
 * operations: arrivals, a redrive, an edit, a deletion, a restart. Whoever fails is closed and
 * opened again. In the end the disk is sound, and every letter that was promised must be there,
 * once.
 */

import type { Random } from '../../src/base/ports.js'
import { ms } from '../../src/base/units.js'
import { Letters } from '../../src/delivery/letters.js'
import type { RedriveSettings } from '../../src/delivery/redrive-host.js'
import { Redriver } from '../../src/delivery/redriver.js'
import { Budget } from '../../src/store/budget.js'
import type { Ground } from '../../src/store/settings.js'
import { StateFile } from '../../src/store/state-file.js'
import type { FaultKind } from './fault-kinds.js'
import { ended } from './fault-verdict.js'
import { began, failed, isBalanced, lettersSettings, originalOf, textOf } from './lettering.js'
import { describeOperation, type Operation } from './memory-disk-faults.js'
import { endingOf, PlayedFlow } from './redriving.js'
import { seededRandom } from './seeded-random.js'
import { directory } from './store-ground.js'
import { afterKill, afterPowerCut, type TestWorld, testWorld } from './test-world.js'

export interface LetterFault {
  readonly kind: FaultKind
  readonly at: Operation
}

export interface LetterReport {
  /** Every operation of a life without a fault. */
  readonly operations: readonly Operation[]
  /** Letters that must be there at last, and letters that must not. */
  readonly there: number
  readonly gone: number
  readonly complaints: readonly string[]
}

/** What is known of a letter: `there` and `gone` are promises, `unknown` may be either. */
type Promised = 'there' | 'gone' | 'unknown'

interface Open {
  readonly letters: Letters
  readonly redriver: Redriver
  readonly flow: PlayedFlow
}

const settings = lettersSettings({ segmentBytes: 2500, ballastBytes: 600 })
const redriving: RedriveSettings = {
  ...{ schedule: { is: 'off' }, toSource: false, attempts: 5, rate: {} },
  ...{ canary: true, stopAbove: 'off' },
}

export async function liveLetters(fault?: LetterFault): Promise<LetterReport> {
  const life = new LetterLife(fault)
  await life.live()
  return life.report
}

/**
 * The same life once more without a fault, and from each of its operations on as it goes on after a
 * kill and after a power cut there: what was promised until then holds.
 */
export async function endLetters(random: Random): Promise<LetterReport & { ends: number }> {
  const life = new LetterLife(undefined)
  const ends = life.copyAll(random)
  await life.live()
  for (const end of ends) await life.judgeEnd(end)
  return { ...life.report, ends: ends.length }
}

/** The disk as a process left it that ended at one operation. */
interface End {
  readonly at: string
  readonly world: TestWorld
  readonly promised: ReadonlyMap<string, Promised>
  /** What is not synced yet may be gone. */
  readonly isPowerCut: boolean
}

class LetterLife {
  readonly #fault: LetterFault | undefined
  readonly #world: TestWorld
  readonly #operations: Operation[] = []
  readonly #complaints: string[] = []
  readonly #promised = new Map<string, Promised>()
  /** Letters that succeeded while this process ran. */
  readonly #resolved = new Set<string>()
  #open: Open | undefined
  #hasFailed = false

  constructor(fault: LetterFault | undefined) {
    this.#fault = fault
    this.#world = testWorld({ wall: began })
    fault?.kind.order(this.#world.disk, fault.at.number)
    this.#world.disk.afterOperation = (operation) => this.#operations.push(operation)
  }

  get report(): LetterReport {
    const all = [...this.#promised.values()]
    const story = this.#fault && `${this.#fault.kind.name}, ${describeOperation(this.#fault.at)}`
    return {
      operations: this.#operations,
      there: all.filter((each) => each === 'there').length,
      gone: all.filter((each) => each === 'gone').length,
      complaints: this.#complaints.map((text) => `${story ?? ''}: ${text}`),
    }
  }

  /** Adds two ends for every operation from now on. */
  copyAll(random: Random): readonly End[] {
    const ends: End[] = []
    this.#world.disk.afterOperation = (operation) => {
      const promised = new Map(this.#promised)
      for (const isPowerCut of [false, true]) {
        const world = isPowerCut ? afterPowerCut(this.#world, random) : afterKill(this.#world)
        ends.push({ at: describeOperation(operation), world, promised, isPowerCut })
      }
    }
    return ends
  }

  async judgeEnd({ at, world, promised, isPowerCut }: End): Promise<void> {
    const what = isPowerCut ? 'a power cut' : 'a kill'
    const when = `open after ${what}, ${at}`
    const open = await this.#ended(when, this.#opening(world), world, true)
    if (open === undefined) return
    await this.#judge(when, open.letters, world, promised, !isPowerCut)
    const again = open.flow.out.filter(({ letter }) => promised.get(letter.id) === 'gone')
    if (again.length > 0 && !isPowerCut) this.#complain(`${when}: goes again`)
    await this.#ended(
      when,
      open.redriver.close(ms(0)).then(() => open.letters.close()),
      world,
      true,
    )
  }

  async live(): Promise<void> {
    for (let n = 0; n < 3; n++) await this.#act((open) => this.#accept(open, `a${n}`))
    await this.#act((open) => this.#acceptAll(open, ['b0', 'b1', 'b2']))
    await this.#act((open) => this.#redrive(open))
    await this.#act((open) => this.#edit(open, 'a1'))
    await this.#act((open) => this.#delete(open, ['b0', 'b1']))
    await this.#act((open) => this.#accept(open, 'a1')) // a repeat
    await this.#act((open) => this.#acceptAll(open, ['c0', 'c1']))
    await this.#close()
    await this.#act((open) => this.#accept(open, 'd0'))
    await this.#act((open) => this.#redrive(open))
    await this.#close()
    await this.#afterAll()
  }

  async #act(deed: (open: Open) => Promise<void>): Promise<void> {
    if (this.#hasFailed) await this.#close()
    this.#open ??= await this.#opened()
    if (this.#open === undefined) return
    await deed(this.#open)
    await this.#world.clock.advance(1100)
  }

  /** Undefined while the fault lasts. */
  async #opened(): Promise<Open | undefined> {
    for (let n = 0; n < 2; n++) {
      const open = await this.#ended('open', this.#opening(this.#world))
      if (open !== undefined) return open
    }
    if (this.#fault?.kind.lasts !== true) this.#complain('does not open again')
    return undefined
  }

  async #opening(world: TestWorld): Promise<Open> {
    const failed = () => {
      this.#hasFailed = true
      // Nobody knows what of the last writes is on the disk.
      for (const id of this.#resolved) this.#promised.set(id, 'unknown')
    }
    const ground: Ground = { world, budget: new Budget(), emit: () => {}, failed }
    const letters = await Letters.open(ground, settings)
    const flow = new PlayedFlow()
    const file = new StateFile(world.disk, directory, 'REDRIVE.json')
    try {
      const parts = { world, letters, file, emit: ground.emit }
      return { letters, flow, redriver: await Redriver.open(parts, redriving, flow) }
    } catch (error) {
      await letters.close()
      throw error
    }
  }

  async #accept({ letters }: Open, id: string): Promise<void> {
    if (this.#promised.get(id) !== 'there') this.#promised.set(id, 'unknown')
    const arrived = await this.#ended('accept', letters.accept(failed(id, {}, { id })))
    if (arrived !== undefined) this.#promised.set(id, 'there')
  }

  async #acceptAll(open: Open, ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#accept(open, id)))
  }

  /** Every second letter fails again. */
  async #redrive({ redriver, flow, letters }: Open): Promise<void> {
    await this.#ended('redrive', redriver.start({ selection: { filter: {} } }))
    redriver.pump()
    await this.#world.clock.settle()
    for (let out = flow.out[0]; out !== undefined; out = flow.out[0]) {
      const isOk = flow.handed.length % 2 === 0
      const complaints = flow.complaints.length
      const { id } = out.letter
      if (isOk) this.#promised.set(id, 'unknown')
      out.settled(endingOf(isOk ? 'ok' : 'failed'))
      await this.#world.clock.advance(20)
      if (!isOk || flow.complaints.length > complaints || letters.failure !== undefined) continue
      this.#promised.set(id, 'gone')
      this.#resolved.add(id)
    }
  }

  async #edit({ letters }: Open, id: string): Promise<void> {
    const copy = await this.#ended('edit', letters.edit(id, originalOf({ payload: 'mended' })))
    if (copy !== undefined) this.#promised.set(copy, 'there')
  }

  async #delete({ letters }: Open, ids: readonly string[]): Promise<void> {
    await this.#ended('delete', letters.delete(ids))
  }

  async #close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    this.#hasFailed = false
    if (open === undefined) return
    const closing = open.redriver.close(ms(300)).then(() => open.letters.close())
    await this.#ended('close', closing)
    this.#resolved.clear()
  }

  /** The disk is sound again: what was promised holds, now and after a power cut. */
  async #afterAll(): Promise<void> {
    const { disk } = this.#world
    disk.heal()
    disk.shortWrites = undefined
    disk.afterOperation = undefined
    const open = await this.#ended('open at last', this.#opening(this.#world), this.#world, true)
    if (open === undefined) return this.#complain('does not open on a sound disk')
    await this.#judge('at last', open.letters)
    const world = afterPowerCut(this.#world, seededRandom(this.#fault?.at.number ?? 0))
    const next = await this.#ended('open after a power cut', this.#opening(world), world, true)
    if (next !== undefined) await this.#judge('after a power cut', next.letters, world)
    await this.#ended('close at last', open.letters.close(), this.#world, true)
  }

  async #judge(
    when: string,
    letters: Letters,
    world = this.#world,
    promised: ReadonlyMap<string, Promised> = this.#promised,
    mindsGone = true,
  ): Promise<void> {
    for (const [id, promise] of promised) {
      const letter = await this.#ended(`read ${when}`, letters.read(id), world)
      if (promise === 'there' && letter === undefined) this.#complain(`${when} ${id} is lost`)
      const isBack = promise === 'gone' && letter !== undefined
      if (isBack && mindsGone) this.#complain(`${when} ${id} is back`)
      if (letter === undefined) continue
      const text = textOf(letter)
      if (text !== id && text !== 'mended') this.#complain(`${when} ${id} reads ${text}`)
    }
    if (!isBalanced(letters)) this.#complain(`${when} ${JSON.stringify(letters.totals)}`)
  }

  #ended<T>(
    what: string,
    work: Promise<T>,
    world = this.#world,
    isSound = false,
  ): Promise<T | undefined> {
    const complain = (wrong: string) => this.#complain(`${what}${wrong}`)
    return ended(world.clock, work, complain, isSound)
  }

  #complain(wrong: string): void {
    this.#complaints.push(wrong)
  }
}
