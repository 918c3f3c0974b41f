/**
 * Opening a directory in which something is wrong: what is readable is delivered, what is not is
 * set aside and counted, and nothing that may have been acknowledged is deleted.
 */

import should from 'should'
import {
  appendAll,
  codeOf,
  directory,
  groundOf,
  isBalanced,
  payloadsOf,
  readAll,
  recordOf,
  StoreGround,
  texts,
} from '../world/store-ground.js'
import { testWorld } from '../world/test-world.js'

describe('recovery', () => {
  it('sets a file aside that only looks like a segment', async () => {
    const ground = await written(20)
    ground.disk.put(ground.path('holiday.seg'), Buffer.from('photo'))
    ground.disk.put(ground.path('notes.txt'), Buffer.from('mine'))
    const journal = await ground.open()
    payloadsOf(await readAll(ground, journal)).should.eql(texts(20))
    const names = ground.disk.namesIn(directory)
    names.should.containDeep(['holiday.seg.bad', 'notes.txt'])
    names.should.not.containEql('holiday.seg')
    journal.opening.quarantined.should.equal(1)
    should(ground.events.at(-1)).match({ kind: 'store.recovered', messages: 20, quarantined: 1 })
  })

  for (const count of [0, 5, 20, 500]) {
    it(`sets a segment of another queue of ${count} aside, and keeps what is ours`, async () => {
      const other = await written(count, new StoreGround(testWorld({ seed: 99 })), 'q2')
      const foreign = await other.open({ queueId: 'q2' })
      await appendAll(other, foreign, ['not ours'])
      await other.finish(foreign.close())
      const name = other.segments.at(-1) ?? ''
      const bytes = other.disk.bytesOf(other.path(name))
      const ground = await written(20)
      ground.disk.put(ground.path(name), bytes)
      const journal = await ground.open()
      payloadsOf(await readAll(ground, journal)).should.eql(texts(20))
      ground.disk.namesIn(directory).should.containEql(`${name}.bad`)
      ground.disk.bytesOf(ground.path(`${name}.bad`)).should.eql(bytes)
    })
  }

  it('sets a segment of nothing but noise aside and gives its number to nobody', async () => {
    const ground = await written(20)
    const name = '0000000000000900-0badc0de.seg'
    ground.disk.put(ground.path(name), Buffer.alloc(5000, 'noise'))
    const journal = await ground.open()
    payloadsOf(await readAll(ground, journal)).should.eql(texts(20))
    ground.disk.namesIn(directory).should.containEql(`${name}.bad`)
  })

  it('opens when every segment is noise', async () => {
    const ground = groundOf()
    for (const n of [1, 2, 3]) {
      ground.disk.put(ground.path(`000000000000000${n}-0badc0de.seg`), Buffer.alloc(500, 'noise'))
    }
    const journal = await ground.open()
    journal.opening.quarantined.should.equal(3)
    await appendAll(ground, journal, ['a'])
  })

  it('removes a last segment whose checkpoint never got to the disk', async () => {
    const ground = await written(20)
    ground.disk.put(ground.path('0000000000000020-0badc0de.seg'), Buffer.alloc(500))
    const journal = await ground.open()
    payloadsOf(await readAll(ground, journal)).should.eql(texts(20))
    ground.disk
      .namesIn(directory)
      .join()
      .should.not.match(/0badc0de|bad/)
  })

  it('rebuilds a rotten checkpoint from the one before when later records prove it', async () => {
    const ground = await written(20)
    const journal = await ground.open({ segmentBytes: 1000 })
    journal.settle(recordOf(3, 'm3'), 'delivered')
    journal.dropUnstored('overflow')
    await ground.world.clock.settle()
    await appendAll(ground, journal, ['late', 'later'])
    await ground.finish(journal.close())
    rotAt(ground, ground.segments.at(-1) ?? '', 100)
    const next = await ground.open()
    const left = [...texts(20).filter((text) => text !== 'm3'), 'late', 'later']
    payloadsOf(await readAll(ground, next)).should.eql(left)
    next.totals.should.eql({ accepted: 23, delivered: 1, overflow: 1 })
    next.opening.quarantined.should.equal(1)
    ground.disk
      .namesIn(directory)
      .join()
      .should.match(/\.seg\.bad/)
  })

  it('finds rot in a sealed segment when it is read, counts it, and delivers the rest', async () => {
    const ground = await written(20)
    await ground.finish((await ground.open()).close())
    const [first = ''] = ground.segments
    rotAt(ground, first, ground.disk.bytesOf(ground.path(first)).indexOf('m7'))
    const journal = await ground.open()
    payloadsOf(await readAll(ground, journal)).should.eql(texts(20).filter((t) => t !== 'm7'))
    journal.totals.should.eql({ accepted: 20, damaged: 1 })
    isBalanced(journal).should.be.true()
    ground.disk.namesIn(directory).should.containEql(`${first}.bad`)
    ground.events
      .filter(({ kind }) => kind === 'store.corrupt')
      .should.eql([{ kind: 'store.corrupt', directory, file: first, messages: 1 }])
    await ground.finish(journal.close())
    const next = await ground.open()
    next.totals.should.eql({ accepted: 20, damaged: 1 })
    payloadsOf(await readAll(ground, next)).length.should.equal(19)
  })

  it('does so within one group that was never followed by another', async () => {
    const ground = groundOf()
    const before = await ground.open({ durability: { is: 'system' } })
    await appendAll(ground, before, texts(20))
    await ground.finish(before.close())
    await ground.finish((await ground.open()).close())
    const [first = ''] = ground.segments
    rotAt(ground, first, ground.disk.bytesOf(ground.path(first)).indexOf('m7'))
    payloadsOf(await readAll(ground, await ground.open())).should.eql(
      texts(20).filter((t) => t !== 'm7'),
    )
  })

  it('gives back what sectors that cannot be read leave over', async () => {
    const ground = await written(400)
    const journal = await ground.open()
    const first = ground.path(ground.segments[0] ?? '')
    ground.disk.failNext(
      ({ kind, path, position = 0, bytes = 0 }) =>
        kind === 'read' && path === first && position < 12_288 && position + bytes > 8192,
      'EIO',
      99,
    )
    const found = payloadsOf(await readAll(ground, journal))
    found.length.should.be.within(300, 399)
    found.should.eql(texts(400).filter((text) => found.includes(text)))
    should(journal.totals.damaged).equal(400 - found.length)
    isBalanced(journal).should.be.true()
  })

  it('counts the messages of a segment that is missing', async () => {
    const ground = await written(20)
    await ground.finish((await ground.open()).close())
    await ground.disk.remove(ground.path(ground.segments[0] ?? ''))
    const journal = await ground.open()
    journal.opening.damaged.should.equal(20)
    journal.totals.should.eql({ accepted: 20, damaged: 20 })
    should(ground.events.find(({ kind }) => kind === 'store.corrupt')).match({ messages: 20 })
    payloadsOf(await readAll(ground, journal)).should.eql([])
  })

  it('counts those of a segment that goes missing while the journal is open', async () => {
    const ground = await written(20)
    const journal = await ground.open()
    await appendAll(ground, journal, ['late'])
    await ground.disk.remove(ground.path(ground.segments[0] ?? ''))
    payloadsOf(await readAll(ground, journal)).should.eql(['late'])
    should(journal.totals.damaged).equal(20)
  })

  it('removes what a power cut brought back of its own', async () => {
    const ground = await written(20)
    const [name = ''] = ground.segments
    const bytes = ground.disk.bytesOf(ground.path(name))
    const journal = await ground.open({ segmentBytes: 500 })
    for (let n = 0; n < 20; n++) journal.settle(recordOf(n, `m${n}`), 'delivered')
    await ground.world.clock.advance(2000)
    await ground.finish(journal.close())
    await ground.finish((await ground.open()).close())
    ground.disk.put(ground.path(name), bytes)
    const next = await ground.open()
    next.waiting.should.equal(0)
    ground.disk
      .namesIn(directory)
      .filter((file) => file.endsWith('.bad'))
      .should.eql([])
    ground.segments.should.not.containEql(name)
  })

  it('is unharmed by leftovers of an opening that did not get through', async () => {
    const ground = await written(5)
    for (const left of ['META.json.tmp', 'LOCK.00ff', '0000000000000000-00000000.seg.tmp']) {
      ground.disk.put(ground.path(left), Buffer.from('half'))
    }
    payloadsOf(await readAll(ground, await ground.open())).should.eql(texts(5))
    ground.disk
      .namesIn(directory)
      .join()
      .should.not.match(/tmp|00ff/)
  })

  it('lets go of the directory when it fails', async () => {
    for (const kind of ['list', 'read', 'rename', 'create', 'sync', 'syncDirectory'] as const) {
      const ground = groundOf()
      ground.disk.failNext((operation) => operation.kind === kind, 'EIO')
      should(await codeOf(ground.open())).equal('DISK_UNWRITABLE')
      await ground.open()
    }
  })
})

