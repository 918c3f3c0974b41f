/**
 * One process per directory. The lock file names its holder so that a dead one is recognised: same
 * host and another boot, or the same boot and no such process any more; a holder on another host
 * (a shared volume) counts as dead after 30 s without a heartbeat. It never waits for a live one.
 */

import { Fault, systemCode } from '../base/fault.js'
import type { Cancel, Machine, World } from '../base/ports.js'
import { ms } from '../base/units.js'
import { readWhole, writeAll } from './files.js'

type LockWorld = Pick<World, 'clock' | 'disk' | 'machine' | 'random'>

interface Holder {
  readonly host: string
  readonly boot: string
  readonly pid: number
  readonly startedAt: string
  readonly nonce: string
}

const heartbeatEvery = ms(10_000)
const silentFor = ms(30_000)
/**
 * Locks that each process holds or is about to take: a file that tells of this very process and of
 * none of them is one that it could not remove.
 */
const heldBy = new WeakMap<Machine, Set<string>>()

export class Lock {
  readonly #world: LockWorld
  readonly #path: string
  readonly #nonce: string
  #stopHeartbeat: Cancel = () => {}
  #isReleased = false

  private constructor(world: LockWorld, path: string, nonce: string) {
    this.#world = world
    this.#path = path
    this.#nonce = nonce
    noncesOf(world.machine).add(nonce)
  }

  /** Rejects with STORE_BUSY {pid, host, directory} while another holder lives. */
  static async take(world: LockWorld, directory: string): Promise<Lock> {
    const path = `${directory}/LOCK`
    const self = await holderHere(world)
    const lock = new Lock(world, path, self.nonce)
    try {
      for (let attempt = 0; attempt < 3; attempt++) {
        // Until it was written, another taker may have thought it senseless and set it aside.
        if ((await create(world, path, self)) && (await lock.isHeld())) {
          lock.#beat()
          return lock
        }
        const holder = await holderOf(world, path)
        if (holder !== undefined && (await isAlive(world, path, holder, self))) {
          throw new Fault('STORE_BUSY', { pid: holder.pid, host: holder.host, directory })
        }
        await setAside(world, path, holder, self.nonce)
      }
      throw new Fault('STORE_BUSY', { pid: 0, host: '?', directory })
    } catch (error) {
      await lock.release().catch(() => {}) // the first error tells more; the file counts as dead
      throw error
    }
  }

  /** Whether this process still holds it: somebody may have removed or taken the file. */
  async isHeld(): Promise<boolean> {
    return (await holderOf(this.#world, this.#path))?.nonce === this.#nonce
  }

  /** The lock is free afterwards for this process, even when it rejects with the system's error. */
  async release(): Promise<void> {
    this.#isReleased = true
    this.#stopHeartbeat()
    try {
      if (await this.isHeld()) await this.#world.disk.remove(this.#path)
    } finally {
      noncesOf(this.#world.machine).delete(this.#nonce)
    }
  }

  /** A lock file that cannot be touched is found out by `isHeld` before the next rotation. */
  #beat(): void {
    if (this.#isReleased) return
    this.#stopHeartbeat = this.#world.clock.wake(heartbeatEvery, () => {
      this.#world.disk.touch(this.#path).then(
        () => this.#beat(),
        () => this.#beat(),
      )
    })
  }
}

function noncesOf(machine: Machine): Set<string> {
  const known = heldBy.get(machine)
  if (known !== undefined) return known
  const nonces = new Set<string>()
  heldBy.set(machine, nonces)
  return nonces
}

async function holderHere(world: LockWorld): Promise<Holder> {
  return {
    host: world.machine.hostName,
    boot: await world.machine.bootId(),
    pid: world.machine.processId,
    startedAt: await world.machine.processStartedAt(),
    nonce: Buffer.from(world.random.bytes(8)).toString('hex'),
  }
}

/** False when the file is there already. */
async function create(world: LockWorld, path: string, self: Holder): Promise<boolean> {
  try {
    const file = await world.disk.open(path, 'create')
    try {
      await writeAll(file, [Buffer.from(`${JSON.stringify(self)}\n`)], 0)
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

/** Undefined when there is none, or when a power cut left it without sense. */
async function holderOf(world: LockWorld, path: string): Promise<Holder | undefined> {
  try {
    const holder: unknown = JSON.parse((await readWhole(world.disk, path)).toString())
    return isHolder(holder) ? holder : undefined
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null && 'pid' in value && 'nonce' in value
}

async function isAlive(
  world: LockWorld,
  path: string,
  holder: Holder,
  self: Holder,
): Promise<boolean> {
  if (holder.host === self.host) {
    if (holder.boot !== self.boot) return false
    const isSelf = holder.pid === self.pid && holder.startedAt === self.startedAt
    if (isSelf) return noncesOf(world.machine).has(holder.nonce)
    return world.machine.runs(holder.pid, holder.startedAt)
  }
  return world.clock.wall() - (await world.disk.modifiedAt(path)) < silentFor
}

/**
 * Takes a dead lock out of the way by a rename, which only one of several takers can win; when it
 * turns out that another taker's fresh lock was caught, it is made again, but not over a fresher
 * one: then that counts, and the caught one is found lost before its next rotation.
 */
async function setAside(world: LockWorld, path: string, dead: Holder | undefined, nonce: string) {
  const aside = `${path}.${nonce}`
  try {
    await world.disk.rename(path, aside)
    const caught = await holderOf(world, aside)
    if (caught !== undefined && caught.nonce !== dead?.nonce) await create(world, path, caught)
    await world.disk.remove(aside)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
}
