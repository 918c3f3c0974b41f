/** Reason codes and errors, as a table: who must act, and is it worth another try? */

import should from 'should'
import type { Code } from '../../src/base/fault.js'
import * as outcome from '../../src/mqtt/outcome-of.js'
import type { Ended, Server } from '../../src/mqtt/wire.js'

const host: Server = { scheme: 'mqtt', host: 'plc', port: 1883, path: '' }
const who = { server: host, clientId: 'gw1' }

describe('outcome of a CONNACK', () => {
  const rows: Array<[number, string, string]> = [
    [0x01, 'older', 'BROKER_UNREACHABLE'],
    [0x02, 'permanent', 'BROKER_UNREACHABLE'],
    [0x03, 'transient', 'BROKER_UNREACHABLE'],
    [0x04, 'permanent', 'LOGIN_REFUSED'],
    [0x05, 'permanent', 'LOGIN_REFUSED'],
    [0x80, 'transient', 'BROKER_UNREACHABLE'],
    [0x81, 'permanent', 'BROKER_UNREACHABLE'],
    [0x82, 'permanent', 'BROKER_UNREACHABLE'],
    [0x83, 'transient', 'BROKER_UNREACHABLE'],
    [0x84, 'older', 'BROKER_UNREACHABLE'],
    [0x85, 'permanent', 'BROKER_UNREACHABLE'],
    [0x86, 'permanent', 'LOGIN_REFUSED'],
    [0x87, 'permanent', 'LOGIN_REFUSED'],
    [0x88, 'transient', 'BROKER_BUSY'],
    [0x89, 'transient', 'BROKER_BUSY'],
    [0x8a, 'permanent', 'LOGIN_REFUSED'],
    [0x8c, 'permanent', 'BROKER_UNREACHABLE'],
    [0x90, 'permanent', 'BROKER_UNREACHABLE'],
    [0x95, 'permanent', 'BROKER_UNREACHABLE'],
    [0x97, 'transient', 'BROKER_BUSY'],
    [0x9a, 'permanent', 'BROKER_UNREACHABLE'],
    [0x9b, 'permanent', 'BROKER_UNREACHABLE'],
    [0x9c, 'transient', 'BROKER_UNREACHABLE'],
    [0x9d, 'permanent', 'BROKER_UNREACHABLE'],
    [0x9f, 'transient', 'BROKER_BUSY'],
  ]
  for (const [code, kind, name] of rows) {
    it(`with 0x${code.toString(16)} is ${kind}: ${name}`, () => {
      const { failure, kind: found } = outcome.connackRefused(code, who)
      ;[found, failure.code].should.eql([kind, name])
      should(failure.values['server']).equal('plc:1883')
    })
  }

  it('names the code where the text asks why', () => {
    outcome.connackRefused(3, who).failure.values.should.eql({
      server: 'plc:1883',
      why: 'connack-0x03',
    })
  })
})

describe('outcome of a DISCONNECT from the broker', () => {
  it('with 0x8e says that another client has our id', () => {
    outcome.disconnectedByBroker(0x8e, who).should.eql({
      kind: 'permanent',
      failure: { code: 'CLIENT_ID_IN_USE', values: { id: 'gw1' } },
    })
  })

  for (const code of [0x89, 0x96, 0x97, 0x9f]) {
    it(`with 0x${code.toString(16)} asks to slow down`, () => {
      const { kind, failure } = outcome.disconnectedByBroker(code, who)
      ;[kind, failure.code].should.eql(['transient', 'BROKER_BUSY'])
    })
  }

  for (const code of [0x80, 0x81, 0x82, 0x90, 0x95, 0x99, 0x9a, 0x9b]) {
    it(`with 0x${code.toString(16)} is over a packet of ours`, () => {
      const { kind, failure } = outcome.disconnectedByBroker(code, who)
      ;[kind, failure.code].should.eql(['packet', 'BROKER_UNREACHABLE'])
    })
  }

  for (const code of [0x00, 0x87, 0x8b, 0x8d, 0x93, 0x98, 0x9c]) {
    it(`with 0x${code.toString(16)} is worth another try: it had let us in`, () => {
      const { kind, failure } = outcome.disconnectedByBroker(code, who)
      ;[kind, failure.code].should.eql(['transient', 'BROKER_UNREACHABLE'])
    })
  }
})