describe('META.json', () => {
  it('of a later version is refused, and left as it is', async () => {
    const ground = await written(1)
    const later = Buffer.from('{"format":2,"queue":"q1"}')
    ground.disk.put(ground.path('META.json'), later)
    should(await codeOf(ground.open())).equal('DISK_UNWRITABLE')
    ground.disk.bytesOf(ground.path('META.json')).should.eql(later)
    ground.disk.namesIn(directory).should.not.containEql('LOCK')
  })

  for (const damage of ['', '{"format":1', 'null', '{"format":"1","queue":"q1"}']) {
    it(`that says \`${damage}\` is set aside and written again`, async () => {
      const ground = await written(20)
      ground.disk.put(ground.path('META.json'), Buffer.from(damage))
      payloadsOf(await readAll(ground, await ground.open())).should.eql(texts(20))
      ground.disk.bytesOf(ground.path('META.json.bad')).toString().should.equal(damage)
      const meta: unknown = JSON.parse(ground.disk.bytesOf(ground.path('META.json')).toString())
      should(meta).eql({ format: 1, queue: 'q1' })
    })
  }

  for (const [name, queueId] of [
    ['the queue that it is opened for', 'q1'],
    ['the queue that most segments are of', 'moved'],
  ] as const) {
    it(`that is damaged counts as of ${name}, and the others are set aside`, async () => {
      const other = await written(500, new StoreGround(testWorld({ seed: 99 })), 'q2')
      const foreign = other.segments.at(-1) ?? ''
      const ground = await written(0, await written(20))
      ground.disk.put(ground.path(foreign), other.disk.bytesOf(other.path(foreign)))
      ground.disk.put(ground.path('META.json'), Buffer.from('{'))
      const journal = await ground.open({ queueId })
      payloadsOf(await readAll(ground, journal)).should.eql(texts(20))
      ground.disk.namesIn(directory).should.containEql(`${foreign}.bad`)
      const meta: unknown = JSON.parse(ground.disk.bytesOf(ground.path('META.json')).toString())
      should(meta).eql({ format: 1, queue: 'q1' })
    })
  }

  it('decides over the name of the queue, whoever opens it', async () => {
    const ground = await written(1)
    const [record] = await readAll(ground, await ground.open({ queueId: 'moved' }))
    should(record?.id).match(/^q1-[0-9a-f]{8}-0$/)
  })
})

/** A directory with so many messages in its first segment, left in good order. */
async function written(count: number, ground = groundOf(), queueId = 'q1'): Promise<StoreGround> {
  const journal = await ground.open({ queueId })
  for (const text of texts(count)) await appendAll(ground, journal, [text])
  await ground.finish(journal.close())
  return ground
}

function rotAt(ground: StoreGround, name: string, position: number): void {
  const path = ground.path(name)
  const byte = ground.disk.bytesOf(path).readUInt8(position)
  ground.disk.rot(path, position, Buffer.from([byte ^ 1]))
}
