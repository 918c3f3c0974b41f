/** Figures, failures and events as people read them. */

import 'should'
import type { NodeRed } from '../../nodes/common/node-red.js'
import {
  countText,
  eventText,
  failureBrief,
  failureText,
  sizeText,
  spanText,
} from '../../nodes/common/words.js'
import type { Event } from '../../src/base/event.js'
import type { Failure } from '../../src/base/fault.js'
import { ms } from '../../src/base/units.js'
import { because as found, type Why } from '../../src/probe/probe.js'
import { wordsFor } from '../house/dialogs.js'

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
      countText(inEnglish, count).should.equal(text)
    })
  }

  it('put between thousands what the language puts there', () => {
    countText(inGerman, 1204).should.equal('1.204')
    countText(inGerman, 12_999).should.equal('12k')
    const dropped = { kind: 'messages.dropped', reason: 'overflow', count: 12_999 } as const
    const event: Event = { ...dropped, lastKey: 'a', lastId: 'b' }
    eventText(inGerman, event).should.startWith('Verworfene Nachrichten: 12.999')
  })

  const server = 'a:1883'
  const failures: ReadonlyArray<readonly [Failure, string]> = [
    [because('closed'), 'a:1883 does not answer: it closed the connection without a word.'],
    [because('connack-0x85'), 'a:1883 does not answer: it refused the connection (reason 0x85).'],
    [because('wrong thing'), 'a:1883 does not answer: wrong thing.'],
    [
      { code: 'CERTIFICATE_REFUSED', values: { server, why: 'CERT_HAS_EXPIRED' } },
      'Certificate of a:1883: it has expired (CERT_HAS_EXPIRED).',
    ],
    [
      { code: 'PAYLOAD_TOO_LARGE', values: { size: 2048, limit: 1024, who: 'queue' } },
      '2.0 KB is more than the 1.0 KB allowed by this queue.',
    ],
    [
      { code: 'CLIENT_ID_IN_USE', values: { id: 'gw1' } },
      'Another client uses the id gw1. Give each gateway its own.',
    ],
    [
      { code: 'CLIENT_ID_IN_USE', values: { id: 'gw1', server, closes: 5 } },
      'a:1883 lets this gateway in and hangs up soon after, 5 times in a row. ' +
        'Perhaps another client uses the id gw1.',
    ],
  ]
  for (const [failure, text] of failures) {
    it(`explain ${failure.code}, ${failure.values['why'] ?? text.slice(0, 7)}`, () => {
      failureText(inEnglish, failure).should.equal(text)
    })
  }

  const level = { kind: 'queue.warned', waiting: 1204, bytes: 1536, oldestMs: ms(81_000) } as const
  const directory = '/data/q1'
  const down = { from: 'healthy', to: 'unhealthy' } as const
  const up = { from: 'unhealthy', to: 'healthy', label: 'erp' } as const
  const dull = { from: 'healthy', to: 'degraded' } as const
  const timedOut = { label: 'erp', failure: found('timed-out') }
  const login = { code: 'LOGIN_REFUSED', values: { server: 'b' } } as const
  const refused = { label: 'erp', failure: login }
  const took = { label: 'erp', failure: found('slow', { time: 1400 }) }
  const slow = { directory, syncMs: ms(5400) }
  const events: ReadonlyArray<readonly [Event, RegExp]> = [
    [{ ...level, limit: 'count' }, /^1,204 messages wait: the warning level/],
    [{ ...level, limit: 'messages' }, /^1,204 messages wait: 80%/],
    [{ ...level, limit: 'bytes' }, /^1,204 messages use 1\.5 KB: 80%/],
    [{ ...level, limit: 'age' }, /^The oldest of 1,204 messages has waited 81 s: 80%/],
    [{ ...level, kind: 'queue.full', limit: 'messages' }, /^Full: 1,204 messages wait, as many/],
    [{ ...level, kind: 'queue.full', limit: 'bytes' }, /^Full: 1,204 messages use 1\.5 KB/],
    [{ ...level, kind: 'queue.full', limit: 'disk' }, /^Full: 1,204 .+ on the disk\.$/],
    [unsuitable('memory', 'tmpfs'), /^\/data\/q1 is kept in memory only \(tmpfs\)/],
    [unsuitable('layer', 'overlay'), /^\/data\/q1 is part of a container.+\(overlay\)/],
    [unsuitable('remote', 'nfs'), /^\/data\/q1 does not lie directly on a disk.+\(nfs\)/],
    [{ kind: 'store.slow', ...slow }, /^The disk is slow: it takes 5 s/],
    [
      { kind: 'store.recovered', resolves: 'store.slow', ...slow },
      /^The disk is quick again: it takes 5 s/,
    ],
    [{ kind: 'health.changed', ...down, ...timedOut }, /^Unhealthy: erp, timed out\.$/],
    [{ kind: 'health.changed', ...dull, ...took }, /^Degraded: erp, took 1 s\.$/],
    [{ kind: 'health.changed', from: 'unknown', to: 'healthy', label: '' }, /^Healthy\.$/],
    [{ kind: 'health.changed', from: 'healthy', to: 'unknown', label: '' }, /^Nothing is known/],
    [{ kind: 'health.changed', ...up, resolves: 'health.changed' }, /^Healthy again: erp\.$/],
    [{ kind: 'health.changed', ...up, resolves: 'health.flapping' }, /^Flaps no longer: erp/],
    [{ kind: 'health.check-failed', ...timedOut }, /^Check failed: erp, timed out\.$/],
    [{ kind: 'health.check-failed', ...refused }, /^Check failed: erp, b refused user .*word\.$/],
    [{ kind: 'health.flapping', label: 'erp', count: 4 }, /^Flapping: erp has changed 4 times/],
    [
      { kind: 'store.recovered', resolves: 'store.full', directory, free: 2048 },
      /^The disk has room again: 2\.0 KB free in \/data\/q1/,
    ],
    [
      { kind: 'store.recovered', directory, messages: 5, quarantined: 1 },
      /^\/data\/q1 opened: 5 messages wait, 1 files set aside/,
    ],
  ]
  for (const [event, text] of events) {
    const what = Object.values(event).filter((value) => typeof value === 'string')
    it(`tell of ${what.join(', ')}`, () => {
      const told = eventText(inEnglish, event)
      told.should.match(text)
      told.should.not.containEql('__')
    })
  }

  for (const language of ['en-US', 'de', 'zh-CN', 'ja']) {
    it(`have one full stop where a sentence stands within another, in ${language}`, () => {
      const told = eventText(speaking(language), { kind: 'health.check-failed', ...refused })
      told.should.match(/^[^.。]+[.。]$/)
    })
  }
})

