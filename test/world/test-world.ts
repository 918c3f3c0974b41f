/**
 * The World of a test: a clock that stands still, chance that repeats, a disk and a computer in
 * memory. The worlds after a power cut and after a kill have the same past and their own future.
 */

import type { Random, World } from '../../src/base/ports.js'
import { FakeMachine } from './fake-machine.js'
import { FakeNetwork } from './fake-network.js'
import { ManualClock } from './manual-clock.js'
import { MemoryDisk, type MemoryDiskOptions } from './memory-disk.js'
import { seededRandom } from './seeded-random.js'

export interface TestWorld extends World {
  readonly clock: ManualClock
  readonly disk: MemoryDisk
  readonly machine: FakeMachine
  readonly network: FakeNetwork
}

export interface TestWorldOptions {
  readonly seed?: number
  /** What the calendar says at first, in ms since 1970. */
  readonly wall?: number
  readonly disk?: Omit<MemoryDiskOptions, 'clock'>
  readonly machine?: FakeMachine
}

export function testWorld(options: TestWorldOptions = {}): TestWorld {
  const clock = new ManualClock(options.wall)
  return {
    clock,
    random: seededRandom(options.seed ?? 1),
    disk: new MemoryDisk({ ...options.disk, clock }),
    machine: options.machine ?? FakeMachine.named(),
    network: new FakeNetwork(clock),
  }
}

/** The computer after a power cut: one of the legal states of the disk, every process gone. */
export function afterPowerCut(world: TestWorld, chance: Random): TestWorld {
  const clock = new ManualClock(world.clock.wall())
  const [disk, machine] = [world.disk.crash(chance, clock), world.machine.afterReboot()]
  return { clock, random: world.random, disk, machine, network: world.network }
}

/** The next process after this one was killed: the disk as it was written. */
export function afterKill(world: TestWorld): TestWorld {
  const clock = new ManualClock(world.clock.wall())
  const [disk, machine] = [world.disk.kill(clock), world.machine.afterKill()]
  return { clock, random: world.random, disk, machine, network: world.network }
}
