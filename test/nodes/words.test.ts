/** Figures as people read them. */

import 'should'
import { countText, sizeText, spanText } from '../../nodes/common/words.js'

describe('words', () => {
  const sizes: ReadonlyArray<readonly [number, string]> = [
    [0, '0 B'],
    [0.5, '1 B'],
    [1023, '1023 B'],
    [1024, '1.0 KB'],
    [1536, '1.5 KB'],
    [268_435_456, '256 MB'],
    [5e15, '4547 TB'],
  ]
  for (const [bytes, text] of sizes) {
    it(`say ${bytes} bytes as ${text}`, () => {
      sizeText(bytes).should.equal(text)
    })
  }

  const spans: ReadonlyArray<readonly [number, string]> = [
    [0, '0 ms'],
    [999, '999 ms'],
    [1000, '1 s'],
    [81_000, '81 s'],
    [119_999, '120 s'],
    [120_000, '2 min'],
    [7_200_000, '2 h'],
    [172_800_000, '2 d'],
  ]
  for (const [span, text] of spans) {
    it(`say ${span} ms as ${text}`, () => {
      spanText(span).should.equal(text)
    })
  }

  const counts: ReadonlyArray<readonly [number, string]> = [
    [12, '12'],
    [1204, '1,204'],
    [9999, '9,999'],
    [12_999, '12k'],
    [999_999, '999k'],
    [1_000_000, '1M'],
    [1_299_999, '1.2M'],
  ]
  for (const [count, text] of counts) {
    it(`say ${count} as ${text}`, () => {
      countText(count).should.equal(text)
    })
  }
})
