/** What a suite that tells one story skips, as mocha runs it after another one that failed. */

import { Context, Runner, Suite, Test } from 'mocha'
import should from 'should'
import { oneStory } from './one-story.js'

describe('one story', () => {
  it('skips what follows its first failure, and nothing for that of another suite', async () => {
    const all = new Suite('', new Context())
    chapters(Suite.create(all, 'before'), 'fails')
    const whole = Suite.create(all, 'whole')
    const broken = Suite.create(all, 'broken')
    for (const suite of [whole, broken]) oneStory(suite)
    chapters(whole, 'passes', 'passes')
    chapters(broken, 'passes', 'fails', 'passes', 'passes')
    await new Promise((ended) => new Runner(all, { delay: false }).run(ended))
    should(outcomes(whole)).eql(['passed', 'passed'])
    should(outcomes(broken)).eql(['passed', 'failed', 'pending', 'pending'])
  })
})

function chapters(suite: Suite, ...ends: readonly ('passes' | 'fails')[]): void {
  for (const [at, end] of ends.entries()) {
    const body = () => should(end).equal('passes')
    suite.addTest(new Test(`chapter ${at + 1}`, body))
  }
}

function outcomes({ tests }: Suite): readonly (string | undefined)[] {
  return tests.map((test) => (test.isPending() ? 'pending' : test.state))
}
