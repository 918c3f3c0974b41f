/**
 * From what a dialog saved, or a person wrote by hand, to the settings of both rooms: defaults for
 * what is absent, every defect for what is wrong, and never a refusal that is not needed.
 */

import should from 'should'
import type { Defect } from '../../nodes/common/fields.js'
import * as broker from '../../nodes/resilient-mqtt-broker/resilient-mqtt-broker.settings.js'
import * as out from '../../nodes/resilient-mqtt-out/resilient-mqtt-out.settings.js'

const unset = `\${PLANT}`

describe('the settings of resilient-mqtt-out', () => {
  it('are the defaults for what is absent, silently', () => {
    const { settings, wrong } = out.parse({ broker: 'b1' })
    settings.should.eql({
      broker: 'b1',
      topic: '',
      qos: 1,
      retain: 'message',
      forwarding: {
        whenOffline: 'store',
        doneWhen: 'stored',
        replayOrder: 'strict',
        replayTopic: '',
        replayRate: {},
      },
      liveShare: 0.5,
      receipts: 'off',
      limits: {
        maxMessages: 100_000,
        maxBytes: 268_435_456,
        maxAge: 604_800_000,
        freeDisk: { share: 0.1 },
        overflow: 'drop-oldest',
        warnMessages: 1000,
      },
      durability: { is: 'each' },
    })
    wrong.should.eql([])
  })

  it('are the same for the saved defaults as for none', () => {
    out.parse({ ...out.defaults, broker: 'b1' }).should.eql(out.parse({ broker: 'b1' }))
  })

  it('take every figure that a person may write', () => {
    const { settings, wrong } = out.parse({
      ...{ broker: 'b1', topic: 'line/1', qos: '', retain: 'true', maxMessages: '5000' },
      ...{ maxSize: '50 mb', maxAge: 'Unlimited', freeDisk: '2GB', overflow: 'reject' },
      ...{ warnMessages: 'off', durability: '250ms' },
    })
    wrong.should.eql([])
    settings.should.containEql({ topic: 'line/1', qos: 'message', retain: true })
    settings.limits.should.eql({
      maxMessages: 5000,
      maxBytes: 52_428_800,
      maxAge: 'unlimited',
      freeDisk: { bytes: 2 * 1024 ** 3 },
      overflow: 'reject',
      warnMessages: 'off',
    })
    settings.durability.should.eql({ is: 'interval', every: 250 })
  })

  it('take numbers and booleans where a variable or a person put them', () => {
    const { settings, wrong } = out.parse({ broker: 'b1', qos: 2, retain: false, maxMessages: 7 })
    wrong.should.eql([])
    settings.should.containEql({ qos: 2, retain: false })
    settings.limits.maxMessages.should.equal(7)
  })

  it('say what to write for each wrong figure, and go on with its default', () => {
    const form = {
      ...{ qos: '3', retain: 'maybe', maxMessages: '0', maxSize: '256', maxAge: '7' },
      ...{ freeDisk: '110%', overflow: 'spill', warnMessages: '-1', durability: '1m' },
    }
    const { settings, wrong } = out.parse({ broker: 'b1', ...form })
    settings.should.eql(out.parse({ broker: 'b1' }).settings)
    told(wrong).should.eql({
      qos: 'choice',
      retain: 'choice',
      maxMessages: 'count',
      maxSize: 'size',
      maxAge: 'durationOrUnlimited',
      freeDisk: 'shareOrSize',
      overflow: 'choice',
      warnMessages: 'countOrOff',
      durability: 'duration',
    })
    wrong.some(({ required }) => required).should.be.false()
    should(defectOf(wrong, 'maxSize')?.values).eql({ min: '1MB', max: '1000GB' })
  })

  it('require a broker', () => {
    for (const form of [{}, { broker: '' }, { broker: undefined }]) {
      const { wrong } = out.parse(form)
      told(wrong).should.eql({ broker: 'broker' })
      should(defectOf(wrong, 'broker')?.required).be.true()
    }
  })

  it('require a topic without wildcards, or none', () => {
    for (const topic of ['line/#', '+/a', 'a\0b', 'x'.repeat(65_536)]) {
      const { wrong } = out.parse({ broker: 'b1', topic })
      told(wrong).should.eql({ topic: 'topic' })
      should(defectOf(wrong, 'topic')?.required).be.true()
    }
    out.parse({ broker: 'b1', topic: ' a b/ü' }).wrong.should.eql([])
  })

  it('name a variable that is not set', () => {
    const { wrong } = out.parse({ broker: unset, topic: unset, maxSize: unset, durability: unset })
    wrong
      .map(({ field, values, required }) => [field, values, required])
      .should.eql([
        ['broker', { name: 'PLANT' }, true],
        ['topic', { name: 'PLANT' }, true],
        ['maxSize', { name: 'PLANT' }, false],
        ['durability', { name: 'PLANT' }, false],
      ])
    new Set(Object.values(told(wrong))).should.eql(new Set(['environment']))
  })

  it('find the words of shared fields among the common words, of others in the room', () => {
    const { wrong } = out.parse({ broker: '', maxSize: 'x' })
    wrong
      .map(({ label }) => label)
      .should.eql([
        '@holdfast/node-red-resilience/resilient-mqtt-out:label.broker',
        '@holdfast/node-red-resilience/common:label.maxSize',
      ])
  })

  it('never change', () => {
    const { settings, wrong } = out.parse({})
    for (const each of [settings, settings.limits, settings.durability, wrong])
      Object.isFrozen(each).should.be.true()
  })
})

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
      maxInFlight: 20,
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
      ...{ backoffJitter: '0.5', maxInFlight: '101' },
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
    })
    wrong.some(({ required }) => required).should.be.false()
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
