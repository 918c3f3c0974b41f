/** How long a backlog will take. */

import should from 'should'
import { instant } from '../../src/base/units.js'
import { Drain } from '../../src/delivery/drain.js'

describe('drain', () => {
  it('knows nothing before it has seen a pace', () => {
    should(new Drain(1000, instant(0)).left).equal(undefined)
  })

  it('tells the time left at a steady pace', () => {
    const drain = new Drain(1000, instant(0))
    for (let n = 1; n <= 5; n++) drain.sample(1000 - n * 100, instant(n * 1000))
    should(drain.left).be.approximately(5000, 1e-6)
  })

  it('does not judge by an instant', () => {
    const drain = new Drain(1000, instant(0))
    drain.sample(0, instant(249))
    should(drain.left).equal(undefined)
  })

  it('gives no estimate while more comes than goes', () => {
    const drain = new Drain(1000, instant(0))
    for (let n = 1; n <= 5; n++) drain.sample(1000 + n * 100, instant(n * 1000))
    should(drain.left).equal(undefined)
  })

  it('follows a pace that changes', () => {
    const drain = new Drain(10_000, instant(0))
    drain.sample(9000, instant(1000))
    for (let n = 2; n <= 20; n++) drain.sample(9000 - (n - 1) * 10, instant(n * 1000))
    should(drain.left ?? 0).be.approximately(8810 / 0.01, 120_000)
  })
})
