/**
 * Dead letters on a disk that fails at any one of its operations, or from one on: what was promised
 * holds, every call ends, with a code of ours if it rejects, and the letters open again as soon as
 * the disk is sound.
 */

import should from 'should'
import { faultKinds } from '../world/fault-kinds.js'
import { endLetters, liveLetters } from '../world/letter-life.js'
import { seededRandom, testSeed } from '../world/seeded-random.js'

const complaintsShown = 5

describe('dead letters whose process ends at any operation of the disk', () => {
  it('keep what was promised, by a kill and by a power cut', async () => {
    for (let seed = testSeed; seed < testSeed + 3; seed++) {
      const { complaints, ends } = await endLetters(seededRandom(seed))
      should({ seed, complaints: complaints.slice(0, complaintsShown) }).eql({
        seed,
        complaints: [],
      })
      ends.should.be.above(300)
    }
  })
})

describe('dead letters with a fault at every operation of the disk', () => {
  const escaped: unknown[] = []
  const note = (reason: unknown) => escaped.push(reason)
  const { stackTraceLimit } = Error

  before(() => {
    // Thousands of expected errors, whose stacks nobody reads.
    Error.stackTraceLimit = 0
    process.on('unhandledRejection', note)
  })
  after(() => {
    process.off('unhandledRejection', note)
    Error.stackTraceLimit = stackTraceLimit
  })

  it('have nothing to complain of when there is none', async () => {
    const { complaints, there, gone } = await liveLetters()
    should({ complaints, there, gone }).eql({ complaints: [], there: 5, gone: 4 })
  })

  for (const kind of faultKinds) {
    it(`keep what was promised: ${kind.name}`, async () => {
      const { operations } = await liveLetters()
      const struck = operations.filter((each) => kind.strikes(each.kind))
      struck.length.should.be.above(0)
      for (const at of struck) {
        const { complaints } = await liveLetters({ kind, at })
        complaints.slice(0, complaintsShown).should.eql([])
      }
      escaped.should.eql([])
    })
  }
})
