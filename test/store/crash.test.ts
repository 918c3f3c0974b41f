/**
 * The journal after power cuts and kills at every operation of the disk: what was acknowledged and
 * not settled is there, once, in order and unaltered. Then the same with a disk or a store that
 * does not keep its part, where the same eyes must see the loss.
 */

import 'should'
import { ms } from '../../src/base/units.js'
import { frame, headerAt, seedsOf } from '../../src/store/record.js'
import { segmentNamed } from '../../src/store/segment.js'
import { type CrashSettings, crashEverywhere } from '../world/crash-workload.js'
import type { MemoryDisk } from '../world/memory-disk.js'
import { testSeed } from '../world/seeded-random.js'

/** All lives together must show at least this many states. */
const statesAtLeast = 20_000

const lives: ReadonlyArray<readonly [string, Omit<CrashSettings, 'seed'>]> = [
  ['on a quick disk', { steps: 120, statesPerOperation: 5 }],
  [
    'on a slow disk',
    { steps: 160, statesPerOperation: 5, disk: { writeTakes: ms(4), syncTakes: ms(5) } },
  ],
  ['with small segments', { steps: 100, statesPerOperation: 5, segmentBytes: 1500 }],
  ['with large segments', { steps: 120, statesPerOperation: 5, segmentBytes: 200_000 }],
  [
    'with a commit every 50 ms',
    {
      steps: 160,
      statesPerOperation: 5,
      durability: { is: 'interval', every: ms(50) },
      disk: { syncTakes: ms(5) },
    },
  ],
  [
    'with syncs left to the system, after kills',
    { steps: 100, statesPerOperation: 3, durability: { is: 'system' } },
  ],
]

describe('journal after a crash at every operation', function () {
  // Thousands of openings each; a busy machine takes its time.
  this.timeout(120_000)
  let states = 0

  const keepsAll = async (settings: CrashSettings) => {
    const report = await crashEverywhere(settings)
    report.complaints.slice(0, 5).should.eql([])
    states += report.states
    return report.acknowledged
  }

  lives.forEach(([name, settings], i) => {
    it(`keeps what it acknowledged ${name}`, async () => {
      const acknowledged = await keepsAll({ ...settings, seed: testSeed + i * 100 })
      acknowledged.should.be.above(100)
    })
  })

  it(`keeps it in ${statesAtLeast.toLocaleString('en')} states altogether`, async () => {
    for (let seed = testSeed + 1000; states < statesAtLeast; seed++) {
      await keepsAll({ seed, steps: 50, statesPerOperation: 5, disk: { syncTakes: ms(5) } })
    }
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
