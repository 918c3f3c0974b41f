/**
 * The store on a disk that fails at any one of its operations, or from one on: what was
 * acknowledged is kept, every promise ends, with a code of ours if it rejects, and the directory
 * opens again as soon as the disk is sound.
 */

import should from 'should'
import { faultKinds } from '../world/fault-kinds.js'
import { type FaultReport, liveWith } from '../world/fault-life.js'

const complaintsShown = 5

describe('store with a fault at every operation of the disk', () => {
  const escaped: unknown[] = []
  const note = (reason: unknown) => escaped.push(reason)
  before(() => process.on('unhandledRejection', note))
  after(() => process.off('unhandledRejection', note))

  for (const subject of ['journal', 'queue'] as const) {
    let sound: FaultReport
    before(async () => {
      sound = await liveWith({ subject })
    })

    it(`lives without a complaint when there is none: ${subject}`, () => {
      sound.complaints.should.eql([])
      sound.acknowledged.should.equal(19)
    })

    for (const kind of faultKinds) {
      it(`keeps what it acknowledged, ${kind.name}: ${subject}`, async () => {
        const complaints: string[] = []
        const struck = sound.operations.filter((operation) => kind.strikes(operation.kind))
        for (const { number } of struck) {
          const life = await liveWith({ subject, fault: { kind, at: number } })
          complaints.push(...life.complaints)
        }
        should(struck.length).be.above(0)
        complaints.slice(0, complaintsShown).should.eql([])
        escaped.should.eql([])
      })
    }
  }
})
