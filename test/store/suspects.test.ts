/**
 * Who may have brought the process down: what was out when it died goes out one at a time in the
 * next life, and only what was out alone when it died again on the same boot is set aside.
 */

import 'should'
import type { DropReason } from '../../src/base/event.js'
import { QueueGround, type QueueOptions, textOf } from '../world/queue-ground.js'
import { below, seededRandom, testSeed } from '../world/seeded-random.js'
import { isBalanced, StoreGround, texts } from '../world/store-ground.js'
import { afterPowerCut } from '../world/test-world.js'

describe('suspects', () => {
  for (const order of ['strict', 'lanes'] as const) {
    it(`go out one at a time after a kill, and the others together again, ${order}`, async () => {
      const q = await QueueGround.open({ order, maxInFlight: 3 })
      await q.accept(texts(300))
      ;(await q.take()).length.should.equal(3)
      const next = await q.afterKill()
      const groups = await next.drain()
      groups.slice(0, 3).should.eql([['m0'], ['m1'], ['m2']])
      groups.flat().should.eql(texts(300))
      groups.at(-2)?.length.should.equal(3)
      // In lanes any lane that was let go may have been out: a block of 256 at most.
      const singles = groups.filter(({ length }) => length === 1).length
      singles.should.be.belowOrEqual(order === 'strict' ? 3 : 258)
    })

    it(`are none after a clean close, whatever was out, ${order}`, async () => {
      const q = await QueueGround.open({ order, maxInFlight: 3 })
      await q.accept(texts(5))
      await q.take()
      await q.reopen()
      ;(await q.drain())[0]?.should.eql(['m0', 'm1', 'm2'])
    })

    it(`hold all that was leased at any kill, ${order}`, async () => {
      for (let seed = testSeed; seed < testSeed + 8; seed++) await suspectAll(seed, order)
    })
  }

  it('are each announced before it goes out', async () => {
    const q = await QueueGround.open({ maxInFlight: 3 })
    await q.accept(texts(5))
    await q.take()
    const next = await q.afterKill()
    for (const [last, alone] of ['m0', 'm1', 'm2'].entries()) {
      const writes = next.ground.watch('write')
      const [record] = await next.take()
      writes.length.should.equal(1)
      ;(record && textOf(record))?.should.equal(alone)
      // Whoever dies now names it.
      const after = await next.afterKill({ ...q.options, setAside: async () => {} })
      await after.take()
      ;(await after.drops()).should.eql([{ reason: 'poison', count: 1, lastKey: alone, last }])
      if (record !== undefined) next.deliver([record])
    }
  })

  it('that were out alone when the process died again are set aside', async () => {
    const { q, aside } = await killedTwice()
    ;(await q.drainAll()).should.eql(['m1', 'm2', 'm3', 'm4'])
    aside.should.eql(['poison m0'])
    q.queue.totals.should.eql({ accepted: 5, poison: 1, delivered: 4 })
    isBalanced(q.queue).should.be.true()
  })

  it('are suspected again when nobody keeps what is set aside', async () => {
    const { q } = await killedTwice({})
    ;(await q.drain()).should.eql([['m0'], ['m1'], ['m2'], ['m3', 'm4']])
    q.queue.totals.should.eql({ accepted: 5, delivered: 5 })
  })

  it('are not poison when the power failed while one was out alone', async () => {
    const q = await killedOnce()
    await q.take()
    for (let seed = 1; seed < 10; seed++) {
      const world = afterPowerCut(q.ground.world, seededRandom(seed))
      const next = await QueueGround.open(q.options, new StoreGround(world))
      // Nor when the next process of the new boot is killed before anything went out.
      const last = await next.afterKill()
      ;(await last.drainAll()).should.eql(texts(5), `seed ${seed}`)
    }
  })

  it('are not poison when the queue was closed while one was out alone', async () => {
    const q = await killedOnce()
    await q.take()
    await q.reopen()
    const next = await q.afterKill()
    ;(await next.drain()).should.eql([
      ['m0', 'm1', 'm2'],
      ['m3', 'm4'],
    ])
  })

  it('are still suspects when the next process dies before anything went out', async () => {
    const q = await killedOnce()
    const next = await (await q.afterKill()).afterKill()
    ;(await next.drain()).slice(0, 3).should.eql([['m0'], ['m1'], ['m2']])
  })

  it('are alone over all classes', async () => {
    const q = await QueueGround.open({ maxInFlight: 4, setAside: async () => {} })
    await q.accept(texts(4, 'n'))
    await q.accept(texts(4, 'h'), 'high')
    await q.accept(texts(4, 'l'), 'low')
    ;(await q.take(4)).length.should.equal(4)
    const next = await q.afterKill()
    ;(await next.take()).map(textOf).should.eql(['h0'])
    const last = await next.afterKill()
    const groups = await last.drain()
    const first = groups.findIndex(({ length }) => length > 1)
    groups.slice(0, first).flat().should.containEql('h3')
    groups.flat().should.not.containEql('h0')
    last.queue.totals.should.eql({ accepted: 12, poison: 1, delivered: 11 })
  })

  it('do not keep others waiting while a poisonous one is being set aside', async () => {
    let release = () => {}
    const taken = new Promise<void>((resolve) => {
      release = resolve
    })
    const { q } = await killedTwice({ setAside: () => taken })
    ;(await q.drainAll()).should.eql(['m1', 'm2', 'm3', 'm4'])
    q.queue.waiting.should.equal(1)
    release()
    await q.ground.world.clock.settle()
    q.queue.totals.should.eql({ accepted: 5, poison: 1, delivered: 4 })
  })

  it('that nobody takes are offered again, and never go out', async () => {
    let refusals = 3
    const aside: string[] = []
    const setAside: QueueOptions['setAside'] = async (record) => {
      aside.push(textOf(record))
      if (refusals-- > 0) throw new Error('no room')
    }
    const { q } = await killedTwice({ setAside })
    ;(await q.drainAll()).should.eql(['m1', 'm2', 'm3', 'm4'])
    await q.ground.world.clock.advance(5000)
    aside.should.eql(['m0', 'm0', 'm0', 'm0'])
    q.queue.totals.should.eql({ accepted: 5, poison: 1, delivered: 4 })
  })

  it('go out from a full disk', async () => {
    const ground = new StoreGround((await killedOnce()).ground.world)
    const q = await QueueGround.open({ maxInFlight: 3 }, ground.afterKill())
    q.ground.disk.capacity = 0
    const [first] = await q.take()
    ;(first && textOf(first))?.should.equal('m0')
    if (first !== undefined) q.deliver([first])
    ;(await q.take()).map(textOf).should.eql(['m1'])
  })
})

