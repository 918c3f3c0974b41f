/**
 * A million messages waiting: what it costs to open them, to drain them, and what is left on the
 * disk. Measured in a process of its own, against the same process before it loaded the store.
 */

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { realDisk } from '../../../src/host/disk.js'
import type { Bench } from '../bench.js'
import { median } from '../rounds.js'
import type { Measured } from '../row.js'
import { inNewDirectory } from './append.js'
import type { BacklogReport } from './backlog-child.js'
import { fill } from './drain.js'
import { groundOn, openQueue } from './ground.js'

const segmentBytes = 4 << 20
const ballastBytes = 256 << 10
const megabyte = 1 << 20

export async function* backlogCases(bench: Bench): AsyncGenerator<Measured> {
  const { directory, isQuick, progress } = bench
  const count = isQuick ? 100_000 : 1_000_000
  const shown = count.toLocaleString('en-US')
  progress(`reopening and draining ${shown}`)
  const { opened, drained } = await inNewDirectory(directory, async (path) => {
    const queue = await openQueue(path, groundOn(realDisk), { is: 'system' })
    await fill(queue, count)
    await queue.close()
    const opened: BacklogReport[] = []
    for (let i = 0; i < 3; i++) opened.push(await inChild(bench, path, 'open'))
    return { opened, drained: await inChild(bench, path, 'drain') }
  })
  const [first = drained] = opened
  const of = (pick: (report: BacklogReport) => number) => median(opened.map(pick))
  yield {
    case: `reopen with ${shown}: bytes read, of a segment and the names`,
    ours: first.bytesRead,
    reference: segmentBytes + first.bytesListed,
    unit: 'B',
    budget: { of: 'ratio', atMost: 1 },
  }
  yield {
    case: `reopen with ${shown}: to the first message`,
    ours: of(({ openMs }) => openMs),
    unit: 'ms',
    budget: { of: 'ours', atMost: 100 },
  }
  yield {
    case: `memory over the empty process, ${shown} opened`,
    ours: of(({ openedBytes }) => openedBytes) / megabyte,
    reference: first.emptyBytes / megabyte,
    unit: 'MB',
    budget: { of: 'ours', atMost: 15 },
  }
  yield {
    case: `memory over the empty process, ${shown} draining`,
    ours: drained.drainingBytes / megabyte,
    reference: drained.emptyBytes / megabyte,
    unit: 'MB',
    budget: { of: 'ours', atMost: 40 },
  }
  yield {
    case: `drain of ${shown}`,
    ours: drained.drainedPerSecond,
    unit: 'msg/s',
  }
  yield {
    case: `space after draining ${shown}, of a segment and the reserve`,
    ours: drained.bytesLeft,
    reference: segmentBytes + ballastBytes,
    unit: 'B',
    budget: { of: 'ratio', atMost: 1 },
  }
}

async function inChild(bench: Bench, path: string, what: 'open' | 'drain'): Promise<BacklogReport> {
  const program = join(__dirname, 'backlog-child.js')
  const child = spawn(process.execPath, ['--expose-gc', program, path, what], {
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
  if (code !== 0) throw new Error(`the process that measures memory ended with ${code}`)
  return JSON.parse(text) as BacklogReport
}
