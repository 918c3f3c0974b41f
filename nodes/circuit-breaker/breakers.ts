/**
 * The breakers of one node, one for each key: asked and told, woken by one timer, and written down
 * together. Every decision is the policy's; what a message is, and who hears of a change, is not
 * known here.
 */

import type { Cancel, World } from '../../src/base/ports.js'
import { after, type Instant, ms, since } from '../../src/base/units.js'
import { decide } from '../../src/policy/circuit-breaker.js'
import {
  ask,
  type BreakerCommand,
  type BreakerEvent,
  type BreakerVerdict,
  type Change,
} from '../../src/policy/circuit-breaker-event.js'
import { restored, saved } from '../../src/policy/circuit-breaker-saved.js'
import {
  type Breaker,
  fresh,
  type Gate,
  gateOf,
  isAtRest,
  type Permit,
} from '../../src/policy/circuit-breaker-state.js'
import type { Ended } from '../../src/policy/ended.js'
import type { HealthStatus } from '../../src/policy/health-state.js'
import { Keyed, sharedKey } from '../../src/policy/keyed.js'
import { fieldOf } from '../../src/policy/plain-data.js'
import { openGate } from '../../src/policy/retry-state.js'
import type { Settings } from './circuit-breaker.settings.js'

/** One breaker. */
export interface Cell {
  readonly key: string
  state: Breaker
  /** Permits that have not been reported. */
  out: number
  wakeAt: Instant | undefined
}

/** How often a countdown is looked at again. */
const tickMs = ms(1000)

export class Breakers {
  readonly #world: World
  readonly settings: Settings
  readonly #changed: (change: Change, key: string) => void
  readonly #ticked: () => void
  readonly #cells = new Keyed<Cell>(({ state, out }) => out === 0 && isAtRest(state))
  /** What a person ordered for all keys, those to come included. */
  #standing: { readonly command: BreakerCommand; readonly by: string } | undefined
  /** As the monitor has said last: also for keys to come. */
  #isDown = false
  #timer: { readonly at: Instant; readonly cancel: Cancel } | undefined
  #isClosed = false

  constructor(
    world: World,
    settings: Settings,
    ears: { changed: (change: Change, key: string) => void; ticked: () => void },
  ) {
    this.#world = world
    this.settings = settings
    this.#changed = ears.changed
    this.#ticked = ears.ticked
  }

  ask(key: string): { readonly cell: Cell; readonly verdict: BreakerVerdict } {
    const cell = this.#cellOf(key)
    const verdict = this.#tell(cell, ask)
    if (verdict.is === 'permit') cell.out += 1
    return { cell, verdict }
  }

