/**
 * What dead letters should be, as a plain map, beside the real ones: both live through the same
 * random life of arrivals, redrives, edits, deletions, restarts and kills, and are compared after
 * each step.
 */

import type { Ending } from '../../src/policy/outcome.js'
import { failed, isBalanced, originalOf, textOf } from './lettering.js'
import { endingOf, hopeless, Redriving, type RedrivingSettings } from './redriving.js'
import { below, seededRandom } from './seeded-random.js'
import { codeOf } from './store-ground.js'

const attempts = 3
const settings: RedrivingSettings = {
  ...{ attempts, stopAbove: 'off', canary: false },
  letters: { attempts, segmentBytes: 6000 },
}

interface Modelled {
  text: string
  redrives: number
  permanents: number
  isGivenUp: boolean
  aside: 'deleted' | 'resolved' | undefined
}

export class LetterModel {
  readonly complaints: string[] = []
  readonly #random: ReturnType<typeof seededRandom>
  readonly #letters = new Map<string, Modelled>()
  #round: Redriving
  #count = 0

  private constructor(seed: number, round: Redriving) {
    this.#random = seededRandom(seed)
    this.#round = round
  }

  static async open(seed: number): Promise<LetterModel> {
    return new LetterModel(seed, await Redriving.open(settings))
  }

