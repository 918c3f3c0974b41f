/**
 * Each kind of check over the network against a server of its kind that is up, slow, silent, wrong
 * and gone, in a network of memory with a clock that a test advances: what is found, and why.
 */

import should from 'should'
import { epochMs, ms } from '../../src/base/units.js'
import { probeGrpc } from '../../src/probe/grpc.js'
import { probeHttp } from '../../src/probe/http.js'
import type { Trial } from '../../src/probe/probe.js'
import { probeTcp } from '../../src/probe/tcp.js'
import { probeWebSocket } from '../../src/probe/web-socket.js'
import { type TestWorld, testWorld } from '../world/test-world.js'
import { because, failed, found } from './findings.js'

const timeout = ms(5000)
const address = '10.0.0.5:80'

describe('a check over HTTP', () => {
  const page = (status: number, text = '') => ({ http: () => ({ status, text }) })

  it('is ok when the status is expected, and tells how long it took', async () => {
    const world = testWorld()
    world.network.serve(address, { ...page(204), latencyMs: 40 })
    should(await found(world, http(world), 40)).eql({ is: 'ok', latencyMs: 40 })
  })

  it('fails with any other status, a redirect among them', async () => {
    for (const status of [302, 404, 503]) {
      const world = testWorld()
      world.network.serve(address, page(status))
      should(await found(world, http(world))).match(failed('answered', { status: `${status}` }))
      world.network.begun.should.equal(1)
    }
  })

  it('fails when the expected text is missing, or comes after 1 MB', async () => {
    for (const text of ['', 'all fine', `${'x'.repeat(1_048_576)}well`]) {
      const world = testWorld()
      world.network.serve(address, page(200, text))
      should(await found(world, http(world, { expectText: 'well' }))).match(failed('text-missing'))
    }
    const world = testWorld()
    world.network.serve(address, page(200, 'all is well'))
    should(await found(world, http(world, { expectText: 'well' }))).containEql({ is: 'ok' })
  })

  it('is poor when the certificate ends soon', async () => {
    for (const [days, is] of [
      [15, 'ok'],
      [13.5, 'poor'],
      [-1, 'poor'],
    ] as const) {
      const world = testWorld()
      const certificateEndsAt = epochMs(world.clock.wall() + days * 86_400_000)
      world.network.serve(address, { http: () => ({ status: 200, text: '', certificateEndsAt }) })
      should(await found(world, http(world))).containEql({ is })
    }
  })

  it('sends the authorization that it has', async () => {
    const world = testWorld()
    world.network.serve(address, {
      http: ({ headers }) => ({
        status: headers['authorization'] === 'Bearer x' ? 200 : 401,
        text: '',
      }),
    })
    should(await found(world, http(world))).match(failed('answered', { status: '401' }))
    should(await found(world, http(world, {}, 'Bearer x'))).containEql({ is: 'ok' })
  })

  const http = (world: TestWorld, check: object = {}, authorization = '') =>
    probeHttp(
      world.network,
      world.clock,
      {
        ...{ url: `http://${address}/`, timeout, expectText: '', certificateDays: 14 },
        ...{ expectStatus: [{ from: 200, to: 299 }], ...check },
      },
      { authorization },
    )
})

describe('checks over the network', () => {
  const begin: Readonly<Record<string, (world: TestWorld) => Trial>> = {
    http: (world) =>
      probeHttp(
        world.network,
        world.clock,
        {
          ...{ url: `http://${address}/`, timeout, expectText: '', certificateDays: 14 },
          expectStatus: [{ from: 200, to: 299 }],
        },
        { authorization: '' },
      ),
    grpc: (world) => grpc(world, ''),
    websocket: (world) => webSocket(world, {}),
  }
  for (const [kind, trial] of Object.entries(begin)) {
    it(`of kind ${kind} time out on one that is silent, and hang up`, async () => {
      const world = testWorld()
      world.network.serve(address, { manner: 'silent' })
      should(await found(world, trial(world), 5000)).eql({
        ...{ is: 'failed', latencyMs: 5000, why: because('timed-out') },
      })
      world.network.open.should.equal(0)
    })

    it(`of kind ${kind} tell why one is not there`, async () => {
      const world = testWorld()
      should(await found(world, trial(world))).match(failed('no-such-host'))
      world.network.serve('10.0.0.5:81')
      should(await found(world, trial(world))).match(failed('refused'))
      world.network.serve(address, { manner: 'hangs-up' })
      should(await found(world, trial(world))).match(failed('hung-up'))
    })

    it(`of kind ${kind} settle nothing and hang up when they are stopped`, async () => {
      const world = testWorld()
      world.network.serve(address, { manner: 'silent' })
      const stopped = trial(world)
      let isSettled = false
      stopped.found.then(() => {
        isSettled = true
      })
      stopped.stop()
      await world.clock.advance(10_000)
      should([isSettled, world.network.open, world.clock.pending]).eql([false, 0, 0])
    })
  }
})

