/**
 * Dead letters written by released versions of the format are opened by the code of today: every
 * letter with its story, what people did to them, and the redrive that a kill broke off. The bytes
 * in `v1/letters` are never written again.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import should from 'should'
import { groundOfLetters, isBalanced, messageIn } from '../world/lettering.js'
import { Redriving } from '../world/redriving.js'
import { directory } from '../world/store-ground.js'
import { editedOfV1, lettersOfV1, messagesOfV1Letters, noteOfV1 } from './v1-letters.js'

const fixture = join('test/formats/v1', 'letters')

describe('letters of format 1', () => {
  it('are read whole, with what people did to them', async () => {
    const round = await opened()
    const { letters } = round.box
    const states: Record<string, string> = {}
    for (const [n, message] of messagesOfV1Letters.entries()) {
      const letter = await round.box.finish(letters.read(`q1-0a-${n}`))
      states[`q1-0a-${n}`] = letter?.state ?? 'gone'
      if (letter === undefined) continue
      isDeepStrictEqual(messageIn(letter), message).should.be.true(`message ${n}`)
      should(letter.failures[0]).match({ code: 'HTTP_STATUS 503', attempt: 5, node: { id: 'n2' } })
      should(letter.failures[0]?.stack).equal('1682f2e0cb4c')
      should([letter.hops, letter.topic, letter.flow]).eql([1, `t${n}`, 'line 1'])
    }
    states.should.eql({
      ...{ 'q1-0a-0': 'given-up', 'q1-0a-1': 'deleted', 'q1-0a-2': 'resolved' },
      ...{ 'q1-0a-3': 'gone', 'q1-0a-4': 'waiting' },
    })
    const [copy] = (await round.box.all()).filter(({ editedFrom }) => editedFrom === 'q1-0a-2')
    should(copy === undefined ? undefined : messageIn(copy)).eql(editedOfV1)
    const { items } = await round.box.finish(letters.groups({ limit: 10 }))
    items.map(({ note }) => note).should.containEql(noteOfV1)
    letters.stats.fresh.should.equal(1)
    letters.totals.should.eql({
      accepted: 7,
      delivered: 1,
      deadLettered: 0,
      dropped: {},
      stored: 6,
    })
    isBalanced(letters).should.be.true()
  })

  it('go on with the redrive that was broken off', async () => {
    const round = await opened()
    should(round.redriver.progress).match({ state: 'running', total: 2, ok: 1 })
    round.texts.should.eql(['m4'])
  })
})

async function opened(): Promise<Redriving> {
  const ground = groundOfLetters()
  await ground.disk.makeDirectory(directory)
  for (const file of readdirSync(fixture)) {
    ground.disk.put(`${directory}/${file}`, readFileSync(join(fixture, file)))
  }
  return Redriving.open({ stopAbove: 'off', ...lettersOfV1 }, ground)
}
