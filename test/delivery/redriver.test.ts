/**
 * Dead letters going round on a manual clock: which go, how carefully, what becomes of each, and
 * that a job goes on after a restart without sending again what succeeded.
 */

import should from 'should'
import { failed, isBalanced } from '../world/lettering.js'
import { broken, hopeless, Redriving } from '../world/redriving.js'
import { codeOf, texts } from '../world/store-ground.js'

const letters = (count: number) => texts(count).map((text) => failed(text))
const all = { selection: { filter: {} } }

describe('redriver', () => {
  it('sends letters to the flow, and resolves those that succeed', async () => {
    const round = await Redriving.open()
    await round.accept(...letters(3))
    const job = await round.start()
    round.texts.should.eql(['m0', 'm1', 'm2'])
    round.handed.map(({ redrive }) => redrive).should.eql([1, 1, 1])
    should(round.redriver.progress).match({ job, state: 'running', total: 3, out: 3, ok: 0 })
    await round.drain()
    should(round.redriver.progress).match({ job, state: 'finished', ok: 3, failed: 0, out: 0 })
    const { accepted, delivered, stored } = round.box.letters.totals
    should([accepted, delivered, stored]).eql([3, 3, 0])
    round.box.kinds().slice(-2).should.eql(['redrive.started', 'redrive.finished'])
  })

  it('puts a letter that fails again back as the same letter', async () => {
    const round = await Redriving.open({ stopAbove: 'off' })
    await round.accept(...letters(2))
    await round.start()
    await round.drain(() => 'failed')
    const kept = await round.box.all()
    kept
      .map(({ redrives, state, failures }) => [redrives, state, failures.length])
      .should.eql([
        [1, 'waiting', 2],
        [1, 'waiting', 2],
      ])
    kept[0]?.failures.at(-1)?.should.match({ code: 'NODE_ERROR', text: 'sick', attempt: 1 })
    round.box.letters.totals.stored.should.equal(2)
    isBalanced(round.box.letters).should.be.true()
  })

  it('uses up no redrive where nothing was decided', async () => {
    const round = await Redriving.open()
    for (const outcome of ['ignored', 'interrupted', 'unsure'] as const) {
      await round.accept(failed(outcome))
    }
    await round.start()
    for (const outcome of ['ignored', 'interrupted', 'unsure'] as const) {
      await round.ends(outcome, outcome)
    }
    const kept = await round.box.all()
    kept
      .map(({ redrives, failures }) => [redrives, failures.length])
      .should.eql(Array(3).fill([0, 1]))
    should(round.redriver.progress).match({ state: 'finished', ok: 0, failed: 0, back: 3 })
  })

  it('stops when nothing receives, and keeps every letter', async () => {
    const round = await Redriving.open({ canary: true })
    await round.accept(...letters(3))
    await round.start()
    await round.ends('m0', 'ok', { deliveries: 0 })
    should(round.redriver.progress).match({ state: 'unreceived', ok: 0, back: 1, gone: 0 })
    round.texts.should.eql(['m0'])
    round.box.letters.stats.waiting.should.equal(3)
  })

  it('goes on when a letter cannot be handed over', async () => {
    const round = await Redriving.open()
    await round.accept(...letters(3))
    round.flow.refuses.add('m1')
    await round.start()
    await round.drain()
    should(round.redriver.progress).match({ state: 'finished', ok: 2, gone: 1 })
    ;(await round.box.texts()).should.eql(['m1'])
    round.flow.complaints.length.should.equal(1)
  })

  it('takes a letter that came back by wire for the same one', async () => {
    const round = await Redriving.open({ stopAbove: 'off' })
    const [id = ''] = await round.accept(failed('a'))
    await round.start()
    const before = { id, redrives: 1, hops: 1 }
    await round.accept(failed('a', { code: 'TypeError', text: 'x is undefined' }, { before }))
    await round.ends('a', 'failed', { isHandedOver: true })
    const [letter] = await round.box.all()
    should([letter?.redrives, letter?.failures.at(-1)?.code]).eql([1, 'TypeError'])
    round.box.letters.totals.should.match({ accepted: 1, stored: 1 })
  })

  it('lets go of a letter that another dead letter node has taken over', async () => {
    const round = await Redriving.open()
    await round.accept(failed('a'))
    await round.start()
    await round.ends('a', 'failed', { isHandedOver: true })
    round.box.letters.totals.should.match({ accepted: 1, deadLettered: 1, stored: 0 })
  })

  describe('gives up', () => {
    it('after five redrives, on the last output, and keeps the letter apart', async () => {
      const round = await Redriving.open({ stopAbove: 'off' })
      await round.accept(failed('a'))
      for (let n = 1; n <= 5; n++) {
        should(round.flow.givenUp).eql([])
        await round.start()
        await round.drain(() => 'timeout')
      }
      round.flow.givenUp.should.eql(['a'])
      const [letter] = await round.box.all()
      should([letter?.state, letter?.reason, letter?.redrives]).eql(['given-up', 'max-attempts', 5])
      round.box.letters.stats.should.match({ waiting: 0, givenUp: 1 })
      await round.start()
      await round.drain(() => 'failed')
      round.flow.givenUp.should.eql(['a'])
      await round.start()
      await round.drain()
      round.box.letters.totals.should.match({ delivered: 1, stored: 0 })
    })

    it('again, when nobody could take it', async () => {
      const round = await Redriving.open({ stopAbove: 'off', attempts: 1 })
      round.flow.takesGivenUp = false
      await round.accept(failed('a'))
      await round.start()
      await round.drain(() => 'failed')
      round.box.letters.stats.should.match({ waiting: 1, givenUp: 0 })
      round.flow.takesGivenUp = true
      await round.start()
      await round.drain(() => 'failed')
      round.flow.givenUp.should.eql(['a'])
      round.box.letters.stats.should.match({ waiting: 0, givenUp: 1 })
    })
  })

  it('leaves out poison by hand, unless it is named, and not by the schedule', async () => {
    const schedule = { is: 'every', everyMs: 60_000 } as const
    const round = await Redriving.open({ stopAbove: 'off', schedule })
    const [poison = ''] = await round.accept(failed('poison'), failed('b'))
    const failing = async () => {
      for (const { text } of [...round.flow.out]) {
        await round.ends(text, 'failed', { blame: text === 'b' ? broken : hopeless })
      }
    }
    for (let n = 0; n < 3; n++) {
      await round.start()
      await failing()
    }
    round.box.letters.stats.poison.should.equal(1)
    should((await round.box.all()).map(({ reason }) => reason)).eql(['poison', 'max-attempts'])
    const from = round.handed.length
    await round.start()
    round.texts.slice(from).should.eql(['b'])
    await failing()
    await round.start({ selection: { ids: [poison] } })
    round.texts.slice(from).should.eql(['b', 'poison'])
    await round.ends('poison', 'ignored')
    await round.passes(60_000)
    round.texts.slice(from + 2).should.containEql('poison')
  })

  describe('carefully', () => {
    it('sends one, then ten, then the rest', async () => {
      const round = await Redriving.open({ canary: true })
      await round.accept(...letters(30))
      await round.start()
      round.texts.length.should.equal(1)
      await round.ends('m0', 'ok')
      round.texts.length.should.equal(11)
      for (const text of texts(11).slice(1, 10)) await round.ends(text, 'ok')
      round.texts.length.should.equal(11)
      await round.ends('m10', 'ok')
      round.texts.length.should.equal(30)
    })

    it('stops at the first that fails', async () => {
      const round = await Redriving.open({ canary: true })
      await round.accept(...letters(30))
      await round.start()
      await round.ends('m0', 'failed')
      should(round.redriver.progress).match({ state: 'failing', total: 30, failed: 1, gone: 0 })
      round.texts.should.eql(['m0'])
      round.box.kinds().at(-1)?.should.equal('redrive.stopped')
    })

    it('begins the next round with another letter', async () => {
      const round = await Redriving.open({ canary: true })
      await round.accept(...letters(3))
      await round.start()
      await round.ends('m0', 'failed')
      await round.start()
      round.texts.should.eql(['m0', 'm1'])
      await round.drain(({ text }) => (text === 'm0' ? 'failed' : 'ok'))
      round.box.letters.totals.should.match({ delivered: 2, stored: 1 })
    })

    it('stops when more than a fifth of the last ones fail, however many went well before', async () => {
      const round = await Redriving.open({ canary: true })
      await round.accept(...letters(500))
      await round.start()
      await round.drain(({ text }) => (Number(text.slice(1)) < 200 ? 'ok' : 'failed'))
      const { state, ok, failed: bad } = round.redriver.progress ?? {}
      should([state, ok]).eql(['failing', 200])
      // Those 99 that were out already end as they end.
      should(bad).be.within(21, 21 + 99)
    })
  })

  it('holds to its rate', async () => {
    const round = await Redriving.open({ rate: { messagesPerSecond: 10 } })
    await round.accept(...letters(40))
    await round.start()
    await round.passes(1000)
    round.texts.length.should.be.within(10, 12)
    await round.passes(1000)
    round.texts.length.should.be.within(20, 22)
    await round.start().catch(() => {})
    should(await codeOf(round.redriver.start(all))).equal('JOB_RUNNING')
  })

  it('sends no further letter of a job that is cancelled', async () => {
    const round = await Redriving.open({ canary: true })
    await round.accept(...letters(5))
    const job = await round.start()
    should(await round.box.finish(round.redriver.cancel('other'))).be.false()
    should(await round.box.finish(round.redriver.cancel(job))).be.true()
    should(round.redriver.progress).match({ state: 'running', out: 1 })
    await round.ends('m0', 'ok')
    should(round.redriver.progress).match({ state: 'cancelled', ok: 1, out: 0, gone: 0 })
    should(await round.box.finish(round.redriver.cancel(job))).be.false()
    const next = await round.afterKill()
    should(next.redriver.progress).equal(undefined)
  })

  it('refuses a job without letters, and names a node that is gone', async () => {
    const round = await Redriving.open({ toSource: true })
    should(await round.box.finish(codeOf(round.redriver.start(all)))).equal('LETTER_GONE')
    await round.accept(failed('a'))
    round.flow.absent.add('n2')
    const refusal = await round.box.finish(round.redriver.start(all).catch((error) => error))
    should(refusal).match({ code: 'SOURCE_GONE', values: { node: 'ERP' } })
    round.flow.absent.clear()
    await round.start()
    round.texts.should.eql(['a'])
  })

  it('deletes no letter that is out, and sends none that was deleted', async () => {
    const round = await Redriving.open({ canary: true })
    const ids = await round.accept(...letters(3))
    await round.start()
    should(await round.box.finish(round.box.letters.delete(ids.slice(0, 2)))).equal(1)
    await round.drain()
    round.texts.should.eql(['m0', 'm2'])
    should(round.redriver.progress).match({ state: 'finished', ok: 2, gone: 1 })
  })
})
