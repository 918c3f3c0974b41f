/** Work that is asked for many times is done once, and again when it is asked for meanwhile. */

import should from 'should'
import { Once } from '../../src/mqtt/once.js'

describe('work that is done once', () => {
  let later: (() => void)[]
  let done: number
  beforeEach(() => {
    later = []
    done = 0
  })
  const goOn = () => {
    for (const call of later.splice(0)) call()
  }

  it('is done later, however often it was asked for', () => {
    const once = new Once(
      (call) => later.push(call),
      () => done++,
    )
    once.ask()
    once.ask()
    should([later.length, done]).eql([1, 0])
    goOn()
    done.should.equal(1)
    once.ask()
    goOn()
    done.should.equal(2)
  })

  it('is done again when it is asked for while it is done', () => {
    const once: Once = new Once(
      (call) => later.push(call),
      () => {
        if (++done === 1) once.ask()
      },
    )
    once.ask()
    goOn()
    should([later.length, done]).eql([1, 1])
    goOn()
    should([later.length, done]).eql([0, 2])
  })
})
