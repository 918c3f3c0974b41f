/** The balance of dead letters while a slow disk syncs: it holds at every moment. */

import should from 'should'
import { ms } from '../../src/base/units.js'
import { Letters } from '../../src/delivery/letters.js'
import { began, failed, isBalanced, lettersSettings } from '../world/lettering.js'
import { groundOf } from '../world/store-ground.js'

describe('the balance of dead letters', () => {
  it('holds at every moment of a slow sync, for new letters and for such as come back', async () => {
    const ground = groundOf({ wall: began, disk: { syncTakes: ms(20) } })
    const { clock } = ground.world
    const letters = await ground.finishWithin(1000, Letters.open(ground, lettersSettings()))
    const first = await ground.finishWithin(1000, letters.accept(failed('a')))
    const before = { id: first.letter, redrives: 1, hops: 1 }
    const arriving = ['b', 'c', 'd'].map((text) => letters.accept(failed(text)))
    arriving.push(letters.accept(failed('a', { text: 'again' }, { before })))
    for (let moment = 0; moment < 200; moment++) {
      should(isBalanced(letters)).equal(true, `${moment} ms`)
      await clock.advance(1)
    }
    const arrived = await Promise.all(arriving)
    arrived.map(({ is }) => is).should.eql(['new', 'new', 'new', 'returned'])
    should(letters.totals).containEql({ accepted: 4, stored: 4 })
    await ground.finishWithin(1000, letters.close())
  })
})
