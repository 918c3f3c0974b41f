/**
 * The store on a disk that fails at any one of its operations, or from one on: what was
 * acknowledged is kept, every promise ends, with a code of ours if it rejects, and the directory
 * opens again as soon as the disk is sound.
 */

import should from 'should'
import { faultKinds } from '../world/fault-kinds.js'
import { type FaultReport, liveWith } from '../world/fault-life.js'
import {
  appendAll,
  codeOf,
  groundOf,
  isBalanced,
  message,
  payloadsOf,
  readAll,
  recordOf,
  type StoreGround,
  texts,
} from '../world/store-ground.js'

const complaintsShown = 5

const subjects = [
  ['a journal', { subject: 'journal', isSlow: false }],
  ['a queue', { subject: 'queue', isSlow: false }],
  ['a queue that drops its oldest', { subject: 'queue', isSlow: false, maxMessages: 7 }],
  ['a journal on a slow disk', { subject: 'journal', isSlow: true }],
] as const

describe('store with a fault at every operation of the disk', () => {
  const escaped: unknown[] = []
  const note = (reason: unknown) => escaped.push(reason)
  const sound = new Map<string, FaultReport>()

  const { stackTraceLimit } = Error

  before(async () => {
    // Thousands of expected errors, whose stacks nobody reads.
    Error.stackTraceLimit = 0
    process.on('unhandledRejection', note)
    for (const [name, settings] of subjects) sound.set(name, await liveWith(settings))
  })
  after(() => {
    process.off('unhandledRejection', note)
    Error.stackTraceLimit = stackTraceLimit
  })

  for (const [name, settings] of subjects) {
    it(`has nothing to complain of when there is none: ${name}`, () => {
      should(sound.get(name)).match({ complaints: [], acknowledged: 24 })
    })

    for (const kind of faultKinds) {
      it(`keeps what it acknowledged: ${name}, ${kind.name}`, async () => {
        const struck = sound.get(name)?.operations.filter((each) => kind.strikes(each.kind)) ?? []
        struck.length.should.be.above(0)
        for (const at of struck) {
          const { complaints } = await liveWith({ ...settings, fault: { kind, at } })
          complaints.slice(0, complaintsShown).should.eql([])
        }
        escaped.should.eql([])
      })
    }
  }
})

/** How a full disk is met: what stood there before, and what happened to it. */
const situations: ReadonlyArray<readonly [string, (ground: StoreGround) => StoreGround]> = [
  ['closed in good order', (ground) => ground],
  ['killed', (ground) => ground.afterKill()],
  ['without a word of whose it is', (ground) => rotten(ground, 'META.json')],
  ['with a damaged checkpoint', (ground) => rotten(ground, ground.segments.at(-1))],
  ['with half a reserve', (ground) => cutInHalf(ground, 'BALLAST')],
]

describe('store on a full disk', () => {
  for (const [name, happened] of situations) {
    it(`is opened and drained: ${name}`, async () => {
      for (let free = 0; free < 2000; free += 61) {
        const ground = happened(await filled(name !== 'killed'))
        const { disk } = ground
        disk.capacity = 1e9 - disk.free() + free
        const journal = await ground.open(small)
        payloadsOf(await readAll(ground, journal)).should.eql(texts(20), `${free} bytes free`)
        for (const [n, text] of texts(20).entries()) {
          journal.settle(recordOf(n, text), 'delivered')
          await ground.world.clock.settle()
        }
        await ground.world.clock.advance(3000)
        ground.faults.should.eql([])
        const next = ground.afterKill()
        next.disk.capacity = 1e9
        const later = await next.open(small)
        later.totals.should.eql({ accepted: 20, delivered: 20 }, `${free} bytes free`)
        isBalanced(later).should.be.true()
      }
    })
  }

  it('takes no message at the cost of the reserve', async () => {
    const ground = await filled(true)
    ground.disk.capacity = 1e9 - ground.disk.free()
    const journal = await ground.open(small)
    should(await ground.finish(codeOf(journal.append(message('one more'))))).equal('DISK_FULL')
    ground.disk.capacity = 1e9
    await ground.finish(codeOf(journal.append(message('asks'))))
    await appendAll(ground, journal, ['late'])
    ground.disk.namesIn('/data/q1').should.containEql('BALLAST')
  })
})

const small = { segmentBytes: 600, ballastBytes: 4000 }

/** A directory with 20 messages in several segments, and a reserve. */
async function filled(isClosed: boolean): Promise<StoreGround> {
  const ground = groundOf({ disk: { capacity: 1e9 } })
  const journal = await ground.open(small)
  for (let n = 0; n < 20; n += 4) await appendAll(ground, journal, texts(20).slice(n, n + 4))
  if (isClosed) await ground.finish(journal.close())
  return ground
}

function rotten(ground: StoreGround, name = ''): StoreGround {
  ground.disk.rot(ground.path(name), 3, Buffer.from('?'))
  return ground
}

function cutInHalf(ground: StoreGround, name: string): StoreGround {
  const bytes = ground.disk.bytesOf(ground.path(name))
  ground.disk.put(ground.path(name), bytes.subarray(0, bytes.length / 2))
  return ground
}