  report(cell: Cell, permit: Permit, ended: Ended): void {
    cell.out -= 1
    if (this.#isClosed) return
    this.#tell(cell, { is: 'report', permit, ended, fraction: this.#fraction() })
  }

  /** Without a key, all of them obey, and those to come. */
  order(command: BreakerCommand, by: string, key?: string): void {
    if (key === undefined) {
      this.#cellOf(sharedKey) // before it stands, or the change would be no news
      const isStanding = command !== 'reset' && command !== 'open'
      this.#standing = isStanding ? { command, by } : undefined
    }
    for (const cell of key === undefined ? this.cells : [this.#cellOf(key)]) {
      this.#tell(cell, { is: 'command', command, by, fraction: this.#fraction() })
    }
  }

  /** What the monitor that it follows has found; where it knows nothing, nothing moves. */
  hear(status: HealthStatus): void {
    if (status !== 'unknown') this.#isDown = status === 'unhealthy'
    if (status === 'unknown') return
    if (this.#isDown && this.settings.key.is === 'none') this.#cellOf(sharedKey)
    const isHealthy = !this.#isDown
    for (const cell of this.cells) {
      this.#tell(cell, { is: 'health', isHealthy, fraction: this.#fraction() })
    }
  }

  forget(key: string): boolean {
    return this.#cells.forget(key)
  }

  get cells(): Cell[] {
    return [...this.#cells.entries()].map(([, cell]) => cell)
  }

  get now(): Instant {
    return this.#world.clock.monotonic()
  }

  /** Of messages without a key; with keys each must ask for its own. */
  get gate(): Gate {
    const cell = this.settings.key.is === 'none' ? this.#cells.get(sharedKey) : undefined
    return cell === undefined ? openGate : gateOf(cell.state, this.now)
  }

  /** All that is worth keeping, as plain data. */
  written(): object {
    const kept = this.cells.filter(({ state }) => !isAtRest(state) || isMarked(state))
    return {
      ...{ version: 1, at: this.#world.clock.wall(), standing: this.#standing ?? null },
      breakers: kept.map(({ key, state }) => [key, saved(state, this.now)]),
    }
  }

  /** What cannot be read is left out. */
  read(from: unknown): void {
    const age = this.#world.clock.wall() - Number(fieldOf(from, 'at'))
    const list = fieldOf(from, 'breakers')
    this.#standing = standingFrom(fieldOf(from, 'standing'))
    for (const entry of Array.isArray(list) && Number.isFinite(age) ? list : []) {
      const [key, document] = Array.isArray(entry) ? entry : []
      const state = restored(document, age, this.now, this.settings)
      if (typeof key !== 'string' || state === undefined) continue
      const cell = this.#cellOf(key)
      cell.state = state
      this.#tell(cell, { is: 'time', fraction: this.#fraction() })
    }
  }

  /** What is told from now on changes nothing: another may have taken over, on the same disk. */
  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #cellOf(wanted: string): Cell {
    return this.#cells.of(wanted, (key) => {
      const cell: Cell = { key, state: fresh(this.settings, this.now), out: 0, wakeAt: undefined }
      if (this.#standing !== undefined) {
        const order: BreakerEvent = { is: 'command', ...this.#standing, fraction: 0 }
        cell.state = decide(cell.state, order, this.now, this.settings).state
      }
      if (this.#isDown) this.#tell(cell, { is: 'health', isHealthy: false, fraction: 0 })
      return cell
    }).value
  }

  #tell(cell: Cell, event: BreakerEvent): BreakerVerdict {
    const { state, verdict, wakeAt, change } = decide(cell.state, event, this.now, this.settings)
    cell.state = state
    cell.wakeAt = wakeAt
    this.#keepTime(wakeAt)
    if (change !== undefined) this.#changed(change, cell.key)
    return verdict
  }

  #keepTime(wakeAt: Instant | undefined): void {
    if (wakeAt === undefined || this.#isClosed) return
    const tick = after(this.now, tickMs)
    const at = wakeAt < tick ? wakeAt : tick
    if (this.#timer !== undefined && this.#timer.at <= at) return
    this.#timer?.cancel()
    const span = ms(Math.max(0, since(this.now, at)))
    this.#timer = { at, cancel: this.#world.clock.wake(span, () => this.#woken()) }
  }

  #woken(): void {
    this.#timer = undefined
    for (const cell of this.cells) {
      if (cell.wakeAt === undefined) continue
      if (cell.wakeAt > this.now) this.#keepTime(cell.wakeAt)
      else this.#tell(cell, { is: 'time', fraction: this.#fraction() })
    }
    this.#ticked()
  }

  #fraction(): number {
    return this.#world.random.fraction()
  }
}

/** Something failed lately. */
function isMarked(state: Breaker): boolean {
  return state.is === 'closed' && (state.wire.inARow > 0 || state.wire.window.totals.calls > 0)
}

function standingFrom(from: unknown): { command: BreakerCommand; by: string } | undefined {
  const commands = ['isolate', 'disable', 'shadow'] as const
  const command = commands.find((each) => each === fieldOf(from, 'command'))
  const by = fieldOf(from, 'by')
  return command === undefined || typeof by !== 'string' ? undefined : { command, by }
}
