/**
 * A computer whose processes a test starts, ends and restarts. Processes of one computer know of
 * each other; computers do not.
 */

import type { Machine } from '../../src/base/ports.js'

interface Computer {
  readonly name: string
  readonly fingerprint: string
  boots: number
  /** Start time of each process that runs, by number. */
  readonly running: Map<number, string>
  lastProcess: number
}

export class FakeMachine implements Machine {
  readonly #computer: Computer
  readonly #boot: number
  readonly #startedAt: string
  readonly processId: number

  private constructor(computer: Computer, processId = computer.lastProcess + 1) {
    this.#computer = computer
    this.#boot = computer.boots
    this.processId = processId
    this.#startedAt = `${computer.boots}.${++computer.lastProcess}`
    computer.running.set(processId, this.#startedAt)
  }

  /** A process on a computer of its own. */
  static named(name = 'gateway'): FakeMachine {
    const fingerprint = `fingerprint of ${name}`
    return new FakeMachine({ name, fingerprint, boots: 1, running: new Map(), lastProcess: 100 })
  }

  /** Another process beside this one; a number may come back after its process ended. */
  another(processId?: number): FakeMachine {
    return new FakeMachine(this.#computer, processId)
  }

  /** What `memoryUsed` tells. */
  memory = 0.25

  memoryUsed(): number {
    return this.memory
  }

  /** This process is no more. */
  end(): void {
    this.#computer.running.delete(this.processId)
  }

  /** The first process after a restart of a copy of the computer; the original runs on. */
  afterReboot(): FakeMachine {
    return new FakeMachine({
      ...this.#computer,
      boots: this.#computer.boots + 1,
      running: new Map(),
    })
  }

  /** The next process after this one was killed; likewise on a computer that parts from here. */
  afterKill(): FakeMachine {
    const running = new Map(this.#computer.running)
    running.delete(this.processId)
    return new FakeMachine({ ...this.#computer, running })
  }

  get hostName(): string {
    return this.#computer.name
  }

  processStartedAt(): Promise<string> {
    return Promise.resolve(this.#startedAt)
  }

  bootId(): Promise<string> {
    return Promise.resolve(`boot ${this.#boot}`)
  }

  fingerprint(): Promise<string> {
    return Promise.resolve(this.#computer.fingerprint)
  }

  runs(processId: number, startedAt: string): Promise<boolean> {
    return Promise.resolve(this.#computer.running.get(processId) === startedAt)
  }
}
