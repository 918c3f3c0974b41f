/**
 * Redrives over restarts and by the schedule: a job goes on with what is left, and nothing that
 * succeeded goes again.
 */

import should from 'should'
import { failed, isBalanced } from '../world/lettering.js'
import { Redriving } from '../world/redriving.js'
import { texts } from '../world/store-ground.js'

const letters = (count: number) => texts(count).map((text) => failed(text))

describe('redriver', () => {
  describe('after a restart', () => {
    it('goes on with what is left, and sends nothing again that succeeded', async () => {
      const round = await Redriving.open({ canary: true, stopAbove: 'off' })
      await round.accept(...letters(20))
      const job = await round.start()
      for (const text of texts(5)) await round.ends(text, text === 'm3' ? 'failed' : 'ok')
      const next = await round.afterKill()
      should(next.redriver.progress).match({ job, state: 'running', total: 20 })
      await next.drain()
      const early = next.handed.map(({ text }) => text)
      early.should.not.containEql('m0')
      early.should.not.containEql('m3')
      early.slice().sort().should.eql(texts(20).slice(5).sort())
      should(next.redriver.progress).match({ job, state: 'finished', failed: 1 })
      ;(await next.box.texts()).should.eql(['m3'])
      isBalanced(next.box.letters).should.be.true()
    })

    it('sends again what was out when the process ended', async () => {
      const round = await Redriving.open()
      await round.accept(...letters(3))
      await round.start()
      await round.ends('m1', 'ok')
      const next = await round.reopen()
      round.flow.abandoned.should.eql(['t0', 't2'])
      next.texts.should.eql(['m0', 'm2'])
    })

    it('has forgotten a job that had ended', async () => {
      const round = await Redriving.open({ canary: true })
      await round.accept(...letters(3))
      await round.start()
      await round.ends('m0', 'failed')
      const next = await round.afterKill()
      should(next.redriver.progress).equal(undefined)
      next.texts.should.eql([])
    })
  })

  describe('by the schedule', () => {
    const every = { schedule: { is: 'every', everyMs: 300_000 } } as const

    it('takes what waits every five minutes, and leaves what was given up', async () => {
      const round = await Redriving.open(every)
      await round.accept(
        failed('a'),
        failed('b', {}, { before: { id: 'x', redrives: 5, hops: 1 } }),
      )
      await round.passes(299_000)
      round.texts.should.eql([])
      await round.passes(1000)
      round.texts.should.eql(['a'])
      should(round.redriver.progress).match({ by: 'schedule', total: 1 })
    })

    it('waits for a job that runs, for the flows, and while a person has stopped it', async () => {
      const round = await Redriving.open(every)
      await round.accept(failed('a'))
      await round.box.finish(round.box.letters.pause(true))
      await round.passes(300_000)
      should(round.redriver.nextAt).equal(undefined)
      await round.box.finish(round.box.letters.pause(false))
      round.flow.isUp = false
      await round.passes(300_000)
      round.texts.should.eql([])
      round.flow.isUp = true
      await round.passes(300_000)
      await round.passes(300_000)
      round.texts.should.eql(['a'])
      round.flow.complaints.should.eql([])
    })

    it('keeps its pace over restarts', async () => {
      const round = await Redriving.open(every)
      await round.accept(failed('a'))
      await round.passes(300_000)
      await round.ends('a', 'failed')
      await round.passes(200_000)
      const next = await round.reopen()
      await next.passes(101_000)
      next.texts.should.eql(['a'])
    })

    it('goes by a cron line', async () => {
      const round = await Redriving.open({ schedule: { is: 'cron', line: '*/10 * * * *' } })
      await round.accept(failed('a'))
      await round.passes(599_000)
      round.texts.should.eql([])
      await round.passes(1500)
      round.texts.should.eql(['a'])
    })
  })
})
