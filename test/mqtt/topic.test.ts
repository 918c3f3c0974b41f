/** Topic names: the form that every broker accepts in a PUBLISH, and nothing else. */

import 'should'
import { isTopicName } from '../../src/mqtt/topic.js'

describe('topic name', () => {
  for (const topic of ['a', '/', ' ', 'line/1/temp', '$SYS/x', 'halle/größe/🌡', 'a//b']) {
    it(`may be ${JSON.stringify(topic)}`, () => {
      isTopicName(topic).should.equal(true)
    })
  }

  for (const topic of [
    '',
    '+',
    'a/#',
    'a/+/b',
    'a\0b',
    'half \ud800',
    '\udc00 half',
    'line\n',
    '\x7f',
    '\uffff',
  ]) {
    it(`must not be ${JSON.stringify(topic)}`, () => {
      isTopicName(topic).should.equal(false)
    })
  }

  it('has 65,535 bytes at most, counted in UTF-8', () => {
    isTopicName('x'.repeat(65_535)).should.equal(true)
    isTopicName('x'.repeat(65_536)).should.equal(false)
    isTopicName('é'.repeat(32_767)).should.equal(true)
    isTopicName('é'.repeat(32_768)).should.equal(false)
  })
})
