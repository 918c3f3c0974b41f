/** The same for resilient-mqtt-broker: from what a person wrote to settings that never change. */

import should from 'should'
import type { Defect } from '../../nodes/common/fields.js'
import * as broker from '../../nodes/resilient-mqtt-broker/resilient-mqtt-broker.settings.js'

const unset = `\${PLANT}`

describe('the settings of resilient-mqtt-broker', () => {
  it('are the defaults for what is absent, silently', () => {
    const { settings, wrong } = broker.parse({ servers: 'localhost' })
    settings.should.eql({
      servers: [{ scheme: 'mqtt', host: 'localhost', port: 1883, path: '' }],
      tls: '',
      clientId: '',
      protocolVersion: 'auto',
      keepalive: 15_000,
      connectTimeout: 10_000,
      ackTimeout: 15_000,
      backOff: { initial: 1000, factor: 2, max: 60_000, jitter: 0.5 },
      returnToFirst: true,
      maxInFlight: 20,
      connections: 1,
      rate: {},
      announcements: { birth: [], close: [], will: [] },
    })
    wrong.should.eql([])
  })

  it('are the same for the saved defaults as for none', () => {
    const servers = 'localhost'
    broker.parse({ ...broker.defaults, servers }).should.eql(broker.parse({ servers }))
  })

  it('require servers, all of them well formed', () => {
    for (const servers of [undefined, '', ' , ', 'http://plant', 'one, mqtt://']) {
      const { settings, wrong } = broker.parse({ servers })
      settings.servers.should.eql([])
      told(wrong).should.eql({ servers: 'servers' })
      should(defectOf(wrong, 'servers')?.required).be.true()
    }
  })

  it('take a list of servers and the versions by their names', () => {
    const { settings } = broker.parse({ servers: 'a, wss://b/x', protocolVersion: '3.1.1' })
    settings.servers.map(({ host }) => host).should.eql(['a', 'b'])
    settings.protocolVersion.should.equal(4)
    broker.parse({ servers: 'a', protocolVersion: '5' }).settings.protocolVersion.should.equal(5)
  })

  it('say what to write for each wrong figure, and go on with its default', () => {
    const form = {
      ...{ clientId: 'a/b', protocolVersion: '4', keepalive: '15', connectTimeout: '6m' },
      ...{ ackTimeout: '', backoffInitial: '2h', backoffFactor: '0', backoffMax: 'x' },
      ...{ backoffJitter: '0.5', maxInFlight: '101', attempts: '0', returnToFirst: 'maybe' },
      ...{ connections: '5', rateLimit: '0/s', birthMessages: 'on', closeMessages: [{}] },
      ...{ willMessage: { topic: 'a/+' } },
    }
    const { settings, wrong } = broker.parse({ servers: 'a', ...form })
    settings.should.eql(broker.parse({ servers: 'a' }).settings)
    told(wrong).should.eql({
      clientId: 'clientId',
      protocolVersion: 'choice',
      keepalive: 'duration',
      connectTimeout: 'duration',
      ackTimeout: 'duration',
      backoffInitial: 'duration',
      backoffMax: 'duration',
      backoffFactor: 'number',
      backoffJitter: 'share',
      maxInFlight: 'count',
      attempts: 'countOrUnlimited',
      returnToFirst: 'choice',
      connections: 'choice',
      rateLimit: 'rate',
      birthMessages: 'list',
      closeMessages: 'topic',
      willMessage: 'topic',
    })
    wrong.some(({ required }) => required).should.be.false()
  })

  it('take what a person may write about attempts, servers, rate and connections', () => {
    const { settings, wrong } = broker.parse({
      ...{ servers: 'a', attempts: '7', returnToFirst: 'false', connections: 4 },
      rateLimit: '100/s, 512KB/s',
    })
    wrong.should.eql([])
    settings.should.containEql({ attempts: 7, returnToFirst: false, connections: 4 })
    settings.rate.should.eql({ messagesPerSecond: 100, bytesPerSecond: 524_288 })
  })

  it('ask for the topic of a row that was just added', () => {
    const { wrong } = broker.parse({ servers: 'a', birthMessages: [{ topic: '', payload: 'ON' }] })
    told(wrong).should.eql({ birthMessages: 'topicMissing' })
  })

  it('take first and last words, with QoS 1 and no retain when nobody says', () => {
    const { settings, wrong } = broker.parse({
      servers: 'a',
      birthMessages: [
        { topic: 'a/b' },
        { topic: 'c', payload: '{"a":1}', payloadType: 'json', qos: '0', retain: true },
      ],
      willMessage: { topic: 'd', payload: 'OFF', qos: 2 },
    })
    wrong.should.eql([])
    const plain = { payload: '', payloadType: 'str', qos: 1, retain: false }
    settings.announcements.should.eql({
      birth: [
        { ...plain, topic: 'a/b' },
        { topic: 'c', payload: '{"a":1}', payloadType: 'json', qos: 0, retain: true },
      ],
      close: [],
      will: [{ ...plain, topic: 'd', payload: 'OFF', qos: 2 }],
    })
  })

  it('refuse JSON that is none', () => {
    const row = { topic: 'a', payload: '{', payloadType: 'json' }
    told(broker.parse({ servers: 'a', birthMessages: [row] }).wrong).should.eql({
      birthMessages: 'payload',
    })
  })

  it('never wait longest for less than the first wait', () => {
    const written = broker.parse({ servers: 'a', backoffInitial: '5m', backoffMax: '60s' })
    told(written.wrong).should.eql({ backoffMax: 'notShorter' })
    written.settings.backOff.should.containEql({ initial: 300_000, max: 300_000 })

    const absent = broker.parse({ servers: 'a', backoffInitial: '5m' })
    absent.wrong.should.eql([])
    absent.settings.backOff.max.should.equal(300_000)
  })

  it('name a variable that is not set', () => {
    const { wrong } = broker.parse({ servers: unset, clientId: unset, keepalive: unset })
    wrong
      .map(({ field, required }) => [field, required])
      .should.eql([
        ['servers', true],
        ['clientId', false],
        ['keepalive', false],
      ])
    new Set(Object.values(told(wrong))).should.eql(new Set(['environment']))
  })
})

/** Each wrong field with the key of the advice, without its namespace. */
function told(wrong: readonly Defect[]): Record<string, string> {
  const entries = wrong.map(({ field, write }) => [field, write.replace(/^.*:write\./, '')])
  return Object.fromEntries(entries)
}

function defectOf(wrong: readonly Defect[], field: string): Defect | undefined {
  return wrong.find((defect) => defect.field === field)
}
