/**
 * The names of the crash simulator: what stands in the directories now, what of it is durable, and
 * the operations in between, any subset of which a power cut may undo. It knows no contents.
 */

import type { Random } from '../../src/base/ports.js'
import { systemError } from './memory-disk-faults.js'
import type { MemoryFile } from './memory-disk-file.js'

export type Entry = MemoryFile | 'directory'

/** `entry` comes to stand under `path` and no longer under `from`; without an entry `path` goes. */
interface NameChange {
  readonly path: string
  readonly entry?: Entry
  readonly from?: string
}

const roots = ['/', '.']

export class MemoryNames {
  readonly #now: Map<string, Entry>
  readonly #durable: Map<string, Entry>
  #pending: NameChange[]

  constructor(
    durable = new Map<string, Entry>(),
    now = new Map(durable),
    pending: NameChange[] = [],
  ) {
    this.#durable = durable
    this.#now = now
    this.#pending = pending
  }

  get(path: string): Entry | undefined {
    return roots.includes(path) ? 'directory' : this.#now.get(path)
  }

  /** The file of that name; throws the error of a `call` that finds none. */
  file(path: string, call: string): MemoryFile {
    const entry = this.get(path)
    if (entry === 'directory') throw systemError('EISDIR', call, path)
    if (entry !== undefined) return entry
    const above = this.get(parentOf(path))
    const isMissing = above === undefined || above === 'directory'
    throw systemError(isMissing ? 'ENOENT' : 'ENOTDIR', call, path)
  }

  mustBeDirectory(path: string, call: string): void {
    const entry = this.get(path)
    if (entry === undefined) throw systemError('ENOENT', call, path)
    if (entry !== 'directory') throw systemError('ENOTDIR', call, path)
  }

  add(path: string, entry: Entry): void {
    this.#change({ path, entry })
  }

  remove(path: string): void {
    this.#change({ path })
  }

  rename(from: string, path: string, entry: Entry): void {
    if (from !== path) this.#change({ path, entry, from })
  }

  /** Makes what happened in this directory durable. */
  sync(directory: string): void {
    const rest: NameChange[] = []
    for (const change of this.#pending) {
      if (touches(change, directory)) apply(this.#durable, change)
      else rest.push(change)
    }
    this.#pending = rest
  }

  /** Every name is durable. */
  syncAll(): void {
    for (const change of this.#pending) apply(this.#durable, change)
    this.#pending = []
  }

  in(directory: string): string[] {
    const names: string[] = []
    for (const path of this.#now.keys()) if (parentOf(path) === directory) names.push(nameOf(path))
    return names
  }

  *files(): Iterable<MemoryFile> {
    for (const entry of this.#now.values()) if (entry !== 'directory') yield entry
  }

  /** The same names and past for other files. */
  copy(other: (file: MemoryFile) => MemoryFile): MemoryNames {
    const copy = (entry: Entry) => (entry === 'directory' ? entry : other(entry))
    const all = (names: Map<string, Entry>) =>
      new Map([...names].map(([path, entry]) => [path, copy(entry)]))
    const pending = this.#pending.map((change) =>
      change.entry === undefined ? change : { ...change, entry: copy(change.entry) },
    )
    return new MemoryNames(all(this.#durable), all(this.#now), pending)
  }

  /** One state in which a power cut may leave them. */
  afterPowerCut(random: Random, left: (file: MemoryFile) => MemoryFile): MemoryNames {
    const names = new Map(this.#durable)
    const share = [0, 1, 0.5][Math.floor(random.fraction() * 3)] ?? 1
    for (const change of this.#pending) if (random.fraction() < share) apply(names, change)
    for (const [path, entry] of names) {
      if (!isReached(names, path)) names.delete(path)
      else if (entry !== 'directory') names.set(path, left(entry))
    }
    return new MemoryNames(names)
  }

  #change(change: NameChange): void {
    apply(this.#now, change)
    this.#pending.push(change)
  }
}

function apply(names: Map<string, Entry>, { path, entry, from }: NameChange): void {
  if (from !== undefined) names.delete(from)
  if (entry === undefined) names.delete(path)
  else names.set(path, entry)
}

function touches({ path, from }: NameChange, directory: string): boolean {
  return parentOf(path) === directory || (from !== undefined && parentOf(from) === directory)
}

/** Whether every directory above is there. */
function isReached(names: ReadonlyMap<string, Entry>, path: string): boolean {
  for (let above = parentOf(path); !roots.includes(above); above = parentOf(above)) {
    if (names.get(above) !== 'directory') return false
  }
  return true
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  if (slash < 0) return '.'
  return slash === 0 ? '/' : path.slice(0, slash)
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
