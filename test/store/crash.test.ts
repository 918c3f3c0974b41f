/**
 * The journal after power cuts and kills at every operation of the disk: what was acknowledged and
 * not settled is there, once, in order and unaltered. Then the same with a disk or a store that
 * does not keep its part, where the same eyes must see the loss.
 */

import 'should'
import { frame, headerAt, seedsOf } from '../../src/store/record.js'
import { segmentNamed } from '../../src/store/segment.js'
import { complaintsOf, crashOnAllCores, type Life } from '../world/crash-crew.js'
import { kindNames } from '../world/crash-lives.js'
import { crashEverywhere } from '../world/crash-workload.js'
import type { MemoryDisk } from '../world/memory-disk.js'
import { testSeed } from '../world/seeded-random.js'

const statesAtLeast = 200_000
/** Of the states with a message over 64 KB: they take longest and show least. */
const largeShareMax = 0.01
const complaintsShown = 5

describe('store after a crash at every operation', function () {
  // Half a minute on two cores; a busy machine takes its time.
  this.timeout(300_000)
  let lives: Life[] = []
  const sumOf = (figure: (life: Life) => number) =>
    lives.reduce((sum, life) => sum + figure(life), 0)

  before(async () => {
    lives = await crashOnAllCores({ seed: testSeed, states: statesAtLeast })
  })

  for (const kind of kindNames) {
    it(`keeps what it acknowledged: ${kind}`, () => {
      const ours = lives.filter((life) => life.kind === kind)
      complaintsOf(ours).slice(0, complaintsShown).should.eql([])
      ours.length.should.be.above(0)
      for (const { acknowledged } of ours) acknowledged.should.be.above(50)
    })
  }

  it(`keeps it in ${statesAtLeast.toLocaleString('en')} states altogether`, () => {
    sumOf(({ states }) => states).should.be.aboveOrEqual(statesAtLeast)
    const large = sumOf(({ largeStates }) => largeStates)
    large.should.be.above(0).and.belowOrEqual(statesAtLeast * largeShareMax)
  })

  it('sees sparse segments compacted, and no others', () => {
    for (const { kind, compactions } of lives) {
      if (/sparse/.test(kind)) compactions.should.be.above(3)
    }
  })

  it('sees orphans adopted', () => {
    for (const { kind, adopted } of lives) if (/adopts/.test(kind)) adopted.should.be.above(20)
  })

  it('sees queues drop by age and by number', () => {
    const dropped = lives.filter(({ kind }) => /expire|oldest/.test(kind))
    for (const { ended } of dropped) Number(ended['dropped']).should.be.above(20)
  })
})

describe('crash simulator', () => {
  const settings = { seed: testSeed, steps: 60, statesPerOperation: 2, isImpatient: true }

  it('sees the loss when syncs of files do nothing', async () => {
    const { complaints } = await crashEverywhere({ ...settings, disk: { lyingSync: true } })
    complaints.join().should.match(/is lost/)
  })

  it('sees the loss when syncs of directories do nothing', async () => {
    const disk = { lyingDirectorySync: true }
    const { complaints } = await crashEverywhere({ ...settings, disk })
    complaints.join().should.match(/is lost/)
  })

  it('sees altered messages when checksums are not looked at', async () => {
    const { complaints } = await crashEverywhere({
      ...settings,
      tamper: makeChecksumsRight,
      isImpatient: false,
    })
    complaints.join().should.match(/is altered|foreign/)
  })
})

/** A store without checksums: whatever stands in a record, its checksum says that it is right. */
function makeChecksumsRight(disk: MemoryDisk, directory: string): void {
  for (const name of disk.namesIn(directory)) {
    const segment = segmentNamed(name)
    if (segment === undefined) continue
    const seeds = seedsOf(segment.salt, segment.base)
    const path = `${directory}/${name}`
    const bytes = disk.bytesOf(path)
    for (let at = 0; ; ) {
      const header = headerAt(bytes, at)
      if (header === undefined) break
      const begin = bytes.indexOf(10, at) + 1
      const payload = Buffer.from(bytes.subarray(begin, begin + header.length))
      if (payload.length < header.length || begin + header.length >= bytes.length) break
      at = frame(bytes, at, seeds, header, payload)
    }
    disk.rot(path, 0, bytes)
  }
}
