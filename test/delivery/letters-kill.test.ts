/**
 * A real process on a real disk, killed in mid redrive again and again: no letter that was accepted
 * is lost or made twice, and none goes again that was known to have succeeded. A power cut it does
 * not prove.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { Letters } from '../../src/delivery/letters.js'
import { realWorld } from '../../src/host/world.js'
import { Budget } from '../../src/store/budget.js'
import { killSettings } from '../world/letter-kill-child.js'
import { isBalanced, textOf } from '../world/lettering.js'
import { below, seededRandom, testSeed } from '../world/seeded-random.js'

const kills = 20
const program = join(__dirname, '..', 'world', 'letter-kill-child.js')

describe('dead letters in a process that is killed', function () {
  this.timeout(120_000)
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-letters-'))
  const home = join(directory, 'dlq')

  after(() => rmSync(directory, { recursive: true, force: true }))

  it(`lose nothing and repeat no success in ${kills} kills in mid redrive`, async () => {
    const random = seededRandom(testSeed)
    /** Ids that must be there, and those that must never go again. */
    const owed = new Set<string>()
    const known = new Set<string>()
    let resumed = 0
    for (let round = 0; round < kills; round++) {
      const told = await workUntilKilled(round, 60 + below(random, 300))
      resumed += told.words('resumed').length
      const story = `seed ${testSeed}, kill ${round}`
      const again = told.ids('sent').filter((id) => known.has(id))
      should({ story, again }).eql({ story, again: [] })
      for (const id of told.ids('accepted')) owed.add(id)
      for (const id of told.ids('ending')) owed.delete(id)
      for (const id of told.ids('known')) known.add(id)
      should({ story, wrong: await wrongIn(owed, known) }).eql({ story, wrong: [] })
    }
    known.size.should.be.above(kills * 5)
    resumed.should.be.above(0)
  })

  async function workUntilKilled(round: number, killAfter: number) {
    const args = [program, home, `${testSeed + round}`]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      said += text
      if (said.split('\n').length > killAfter) child.kill('SIGKILL')
    })
    const [code] = await once(child, 'close')
    should({ code, said: code === null ? '' : said }).eql({ code: null, said: '' })
    // A line that was cut off by the kill tells of nothing.
    const lines = said.split('\n').slice(0, -1)
    const words = (word: string) => lines.filter((line) => line.startsWith(word))
    return { words, ids: (word: string) => words(word).map((line) => line.split(' ')[1] ?? '') }
  }

  /** What the next process finds amiss; it stops in good order. */
  async function wrongIn(owed: ReadonlySet<string>, known: ReadonlySet<string>) {
    const wrong: string[] = []
    const failed = (fault: unknown) => wrong.push(String(fault))
    const ground = { world: realWorld, budget: new Budget(), emit: () => {}, failed }
    const letters = await Letters.open(ground, killSettings(home))
    for (const id of owed) if ((await letters.read(id)) === undefined) wrong.push(`${id} is lost`)
    const { items } = await letters.list({}, { limit: 500 })
    for (const { id } of items) {
      const letter = await letters.read(id)
      if (known.has(id)) wrong.push(`${id} is back`)
      if (letter !== undefined && textOf(letter) !== id) wrong.push(`${id} is altered`)
    }
    if (new Set(items.map(({ id }) => id)).size < items.length)
      wrong.push('a letter is there twice')
    if (!isBalanced(letters)) wrong.push(JSON.stringify(letters.totals))
    await letters.close()
    return wrong
  }
})
