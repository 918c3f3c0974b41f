/**
 * `Retry-After` as RFC 9110 lets a server write it: seconds, and a date in any of its three forms,
 * against the calendar of the platform.
 */

import fc from 'fast-check'
import should from 'should'
import { httpDate, retryAfterOf } from '../../src/policy/retry-after.js'

const written = 'Sun, 06 Nov 1994 08:49:37 GMT'

describe('Retry-After', () => {
  const spans: ReadonlyArray<readonly [title: string, headers: unknown, found: object]> = [
    ['seconds', { 'retry-after': '120' }, { retryAfterMs: 120_000 }],
    ['seconds as a number', { 'retry-after': 3 }, { retryAfterMs: 3_000 }],
    ['spaces around it', { 'retry-after': ' 7 ' }, { retryAfterMs: 7_000 }],
    ['a date', { 'retry-after': written }, { retryAt: 784_111_777_000 }],
    [
      'a date beside the date of the answer',
      { 'retry-after': written, date: 'Sun, 06 Nov 1994 08:49:07 GMT' },
      { retryAfterMs: 30_000 },
    ],
    [
      'a date that is over when the answer is sent',
      { 'retry-after': written, date: 'Sun, 06 Nov 1994 09:00:00 GMT' },
      { retryAfterMs: 0 },
    ],
    [
      'a date beside one that is none',
      { 'retry-after': written, date: 'today' },
      { retryAt: 784_111_777_000 },
    ],
    ['a fraction', { 'retry-after': '1.5' }, {}],
    ['a negative number', { 'retry-after': '-1' }, {}],
    ['words', { 'retry-after': 'soon' }, {}],
    ['a local time', { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 +0100' }, {}],
    ['no such header', { 'content-type': 'text/plain' }, {}],
    ['no headers', undefined, {}],
    ['headers that are a text', 'retry-after: 5', {}],
  ]
  for (const [title, headers, found] of spans) {
    it(`says ${JSON.stringify(found)} for ${title}`, () => {
      should(retryAfterOf(headers)).eql(found)
    })
  }
})

describe('an HTTP date', () => {
  for (const text of [
    written,
    'Sunday, 06-Nov-04 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
    'Thu, 29 Feb 2024 23:59:59 GMT',
    'Fri Dec 31 23:59:59 2100',
  ]) {
    it(`is read as the platform reads it: ${text}`, () => {
      const inUtc = text.endsWith('GMT') ? text : `${text} GMT`
      should(httpDate(text)).equal(Date.parse(inUtc))
    })
  }

  it('is read in every second of four centuries', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12_622_780_799 }), (seconds) => {
        should(httpDate(new Date(seconds * 1000).toUTCString())).equal(seconds * 1000)
      }),
    )
  })

  for (const text of [
    '',
    'Sun, 06 Nov 1994',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:49:37 GMT',
    '1994-11-06T08:49:37Z',
  ]) {
    it(`is not: ${JSON.stringify(text)}`, () => {
      should(httpDate(text)).equal(undefined)
    })
  }
})