describe('the words of a check', () => {
  const whys: readonly Why[] = [
    ...(['timed-out', 'refused', 'hung-up', 'no-such-host', 'unreachable', 'certificate'] as const),
    ...(['certificate-ends', 'answered', 'text-missing', 'not-serving', 'slow', 'other'] as const),
    ...(['service-unknown', 'not-understood', 'no-broker', 'not-connected', 'no-beat'] as const),
    ...(['irregular', 'node-red', 'node-yellow', 'node-gone', 'loop', 'memory'] as const),
    ...(['disk', 'oldest', 'breakers', 'reported'] as const),
  ]
  const values = {
    status: '503',
    days: 3,
    what: 'x',
    node: 'press',
    time: 5,
    free: 5,
    share: '95%',
  }
  for (const why of whys) {
    it(`say ${why} in a sentence and in a status`, () => {
      const failure = found(why, { ...values, count: 2 })
      const [text, brief] = [failureText(inEnglish, failure), failureBrief(inEnglish, failure)]
      for (const each of [text, brief]) each.should.not.match(/__|:check\./)
      brief.length.should.be.belowOrEqual(16)
    })
  }

  it('have a brief form of what a link says, and the code of anything else', () => {
    const brief = (code: 'LOGIN_REFUSED' | 'DISK_FULL') => failureBrief(inEnglish, { code, values })
    brief('LOGIN_REFUSED').should.equal('login refused')
    brief('DISK_FULL').should.equal('DISK_FULL')
  })
})

const [inEnglish, inGerman] = [speaking('en-US'), speaking('de')]

function speaking(language: string): NodeRed {
  return {
    _: (key: string, values: Record<string, string> = {}) => wordsFor(key, values, language) ?? key,
  } as NodeRed
}

function because(why: string): Failure {
  return { code: 'BROKER_UNREACHABLE', values: { server: 'a:1883', why } }
}

function unsuitable(risk: 'memory' | 'layer' | 'remote', filesystem: string): Event {
  return { kind: 'store.unsuitable', directory: '/data/q1', filesystem, risk }
}
