/**
 * Durable appends with 1, 16 and 256 under way, against the raw loop with the same grouping and
 * against the peers; and what they cost the disk in bytes and syncs, which is counted, not timed.
 */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../bench.js'
import { type Contest, interleaved } from '../rounds.js'
import type { Measured } from '../row.js'
import { countingDisk, nothingPassed } from './disks.js'
import { messageOf, openJournal } from './ground.js'
import type { Peer } from './peer.js'
import { grouped } from './peers.js'
import { rawPerSecond } from './raw.js'
import { appendsPerSecond, encoded, messageBytes } from './workload.js'

const floors = [
  [1, 0.55],
  [16, 0.7],
  [256, 0.75],
] as const

export async function* appendCases(bench: Bench, peers: readonly Peer[]): AsyncGenerator<Measured> {
  for (const [outstanding, atLeast] of floors) {
    bench.progress(`durable append, ${outstanding} outstanding`)
    const spanMs = bench.isQuick ? 250 : 700
    const contest = contestOf(bench.directory, outstanding, spanMs, peers)
    const medians = await interleaved(bench.rounds, contest)
    const ours = medians.get('ours') ?? Number.NaN
    const name = `append, ${outstanding} outstanding, of`
    const budget = { of: 'ratio', atLeast } as const
    yield { case: `${name} raw`, ours, reference: medians.get('raw'), unit: 'msg/s', budget }
    for (const peer of peers) {
      yield {
        case: `${name} ${peer.name}`,
        ours,
        reference: medians.get(peer.name),
        unit: 'msg/s',
      }
    }
  }
}

function contestOf(
  directory: string,
  outstanding: number,
  spanMs: number,
  peers: readonly Peer[],
): Contest<string> {
  const contest: Record<string, () => Promise<number>> = {
    raw: async () => rawPerSecond(join(directory, 'raw'), outstanding, spanMs),
    ours: () => inNewDirectory(directory, (path) => oursPerSecond(path, outstanding, spanMs)),
  }
  for (const peer of peers) {
    contest[peer.name] = () =>
      inNewDirectory(directory, async (path) => {
        const store = await peer.open(path, true)
        const rate = await appendsPerSecond(grouped(store), outstanding, spanMs)
        await store.close()
        return rate
      })
  }
  return contest
}

export async function oursPerSecond(path: string, outstanding: number, spanMs: number) {
  const journal = await openJournal(path)
  const append = (payload: Buffer) => journal.append(messageOf(payload))
  const rate = await appendsPerSecond(append, outstanding, spanMs)
  await journal.close()
  return rate
}

let directoriesMade = 0

/** Runs with the path of a directory that is not there yet, and removes it. */
export async function inNewDirectory<T>(
  directory: string,
  run: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(directory, `store-${directoriesMade++}`)
  try {
    return await run(path)
  } finally {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Rotation, seals and checkpoints included, opening and closing not. */
export async function* costCases({ directory }: Bench): AsyncGenerator<Measured> {
  for (const [outstanding] of floors) {
    const groups = Math.ceil(16_000 / outstanding / (outstanding === 1 ? 4 : 1))
    const messages = groups * outstanding
    const { written, syncs } = await inNewDirectory(directory, (path) =>
      passedBy(path, groups, outstanding),
    )
    const name = `${outstanding} outstanding`
    yield {
      case: `bytes written per payload byte, ${name}`,
      ours: written,
      reference: messages * messageBytes,
      unit: 'B',
      ...(outstanding === 16 ? { budget: { of: 'ratio', atMost: 1.08 } as const } : {}),
    }
    yield {
      case: `messages per sync, ${name}`,
      ours: messages / syncs,
      reference: outstanding,
      unit: 'msg',
      budget: { of: 'ratio', atLeast: 0.9 },
    }
  }
}

async function passedBy(path: string, groups: number, outstanding: number) {
  const passed = nothingPassed()
  const journal = await openJournal(path, countingDisk(passed))
  const before = { ...passed }
  const one = async (first: number) => {
    for (let i = 0; i < groups; i++) await journal.append(messageOf(encoded(first + i)))
  }
  await Promise.all(Array.from({ length: outstanding }, (_, n) => one(n * groups)))
  const after = { ...passed }
  await journal.close()
  return { written: after.written - before.written, syncs: after.syncs - before.syncs }
}
