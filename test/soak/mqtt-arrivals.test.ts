/** The books of the MQTT chaos see what they are kept for. */

import should from 'should'
import { textOf, topicOf } from '../world/publisher-child.js'
import { MqttArrivals } from './mqtt-arrivals.js'

describe('books of the MQTT chaos', () => {
  it('miss what was accepted and never came', () => {
    const books = arrivals(1, 2, 4)
    books.missing(new Set([1, 2, 3, 4])).should.eql([3])
    books.distinct.should.equal(3)
    should(books).containEql({ duplicates: 0, inversions: 0 })
  })

  it('count what came again, and hold no repetition for disorder', () => {
    should(arrivals(1, 4, 7, 1, 4, 7, 10)).containEql({ duplicates: 3, inversions: 0 })
  })

  it('count first arrivals behind a higher number, on the same topic only', () => {
    arrivals(4, 1).inversions.should.equal(1)
    arrivals(2, 1).inversions.should.equal(0)
  })

  it('complain of a message that was altered, or came on another topic', () => {
    const books = new MqttArrivals()
    books.add(topicOf(1), `${textOf(1)}!`)
    books.add(topicOf(2), textOf(1))
    books.complaints.length.should.equal(2)
    books.distinct.should.equal(0)
  })
})

function arrivals(...numbers: number[]): MqttArrivals {
  const books = new MqttArrivals()
  for (const number of numbers) books.add(topicOf(number), textOf(number))
  return books
}
