/** Dead letters against a naive model of them, over random lives with restarts and kills. */

import 'should'
import { LetterModel } from '../world/letter-model.js'
import { testSeed } from '../world/seeded-random.js'

const lives = 12
const steps = 60

describe('dead letters against a model', () => {
  it(`are what they should be after each of ${steps} steps of ${lives} lives`, async () => {
    for (let seed = testSeed; seed < testSeed + lives; seed++) {
      const model = await LetterModel.open(seed)
      await model.live(steps)
      model.complaints.should.eql([], `seed ${seed}`)
    }
  })
})
