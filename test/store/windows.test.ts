/**
 * A disk that stops answering reads: what is on it is not given up because it is away for a while,
 * and what is gone for good does not block the rest for ever.
 */

import 'should'
import {
  appendAll,
  codeOf,
  groundOf,
  payloadsOf,
  readAll,
  recordOf,
  type StoreGround,
  texts,
} from '../world/store-ground.js'

const limits = { records: 100, bytes: 1 << 20 }

describe('a disk that gives no sector', () => {
  it('is asked again, and gives everything when it is back', async () => {
    const { ground, journal } = await full()
    ground.disk.failNext(({ kind }) => kind === 'read', 'EIO', 10_000)
    for (let n = 0; n < 30; n++) {
      const code = await ground.finish(codeOf(journal.read(0, limits)))
      ;(code as string).should.equal('DISK_UNWRITABLE')
    }
    ground.disk.heal()
    payloadsOf(await readAll(ground, journal)).should.eql(texts(40))
    journal.totals.should.eql({ accepted: 40 })
  })

  it('is given up after a minute of that, counted and told, and the rest goes on', async () => {
    const { ground, journal } = await full()
    const [lost = ''] = ground.segments
    ground.disk.failNext(({ kind, path }) => kind === 'read' && path.endsWith(lost), 'EIO', 10_000)
    let tries = 0
    while ((await ground.finish(codeOf(journal.read(0, limits)))) === 'DISK_UNWRITABLE') {
      tries++
    }
    tries.should.be.within(59, 240)
    const left = payloadsOf(await readAll(ground, journal))
    texts(40).slice(-left.length).should.eql(left)
    left.length.should.be.within(1, 39)
    journal.totals.should.eql({ accepted: 40, damaged: 40 - left.length })
    ground.events.filter(({ kind }) => kind === 'store.corrupt').length.should.equal(1)
    journal.settle(recordOf(39, 'm39'), 'delivered').should.be.true()
  })
})

/** Several sealed segments, none of them in memory. */
async function full() {
  const first: StoreGround = groundOf({})
  const writer = await first.open({ segmentBytes: 1000 })
  await appendAll(first, writer, texts(40))
  await first.finish(writer.close())
  const ground = first
  const journal = await ground.open({ segmentBytes: 1000 })
  return { ground, journal }
}
