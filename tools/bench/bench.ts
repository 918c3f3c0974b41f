/**
 * `npm run bench -- <suite>`: measures what design.md section 6 promises, in ratios of one run.
 * Prints a table for people and one line of JSON per row; it reports and never fails a build. Its
 * files are under `.holdfast/bench` and gone at the end.
 */

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { onStop, type Why } from '../common/stopping.js'
import { checkout } from '../common/user-dir.js'
import { dlqSuite } from './dlq/suite.js'
import { mqttSuite } from './mqtt/suite.js'
import { nodesSuite } from './nodes-suite.js'
import { observeSuite } from './observe/suite.js'
import { type Effort, parseOptions, type SuiteName } from './options.js'
import { policySuite } from './policy/suite.js'
import { queueSuite } from './queue/suite.js'
import { type Row, table } from './row.js'
import { sizingSuite } from './sizing/suite.js'
import { storeSuite } from './store/suite.js'

/** What a suite is given: how hard to try, where to write, whom to tell how far it is. */
export interface Bench extends Effort {
  readonly directory: string
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
  /** A line below the table. */
  readonly note: (text: string) => void
}

const suites: Readonly<Record<SuiteName, (bench: Bench) => AsyncIterable<Row>>> = {
  store: storeSuite,
  mqtt: mqttSuite,
  policy: policySuite,
  nodes: nodesSuite,
  queue: queueSuite,
  dlq: dlqSuite,
  sizing: sizingSuite,
  observe: observeSuite,
}

const directory = join(checkout, '.holdfast', 'bench', String(process.pid))
const stopping = new AbortController()

async function bench(suite: SuiteName, effort: Effort): Promise<void> {
  const notes: string[] = []
  const rows: Row[] = []
  mkdirSync(directory, { recursive: true })
  try {
    const { signal } = stopping
    const progress = (text: string) => console.error(`  ${text}`)
    const note = (text: string) => notes.push(text)
    for await (const row of suites[suite]({ ...effort, directory, signal, progress, note })) {
      rows.push(row)
    }
  } finally {
    clear()
  }
  console.log(
    `\n${suite}: medians of up to ${effort.rounds} interleaved rounds, Node ${process.version}`,
  )
  console.log(`${table(rows)}\n`)
  for (const text of notes) console.log(text)
  for (const row of rows) console.log(JSON.stringify(row))
}

function clear(): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
}

async function stop(why: Why): Promise<void> {
  console.error(`\n${why}: clearing up`)
  stopping.abort()
  clear()
  process.exit(why === 'SIGINT' ? 130 : 143)
}

const parsed = parseOptions(process.argv.slice(2))
if (parsed.is === 'wrong') {
  console.error(`bench: ${parsed.why}`)
  process.exitCode = 2
} else {
  onStop(stop)
  bench(parsed.suite, parsed.effort).catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
}