  async live(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      await this.#step()
      await this.#compare(step)
      if (this.complaints.length > 0) return
    }
  }

  #step(): Promise<void> {
    const lot = below(this.#random, 100)
    if (lot < 25) return this.#accept()
    if (lot < 32) return this.#repeat()
    if (lot < 50) return this.#redrive()
    if (lot < 75) return this.#end()
    if (lot < 80) return this.#edit()
    if (lot < 88) return this.#delete()
    if (lot < 93) return this.#restore()
    if (lot < 95) return this.#clear()
    return lot < 98 ? this.#restart() : this.#kill()
  }

  async #accept(): Promise<void> {
    const id = `m${this.#count++}`
    await this.#round.accept(failed(id, {}, { id }))
    this.#letters.set(id, fresh(id))
  }

  async #repeat(): Promise<void> {
    const id = this.#any()
    if (id !== undefined) await this.#round.accept(failed('other', {}, { id }))
  }

  /** All by hand, or what is named; one that is there already is refused. */
  async #redrive(): Promise<void> {
    const id = this.#any()
    const isNamed = id !== undefined && below(this.#random, 2) === 0
    const selection = isNamed ? { ids: [id] } : { filter: {} }
    await this.#round.box.finish(codeOf(this.#round.redriver.start({ selection })))
  }

  /** Some of what is out ends. */
  async #end(): Promise<void> {
    for (let n = below(this.#random, 6); n > 0; n--) {
      const { out } = this.#round.flow
      const one = out[below(this.#random, out.length)]
      if (one === undefined) return
      const [ending, kind] = this.#ending()
      one.settled(ending)
      await this.#round.box.ground.world.clock.settle()
      const letter = this.#letters.get(one.letter.id)
      if (letter === undefined) this.complaints.push(`${one.letter.id} was out and is unknown`)
      else if (kind === 'ok') this.#letters.delete(one.letter.id)
      else if (kind !== 'back') failAgain(letter, kind === 'permanent')
    }
  }

  #ending(): [Ending, 'ok' | 'back' | 'permanent' | 'transient'] {
    switch (below(this.#random, 6)) {
      case 0:
      case 1:
        return [endingOf('ok'), 'ok']
      case 2:
        return [endingOf('ignored'), 'back']
      case 3:
        return [endingOf('timeout'), 'transient']
      default:
        return [endingOf('failed', { blame: hopeless }), 'permanent']
    }
  }

  async #edit(): Promise<void> {
    const id = this.#any()
    if (id === undefined) return
    const copy = `copy ${this.#count++}`
    const editing = this.#round.box.letters.edit(id, originalOf({ payload: copy }))
    const answer = String(await this.#round.box.finish(codeOf(editing)))
    const letter = this.#letters.get(id)
    const isFree = letter?.aside === undefined && !this.#isOut(id)
    if (isFree === (answer === 'LETTER_GONE')) this.complaints.push(`edit of ${id}: ${answer}`)
    if (!isFree || letter === undefined) return
    letter.aside = 'resolved'
    this.#letters.set(answer, fresh(copy))
  }

  async #delete(): Promise<void> {
    const ids = [this.#any(), this.#any(), 'none'].flatMap((id) => id ?? [])
    await this.#round.box.finish(this.#round.box.letters.delete(ids))
    for (const id of ids) this.#setAside(id, 'deleted')
  }

  async #restore(): Promise<void> {
    const ids = [...this.#letters.keys()].filter(() => below(this.#random, 3) > 0)
    await this.#round.box.finish(this.#round.box.letters.restore(ids))
    for (const id of ids) {
      const letter = this.#letters.get(id)
      if (letter?.aside === 'deleted') letter.aside = undefined
    }
  }

  async #clear(): Promise<void> {
    const state = below(this.#random, 2) === 0 ? 'given-up' : 'waiting'
    await this.#round.box.finish(this.#round.box.letters.clear({ state }))
    for (const [id, { isGivenUp }] of this.#letters) {
      if (isGivenUp === (state === 'given-up')) this.#setAside(id, 'deleted')
    }
  }

  async #restart(): Promise<void> {
    this.#round = await this.#round.reopen()
  }

  async #kill(): Promise<void> {
    this.#round = await this.#round.afterKill()
  }

  #setAside(id: string, aside: 'deleted'): void {
    const letter = this.#letters.get(id)
    if (letter !== undefined && letter.aside === undefined && !this.#isOut(id)) letter.aside = aside
  }

  #isOut(id: string): boolean {
    return this.#round.flow.out.some(({ letter }) => letter.id === id)
  }

  #any(): string | undefined {
    return [...this.#letters.keys()][below(this.#random, this.#letters.size)]
  }

  async #compare(step: number): Promise<void> {
    const { box } = this.#round
    const expected = [...this.#letters].map(([id, letter]) => shown(id, letter)).sort()
    const real: string[] = []
    for (const aside of [undefined, 'deleted', 'resolved'] as const) {
      const filter = aside === undefined ? {} : { aside }
      const { items } = await box.finish(box.letters.list(filter, { limit: 500 }))
      for (const { id } of items) {
        const letter = await box.finish(box.letters.read(id))
        if (letter === undefined) continue
        const { redrives, permanents, isGivenUp } = letter
        real.push(shown(id, { text: textOf(letter), redrives, permanents, isGivenUp, aside }))
      }
    }
    const missing = expected.filter((each) => !real.includes(each))
    const extra = real.filter((each) => !expected.includes(each))
    if (missing.length + extra.length > 0) {
      this.complaints.push(`step ${step}: missing ${missing}, found ${extra}`)
    }
    if (!isBalanced(box.letters)) this.complaints.push(`step ${step}: not balanced`)
    await this.#compareCounts(step)
  }

  async #compareCounts(step: number): Promise<void> {
    const { box } = this.#round
    const { waiting, givenUp, deleted, resolved } = box.letters.stats
    const of = (isMeant: (letter: Modelled) => boolean) =>
      [...this.#letters.values()].filter(isMeant).length
    const expected = [
      of(({ aside, isGivenUp }) => aside === undefined && !isGivenUp),
      of(({ aside, isGivenUp }) => aside === undefined && isGivenUp),
      of(({ aside }) => aside === 'deleted'),
      of(({ aside }) => aside === 'resolved'),
    ]
    const real = [waiting, givenUp, deleted, resolved]
    const { items } = await box.finish(box.letters.groups({ limit: 500 }))
    const grouped = items.reduce((sum, { count }) => sum + count, 0)
    if (String(real) !== String(expected)) this.complaints.push(`step ${step}: counts ${real}`)
    if (grouped !== waiting + givenUp) this.complaints.push(`step ${step}: ${grouped} in groups`)
  }
}

const fresh = (text: string): Modelled => ({
  ...{ text, redrives: 0, permanents: 0, isGivenUp: false, aside: undefined },
})

function failAgain(letter: Modelled, isPermanent: boolean): void {
  letter.redrives++
  letter.permanents = isPermanent ? letter.permanents + 1 : 0
  if (letter.redrives >= attempts) letter.isGivenUp = true
}

function shown(id: string, { text, redrives, permanents, isGivenUp, aside }: Modelled): string {
  return [id, text, redrives, permanents, isGivenUp, aside ?? ''].join(' ')
}
