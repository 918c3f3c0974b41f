/**
 * Many dead letters at once: what it costs to open them, to look at a page of them, to group and to
 * filter them. Measured in processes of their own, without anybody else to compare with: no package
 * for Node-RED keeps dead letters.
 */

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Bench } from '../bench.js'
import { median } from '../rounds.js'
import { type Measured, type Row, rowOf } from '../row.js'
import type { LettersReport } from './letters-child.js'

const megabyte = 1 << 20

export async function* dlqSuite(bench: Bench): AsyncGenerator<Row> {
  bench.note('Letters with messages of 600 B, in 200 groups; each figure in a process of its own.')
  for await (const measured of cases(bench)) yield rowOf('dlq', measured)
}

async function* cases(bench: Bench): AsyncGenerator<Measured> {
  const { directory, isQuick, rounds, progress } = bench
  const count = isQuick ? 10_000 : 100_000
  const shown = count.toLocaleString('en-US')
  const path = join(directory, 'letters')
  progress(`making ${shown} letters`)
  await inChild(bench, path, count)
  const reports: LettersReport[] = []
  for (let round = 0; round < rounds; round++) {
    progress(`opening ${shown} letters, round ${round + 1}`)
    reports.push(JSON.parse(await inChild(bench, path, 0)) as LettersReport)
  }
  const of = (pick: (report: LettersReport) => number) => median(reports.map(pick))
  const delay = { of: 'ours', atMost: 15 } as const
  yield {
    case: `memory over the empty process, ${shown} letters`,
    ours: of(({ openedBytes }) => openedBytes) / megabyte,
    reference: of(({ emptyBytes }) => emptyBytes) / megabyte,
    unit: 'MB',
  }
  yield {
    case: `heap in use over the empty process, ${shown} letters`,
    ours: of(({ heapBytes }) => heapBytes) / megabyte,
    unit: 'MB',
    budget: { of: 'ours', atMost: 40 },
  }
  yield { case: `open ${shown} letters`, ours: of(({ openMs }) => openMs), unit: 'ms' }
  yield {
    case: `processor time to open ${shown} letters`,
    ours: of(({ openCpuMs }) => openCpuMs),
    unit: 'ms',
    budget: { of: 'ours', atMost: 3000 },
  }
  yield {
    case: 'worst event-loop delay while they are opened',
    ours: of(({ openDelayMs }) => openDelayMs),
    unit: 'ms',
  }
  yield { case: 'list of 50, of all', ours: of(({ listMs }) => listMs), unit: 'ms' }
  yield { case: 'list of 50, by text', ours: of(({ filterMs }) => filterMs), unit: 'ms' }
  yield { case: '50 of 200 groups', ours: of(({ groupsMs }) => groupsMs), unit: 'ms' }
  yield {
    case: 'worst event-loop delay while they are looked at',
    ours: of(({ lookDelayMs }) => lookDelayMs),
    unit: 'ms',
    budget: delay,
  }
}

async function inChild(bench: Bench, path: string, count: number): Promise<string> {
  const program = join(__dirname, 'letters-child.js')
  const child = spawn(process.execPath, ['--expose-gc', program, path, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: bench.signal,
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve)
  })
  if (code !== 0) throw new Error(`the process that measures letters ended with ${code}`)
  return text
}
