/**
 * From what a dialog saved, or a person wrote by hand, to the settings of resilient-mqtt-out:
 * defaults for what is absent, every defect for what is wrong, and never a refusal without need.
 */

import should from 'should'
import type { Defect } from '../../nodes/common/fields.js'
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
      properties: {},
      isFormedLater: false,
      forwarding: {
        messageId: 'property',
        whenOffline: 'store',
        doneWhen: 'stored',
        replayOrder: 'strict',
        replayTopic: '',
        replayRate: {},
      },
      liveShare: 0.5,
      receipts: 'off',
      deadLetter: '',
      storage: { store: '', limits: notGiven, durability: undefined },
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
    settings.storage.limits.should.eql({
      maxMessages: 5000,
      maxBytes: 52_428_800,
      maxAge: 'unlimited',
      freeDisk: { bytes: 2 * 1024 ** 3 },
      overflow: 'reject',
      warnMessages: 'off',
    })
    should(settings.storage.durability).eql({ is: 'interval', every: 250 })
  })

  it('take numbers and booleans where a variable or a person put them', () => {
    const { settings, wrong } = out.parse({ broker: 'b1', qos: 2, retain: false, maxMessages: 7 })
    wrong.should.eql([])
    settings.should.containEql({ qos: 2, retain: false })
    should(settings.storage.limits.maxMessages).equal(7)
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

  it('take the properties of MQTT 5, and nothing where nothing is written', () => {
    const { settings, wrong } = out.parse({
      ...{ broker: 'b1', messageId: 'payload', contentType: 'text/plain', responseTopic: 'a/b' },
      ...{ correlationData: 'ü', messageExpiry: '1.6s' },
      userProperties: [{ key: 'a', value: 'x' }, { key: 'b' }, { key: 'a', value: 'y' }],
    })
    wrong.should.eql([])
    settings.forwarding.messageId.should.equal('payload')
    settings.properties.should.eql({
      contentType: 'text/plain',
      responseTopic: 'a/b',
      correlationData: Buffer.from('ü'),
      userProperties: { a: ['x', 'y'], b: [''] },
      messageExpiryInterval: 2,
    })
  })

  it('leave out the properties of MQTT 5 that a broker would hang up on', () => {
    const { settings, wrong } = out.parse({
      ...{ broker: 'b1', contentType: 'a\0', responseTopic: 'a/#', correlationData: '\ud800' },
      ...{ userProperties: [{ value: 'x' }], messageExpiry: '0s', messageId: 'both' },
    })
    settings.properties.should.eql({})
    told(wrong).should.eql({
      contentType: 'text',
      responseTopic: 'topic',
      correlationData: 'text',
      userProperties: 'properties',
      messageExpiry: 'duration',
      messageId: 'choice',
    })
    wrong.some(({ required }) => required).should.be.false()
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
    for (const each of [settings, settings.storage, settings.storage.limits, wrong])
      Object.isFrozen(each).should.be.true()
  })
})

const notGiven = {
  maxMessages: undefined,
  maxBytes: undefined,
  maxAge: undefined,
  freeDisk: undefined,
  overflow: undefined,
  warnMessages: undefined,
}

/** Each wrong field with the key of the advice, without its namespace. */
function told(wrong: readonly Defect[]): Record<string, string> {
  const entries = wrong.map(({ field, write }) => [field, write.replace(/^.*:write\./, '')])
  return Object.fromEntries(entries)
}

function defectOf(wrong: readonly Defect[], field: string): Defect | undefined {
  return wrong.find((defect) => defect.field === field)
}