describe('a check over TCP', () => {
  const tcp = (world: TestWorld) =>
    probeTcp(world.network, world.clock, { host: '10.0.0.5', port: 80, timeout })

  it('is ok as soon as the connection is made', async () => {
    const world = testWorld()
    world.network.serve(address, { manner: 'silent', latencyMs: 3 })
    should(await found(world, tcp(world), 3)).eql({ is: 'ok', latencyMs: 3 })
  })

  it('fails where nobody listens', async () => {
    const world = testWorld()
    world.network.serve('10.0.0.5:81')
    should(await found(world, tcp(world))).match(failed('refused'))
  })
})

describe('a check over gRPC', () => {
  const answers = (code: string, ...body: number[]) => ({
    call: () => {
      return { headers: { ':status': '200', 'grpc-status': code }, body: Uint8Array.from(body) }
    },
  })
  const rows: readonly (readonly [string, ReturnType<typeof answers>, object])[] = [
    ['serving', answers('0', 0, 0, 0, 0, 2, 8, 1), { is: 'ok' }],
    ['not serving', answers('0', 0, 0, 0, 0, 2, 8, 2), failed('not-serving')],
    ['unknown', answers('0', 0, 0, 0, 0, 0), failed('not-serving')],
    ['no such service', answers('5'), failed('service-unknown')],
    ['no health protocol', answers('12'), failed('not-understood')],
    ['another error', answers('14'), failed('answered', { status: 'gRPC 14' })],
    ['half a frame', answers('0', 0, 0, 0, 0, 9, 8), failed('not-understood')],
    ['a compressed frame', answers('0', 1, 0, 0, 0, 2, 8, 1), failed('not-understood')],
    ['another field', answers('0', 0, 0, 0, 0, 2, 16, 1), failed('not-understood')],
  ]
  for (const [what, server, finding] of rows) {
    it(`understands ${what}`, async () => {
      const world = testWorld()
      world.network.serve(address, server)
      should(await found(world, grpc(world, ''))).match(finding)
    })
  }

  it('names the service as the protocol says', async () => {
    const world = testWorld()
    const asked: number[][] = []
    world.network.serve(address, {
      call: ({ body, path, headers }) => {
        asked.push([...body])
        should([path, headers['content-type']]).eql([
          '/grpc.health.v1.Health/Check',
          'application/grpc',
        ])
        return { headers: { ':status': '200', 'grpc-status': '0' }, body }
      },
    })
    for (const service of ['', 'abc', 'y'.repeat(130)]) await found(world, grpc(world, service))
    should(asked[0]).eql([0, 0, 0, 0, 0])
    should(asked[1]).eql([0, 0, 0, 0, 5, 10, 3, 97, 98, 99])
    should(asked[2]?.slice(0, 8)).eql([0, 0, 0, 0, 133, 10, 130, 1])
  })

  it('fails where the other side speaks no HTTP/2, or answers like a web server', async () => {
    const world = testWorld()
    world.network.serve(address, { http: () => ({ status: 200, text: '' }) })
    should(await found(world, grpc(world, ''))).match(failed('not-understood'))
    const call = () => ({ headers: { ':status': '404' }, body: new Uint8Array() })
    world.network.serve(address, { call })
    should(await found(world, grpc(world, ''))).match(failed('answered', { status: '404' }))
  })
})

describe('a check over WebSocket', () => {
  it('is ok when it opens, and with an expected text when one comes that holds it', async () => {
    const world = testWorld()
    const said = (text: string) => (text === '' ? ['hello'] : [`pong of ${text}`])
    world.network.serve(address, { webSocket: said })
    should(await found(world, webSocket(world, {}))).containEql({ is: 'ok' })
    const asks = { send: 'ping', expectText: 'pong' }
    should(await found(world, webSocket(world, asks))).containEql({ is: 'ok' })
    should(await found(world, webSocket(world, { expectText: 'pong' }), 5000)).match(
      failed('timed-out'),
    )
  })

  it('tells the status of a web server that opens none', async () => {
    const world = testWorld()
    world.network.serve(address, { http: () => ({ status: 200, text: '' }) })
    should(await found(world, webSocket(world, {}))).match(failed('answered', { status: '404' }))
  })
})

const grpc = (world: TestWorld, service: string): Trial =>
  probeGrpc(
    world.network,
    world.clock,
    { host: '10.0.0.5', port: 80, isSecure: false, timeout, service },
    undefined,
  )

const webSocket = (world: TestWorld, check: object): Trial =>
  probeWebSocket(
    world.network,
    world.clock,
    { url: `ws://${address}/`, timeout, send: '', expectText: '', ...check },
    { authorization: '' },
  )
