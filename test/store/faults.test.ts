/**
 * The store on a disk that fails at any one of its operations, or from one on: what was
 * acknowledged is kept, every promise ends, with a code of ours if it rejects, and the directory
 * opens again as soon as the disk is sound.
 */

import should from 'should'
import { faultKinds } from '../world/fault-kinds.js'
import { type FaultReport, liveWith } from '../world/fault-life.js'

const complaintsShown = 5

const subjects = [
  ['a journal', { subject: 'journal', isSlow: false }],
  ['a queue', { subject: 'queue', isSlow: false }],
  ['a journal on a slow disk', { subject: 'journal', isSlow: true }],
] as const

describe('store with a fault at every operation of the disk', () => {
  const escaped: unknown[] = []
  const note = (reason: unknown) => escaped.push(reason)
  const sound = new Map<string, FaultReport>()

  before(async () => {
    process.on('unhandledRejection', note)
    for (const [name, settings] of subjects) sound.set(name, await liveWith(settings))
  })
  after(() => process.off('unhandledRejection', note))

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