describe('outcome of an error', () => {
  const refused = [
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'HOSTNAME_MISMATCH',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR',
    'ERR_SSL_TLSV1_ALERT_ACCESS_DENIED',
    'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
    'ERR_OSSL_PEM_NO_START_LINE',
  ]
  for (const code of refused) {
    it(`${code} is about a certificate, and permanent`, () => {
      outcome.connectionFailed(failing(code), who).should.eql({
        kind: 'permanent',
        failure: { code: 'CERTIFICATE_REFUSED', values: { server: 'plc:1883', why: code } },
      })
    })
  }

  for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH']) {
    it(`${code} is transient`, () => {
      outcome.connectionFailed(failing(code), who).should.eql(unreachable('transient', code))
    })
  }

  for (const code of ['ECONNRESET', 'EPIPE']) {
    it(`${code} means that the other side hung up`, () => {
      outcome.connectionFailed(failing(code), who).should.eql(unreachable('closed', code))
    })
  }

  it('without a code is transient and keeps its reason', () => {
    const error = new Error('Invalid puback reason code')
    outcome.connectionFailed(error, who).should.eql(unreachable('transient', error.message))
  })

  it('of the parser on an open connection is over a packet', () => {
    const error = new Error('Invalid puback reason code')
    outcome.unreadable(error, who).should.eql(unreachable('packet', error.message))
  })

  it('that nobody tells is silence', () => {
    outcome.endedInSilence('closed', who).should.eql(unreachable('closed', 'closed'))
    outcome.endedInSilence('no-connack', who).should.eql(unreachable('transient', 'no-connack'))
  })
})

describe('outcome of a publish', () => {
  for (const code of [0x00, 0x10]) {
    it(`with 0x${code.toString(16)} is acknowledged`, () => {
      outcome.publishOutcome(code, undefined, 'a', who).should.eql({ is: 'acknowledged' })
    })
  }

  it('with 0x87 is refused: the topic is not allowed', () => {
    outcome.publishOutcome(0x87, undefined, 'a/b', who).should.eql({
      is: 'refused',
      failure: { code: 'NOT_AUTHORISED', values: { topic: 'a/b' } },
    })
  })

  for (const code of [0x90, 0x95, 0x99, 0x9a, 0x9b]) {
    it(`with 0x${code.toString(16)} is refused for good`, () => {
      const values = { reason: 'no such line', code: code.toString(16) }
      outcome.publishOutcome(code, 'no such line', 'a', who).should.eql({
        is: 'refused',
        failure: { code: 'PUBLISH_REFUSED', values },
      })
    })
  }

  it('has the name of the code when the broker gives no reason', () => {
    const refused = outcome.publishOutcome(0x99, undefined, 'a', who)
    refused.should.have.propertyByPath('failure', 'values', 'reason').eql('Payload format invalid')
  })

  for (const code of [0x80, 0x83, 0x91, 0x97, 0xfe]) {
    it(`with 0x${code.toString(16)} is busy: it must be sent again`, () => {
      outcome.publishOutcome(code, undefined, 'a', who).should.eql({
        is: 'busy',
        failure: { code: 'BROKER_BUSY', values: { server: 'plc:1883' } },
      })
    })
  }
})

const failing = (code: string): Error => Object.assign(new Error('failed'), { code })

const unreachable = (kind: string, why: string) => ({
  kind,
  failure: { code: 'BROKER_UNREACHABLE', values: { server: 'plc:1883', why } },
})

describe('cause of an end', () => {
  const ended = (kind: Ended['kind'], code: Code, why = '') =>
    outcome.causeOf({ kind, failure: { code, values: { why } } })
  const rows: Array<[string, string]> = [
    [ended('transient', 'PUBLISH_TIMEOUT'), 'acknowledgement'],
    [ended('transient', 'BROKER_BUSY'), 'throttled'],
    [ended('permanent', 'CLIENT_ID_IN_USE'), 'client-id'],
    [ended('permanent', 'CERTIFICATE_REFUSED'), 'certificate'],
    [ended('transient', 'BROKER_UNREACHABLE', 'no-pingresp'), 'keepalive'],
    [ended('packet', 'BROKER_UNREACHABLE', 'disconnect-0x95'), 'broker'],
    [ended('closed', 'BROKER_UNREACHABLE', 'ECONNRESET'), 'closed'],
    [ended('transient', 'BROKER_UNREACHABLE', 'EHOSTUNREACH'), 'network'],
  ]
  for (const [found, cause] of rows) {
    it(`is ${cause} where it is`, () => {
      found.should.equal(cause)
    })
  }
})
