/** The rows of a health monitor: what each kind makes of them, what is refused, and how. */

import fc from 'fast-check'
import should from 'should'
import * as address from '../../nodes/common/address.js'
import { checkRows, hasKind } from '../../nodes/common/check-rows.js'
import type { CheckRow } from '../../nodes/common/checks.js'
import * as grammar from '../../nodes/common/grammar.js'
import { testSeed } from '../world/seeded-random.js'

describe('rows of checks', () => {
  const good: readonly (readonly [CheckRow, object])[] = [
    [
      { kind: 'http', url: 'https://erp.local:8443/health?a=1' },
      {
        ...{ kind: 'http', label: 'erp.local:8443', timeout: 5000, isCritical: true },
        ...{ expectStatus: [{ from: 200, to: 299 }], expectText: '', certificateDays: 14 },
      },
    ],
    [
      { kind: 'http', url: 'http://a/', label: ' page ', timeout: '200 ms', critical: false },
      { label: 'page', timeout: 200, isCritical: false },
    ],
    [{ kind: 'http', url: 'http://[::1]:80/', expectStatus: '2xx,404' }, { label: '[::1]:80' }],
    [
      { kind: 'tcp', address: '192.168.0.20:502' },
      { host: '192.168.0.20', port: 502, label: '192.168.0.20:502' },
    ],
    [
      { kind: 'tcp', address: '[fe80::1]:502' },
      { host: 'fe80::1', port: 502 },
    ],
    [{ kind: 'mqtt' }, { topic: '', label: 'mqtt' }],
    [
      { kind: 'mqtt', topic: 'health/gw1' },
      { topic: 'health/gw1', label: 'health/gw1' },
    ],
    [
      { kind: 'grpc', address: 'a:1', service: 'plant.Orders', secure: true },
      { service: 'plant.Orders', isSecure: true },
    ],
    [
      { kind: 'websocket', url: 'wss://a/live', send: 'hi' },
      { send: 'hi', expectText: '' },
    ],
    [{ kind: 'flow' }, { kind: 'flow', label: 'flow' }],
    [{ kind: 'heartbeat' }, { within: 30_000, phi: 'off' }],
    [
      { kind: 'heartbeat', within: '1m', phi: '8' },
      { within: 60_000, phi: 8 },
    ],
    [{ kind: 'nodes' }, { kind: 'nodes' }],
    [
      { kind: 'runtime', memory: '80%' },
      { loopDelay: 500, memory: 0.8, oldestAge: 3_600_000, freeDisk: 0.1, openBreakers: true },
    ],
  ]
  for (const [row, spec] of good) {
    it(`understand ${JSON.stringify(row)}`, () => {
      const list = checkRows([row], { grammar, address })
      should(list.ok).be.true()
      should(list.ok && list.value[0]).match(spec)
    })
  }

  const wrong: readonly (readonly [object, string, string])[] = [
    [{}, 'url', 'url'],
    [{ kind: 'http', url: 'erp.local' }, 'url', 'url'],
    [{ kind: 'http', url: 'ftp://erp.local/' }, 'url', 'url'],
    [{ kind: 'http', url: 'file:///etc/passwd' }, 'url', 'url'],
    [{ kind: 'http', url: 'http://user:secret@erp.local/' }, 'url', 'url'],
    [{ kind: 'http', url: 'http://a:99999/' }, 'url', 'url'],
    [{ kind: 'http', url: 'http://a/ b' }, 'url', 'url'],
    [{ kind: 'http', url: 'http://a/', expectStatus: '999' }, 'statusList', 'expectStatus'],
    [{ kind: 'http', url: 'http://a/', timeout: '5' }, 'duration', 'timeout'],
    [{ kind: 'http', url: 'http://a/', timeout: '10m' }, 'duration', 'timeout'],
    [{ kind: 'http', url: '$(ERP_URL)' }, 'environment', 'url'],
    [{ kind: 'websocket', url: 'http://a/' }, 'webSocketUrl', 'url'],
    [{ kind: 'tcp', address: 'a' }, 'hostPort', 'address'],
    [{ kind: 'tcp', address: 'a:0' }, 'hostPort', 'address'],
    [{ kind: 'tcp', address: 'mqtt://a:1' }, 'hostPort', 'address'],
    [{ kind: 'tcp', address: 'fe80::1:502' }, 'hostPort', 'address'],
    [{ kind: 'mqtt', topic: 'a/#' }, 'topic', 'topic'],
    [{ kind: 'grpc', address: 'a:1', service: 'a b' }, 'service', 'service'],
    [{ kind: 'heartbeat', phi: '0' }, 'countOrOff', 'phi'],
    [{ kind: 'runtime', freeDisk: '10' }, 'share', 'freeDisk'],
  ]
  for (const [row, advice, field] of wrong) {
    it(`refuse ${JSON.stringify(row)}`, () => {
      const list = checkRows([{ kind: 'flow' }, row], { grammar, address })
      should(list).match({ ok: false, advice, field, row: 1 })
    })
  }

  it('must be one at least', () => {
    for (const input of [[], undefined, null, 'x', {}]) {
      should(checkRows(input, { grammar, address })).match({ ok: false, advice: 'oneCheck' })
    }
  })

  it('never throw, whatever a flow file holds', () => {
    const row = fc.oneof(
      fc.anything(),
      fc.record({
        kind: fc.constantFrom(
          'http',
          'tcp',
          'grpc',
          'heartbeat',
          'runtime',
          '__proto__',
          'toString',
        ),
        url: fc.anything(),
        address: fc.oneof(fc.string(), fc.anything()),
        timeout: fc.anything(),
        within: fc.string(),
      }),
    )
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.array(row, { maxLength: 4 })), (input) => {
        const list = checkRows(input, { grammar, address })
        if (list.ok) for (const { label } of list.value) label.should.not.equal('')
        hasKind(input, 'mqtt').should.be.a.Boolean()
      }),
      { seed: testSeed, numRuns: 500 },
    )
  })
})
