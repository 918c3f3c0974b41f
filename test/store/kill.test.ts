/**
 * A real process on a real disk, killed in mid write again and again: what it told of through a
 * pipe as acknowledged, and had not begun to settle, is found by the next one, once, in order and
 * unaltered. A power cut it does not prove: the crash simulator does.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { realWorld } from '../../src/host/world.js'
import { Budget } from '../../src/store/budget.js'
import { Journal } from '../../src/store/journal.js'
import type { StoredRecord } from '../../src/store/tail.js'
import { readAll } from '../world/crash-workload-verdict.js'
import { payloadOf, settingsFor } from '../world/kill-child.js'
import { below, seededRandom, testSeed } from '../world/seeded-random.js'
import { isBalanced } from '../world/store-ground.js'

const kills = 30
const program = join(__dirname, '..', 'world', 'kill-child.js')

describe('store in a process that is killed', function () {
  this.timeout(120_000)
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-kill-'))
  const queue = join(directory, 'queue')

  after(() => rmSync(directory, { recursive: true, force: true }))

  it(`loses and alters nothing in ${kills} kills in mid write`, async () => {
    const random = seededRandom(testSeed)
    /** Numbers of messages that must be there. */
    let owed: ReadonlySet<number> = new Set()
    let acknowledged = 0
    for (let round = 0; round < kills; round++) {
      const told = await workUntilKilled(round, 20 + below(random, 300))
      acknowledged += told.acknowledged.length
      const due = new Set([...owed, ...told.acknowledged])
      for (const number of told.settled) due.delete(number)
      const records = await recovered()
      const story = `seed ${testSeed}, kill ${round}`
      should({ story, wrong: wrongIn(records, due) }).eql({ story, wrong: [] })
      owed = new Set(records.map(({ lane }) => lane))
    }
    acknowledged.should.be.above(kills * 20)
  })

  async function workUntilKilled(round: number, killAfter: number) {
    const args = [program, queue, `${testSeed + round}`, `${1 + round * 1_000_000}`]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      said += text
      if (said.split('acknowledged').length > killAfter) child.kill('SIGKILL')
    })
    const [code] = await once(child, 'close')
    should({ code, said: code === null ? '' : said }).eql({ code: null, said: '' })
    // A line that was cut off by the kill tells of nothing.
    const lines = said.split('\n').slice(0, -1)
    const numbers = (word: string) =>
      lines.filter((line) => line.startsWith(word)).map((line) => Number(line.split(' ')[1]))
    return { acknowledged: numbers('acknowledged'), settled: numbers('settled') }
  }

  /** What the next process finds; it stops in good order. */
  async function recovered(): Promise<StoredRecord[]> {
    const faults: unknown[] = []
    const failed = (fault: unknown) => faults.push(fault)
    const ground = { world: realWorld, budget: new Budget(), emit: () => {}, failed }
    const journal = await Journal.open(ground, settingsFor(queue))
    const records = await readAll(journal)
    isBalanced(journal).should.be.true()
    const { quarantined, damaged } = journal.opening
    should({ quarantined, damaged, faults }).eql({ quarantined: 0, damaged: 0, faults: [] })
    await journal.close()
    return records
  }
})

function wrongIn(records: readonly StoredRecord[], owed: ReadonlySet<number>): string[] {
  const wrong: string[] = []
  const found = new Set<number>()
  let last = -1
  for (const { lane, payload } of records) {
    if (Buffer.compare(payload, payloadOf(lane)) !== 0) wrong.push(`${lane} is altered`)
    if (lane <= last) wrong.push(`${lane} comes after ${last}`)
    found.add(lane)
    last = lane
  }
  for (const number of owed) if (!found.has(number)) wrong.push(`${number} is lost`)
  return wrong
}