/** Three of five were out when the process died. */
async function killedOnce(options: QueueOptions = { setAside: async () => {} }) {
  const q = await QueueGround.open({ maxInFlight: 3, ...options }, undefined)
  await q.accept(texts(5))
  await q.take()
  return q.afterKill()
}

/** The next process died with m0 out alone. */
async function killedTwice(options?: QueueOptions) {
  const aside: string[] = []
  const setAside = async (record: Parameters<typeof textOf>[0], reason: DropReason) => {
    aside.push(`${reason} ${textOf(record)}`)
  }
  const q = await killedOnce(options ?? { setAside })
  ;(await q.take()).map(textOf).should.eql(['m0'])
  return { q: await q.afterKill(), aside }
}

/** Random arrivals, leases and settlements, and a kill: what was out must go out alone. */
async function suspectAll(seed: number, order: 'strict' | 'lanes'): Promise<void> {
  const random = seededRandom(seed)
  let q = await QueueGround.open({ order, maxInFlight: 1 + below(random, 12), segmentBytes: 3000 })
  for (let life = 0; life < 4; life++) {
    const out = new Set<Awaited<ReturnType<typeof q.take>>[number]>()
    for (let step = 0; step < 12; step++) {
      const key = () => (random.fraction() < 0.5 ? 'hot' : `k${below(random, 15)}`)
      await q.accept(texts(below(random, 30)).map((text) => `${key()}:${text}`))
      for (const record of await q.take(below(random, 9))) out.add(record)
      for (const record of [...out]) {
        if (random.fraction() < 0.4) continue
        out.delete(record)
        q.deliver([record])
      }
      await q.ground.world.clock.settle()
    }
    q = await q.afterKill()
    const ids = new Set([...out].map(({ id }) => id))
    while (ids.size > 0) {
      const records = await q.take()
      const found = records.filter(({ id }) => ids.delete(id))
      if (records.length === 0) throw new Error(`seed ${seed}: ${ids.size} never come`)
      if (found.length > 0) records.length.should.equal(1, `seed ${seed}, life ${life}`)
      q.deliver(records)
    }
  }
}
