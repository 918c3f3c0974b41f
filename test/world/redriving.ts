/**
 * A redriver over letters on a world in memory, and a flow that does as it is told: what is handed
 * out waits until a test says how it ended. What must hold is for the tests to say.
 */

import { epochMs, ms } from '../../src/base/units.js'
import type { Arrival, Letter } from '../../src/delivery/letter.js'
import type {
  RedriveHost,
  RedriveRequest,
  RedriveSettings,
} from '../../src/delivery/redrive-host.js'
import { Redriver } from '../../src/delivery/redriver.js'
import type { Blame, Ending } from '../../src/policy/outcome.js'
import { StateFile } from '../../src/store/state-file.js'
import { began, Lettering, type LetteringSettings, textOf } from './lettering.js'
import { directory, type StoreGround } from './store-ground.js'

const usual: RedriveSettings = {
  ...{ schedule: { is: 'off' }, toSource: false, attempts: 5 },
  ...{ rate: {}, canary: false, stopAbove: 0.2 },
}

/** One letter that was handed out. */
export interface Out {
  readonly text: string
  readonly letter: Letter
  readonly redrive: number
  readonly token: string
  readonly settled: (ending: Ending) => void
}

export type RedrivingSettings = Partial<RedriveSettings> & {
  readonly letters?: LetteringSettings
}

export class Redriving {
  readonly box: Lettering
  readonly redriver: Redriver
  /** Everything that was ever handed out. */
  readonly handed: Out[]
  readonly flow: PlayedFlow
  readonly #changes: RedrivingSettings

  private constructor(
    box: Lettering,
    redriver: Redriver,
    flow: PlayedFlow,
    changes: RedrivingSettings,
  ) {
    this.box = box
    this.redriver = redriver
    this.flow = flow
    this.handed = flow.handed
    this.#changes = changes
  }

  static async open(changes: RedrivingSettings = {}, ground?: StoreGround): Promise<Redriving> {
    const { letters: lettering = {}, ...rest } = changes
    const box = await Lettering.open(lettering, ground)
    const { world, disk, emit } = box.ground
    const flow = new PlayedFlow()
    const file = new StateFile(disk, directory, 'REDRIVE.json')
    const parts = { world, letters: box.letters, file, emit }
    const opening = Redriver.open(parts, { ...usual, ...rest }, flow)
    const redriver = await box.finish(opening)
    redriver.pump()
    await world.clock.settle()
    return new Redriving(box, redriver, flow, changes)
  }

  afterKill(): Promise<Redriving> {
    return Redriving.open(this.#changes, this.box.ground.afterKill())
  }

  async reopen(): Promise<Redriving> {
    await this.box.ground.finishWithin(1000, this.redriver.close(ms(300)))
    await this.box.finish(this.box.letters.close())
    return Redriving.open(this.#changes, this.box.ground)
  }

  accept(...arrivals: Arrival[]): Promise<string[]> {
    return this.box.accept(...arrivals)
  }

  start(request: RedriveRequest = { selection: { filter: {} } }): Promise<string> {
    return this.box.finish(this.redriver.start(request))
  }

  /** The last hand-out of this text ends. */
  async ends(text: string, outcome: Ending['outcome'], more: Partial<Ending> = {}): Promise<void> {
    this.flow.out.findLast((each) => each.text === text)?.settled(endingOf(outcome, more))
    await this.box.ground.world.clock.settle()
  }

  async passes(spanMs: number): Promise<void> {
    await this.box.passes(spanMs)
  }

  /** Whatever goes out ends so, until nothing more comes. Answers what went. */
  async drain(outcomeOf: (out: Out) => Ending['outcome'] = () => 'ok'): Promise<string[]> {
    const from = this.handed.length
    for (let next = this.flow.out[0]; next !== undefined; next = this.flow.out[0]) {
      next.settled(endingOf(outcomeOf(next)))
      await this.box.ground.world.clock.settle()
    }
    return this.texts.slice(from)
  }

  get texts(): string[] {
    return this.handed.map(({ text }) => text)
  }
}

/** Keeps what it is handed until a test ends it. */
export class PlayedFlow implements RedriveHost {
  readonly handed: Out[] = []
  /** Not ended yet. */
  readonly out: Out[] = []
  readonly givenUp: string[] = []
  readonly abandoned: string[] = []
  readonly complaints: unknown[] = []
  readonly absent = new Set<string>()
  /** Texts of letters that it does not take. */
  readonly refuses = new Set<string>()
  isUp = true
  takesGivenUp = true

  release(letter: Letter, redrive: number, settled: (ending: Ending) => void): string {
    if (this.refuses.has(textOf(letter))) throw new Error('not now')
    const token = `t${this.handed.length}`
    const out: Out = {
      ...{ text: textOf(letter), letter, redrive, token },
      settled: (ending) => {
        this.out.splice(this.out.indexOf(out), 1)
        settled(ending)
      },
    }
    this.handed.push(out)
    this.out.push(out)
    return token
  }

  abandon(token: string): void {
    this.abandoned.push(token)
  }

  giveUp(letter: Letter): void {
    if (!this.takesGivenUp) throw new Error('nothing arrives')
    this.givenUp.push(textOf(letter))
  }

  reported({ outcome, blame }: Ending) {
    const { code = outcome, kind = 'transient', text = '', node } = blame ?? {}
    return { at: epochMs(began), code, kind, text, ...(node === undefined ? {} : { node }) }
  }

  isRunning(): boolean {
    return this.isUp
  }

  isPresent(nodeId: string): boolean {
    return !this.absent.has(nodeId)
  }

  complain(error: unknown): void {
    this.complaints.push(error)
  }

  changed(): void {
    // No status to show.
  }
}

export function endingOf(outcome: Ending['outcome'], more: Partial<Ending> = {}): Ending {
  const isBad = outcome !== 'ok' && outcome !== 'ignored'
  return {
    ...{ outcome, deliveries: 1, stillOpen: [], isHandedOver: false, tookMs: ms(1) },
    ...(isBad ? { blame: broken } : {}),
    ...more,
  }
}

export const broken: Blame = { code: 'NODE_ERROR', values: {}, kind: 'transient', text: 'sick' }
export const hopeless: Blame = { code: 'PAYLOAD_TOO_LARGE', values: {}, kind: 'permanent' }
