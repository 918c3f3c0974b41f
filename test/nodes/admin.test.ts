/**
 * The frame of the admin routes, in Node-RED's test helper with its own reader of bodies: what is
 * answered, what is refused and with which words, and that no request makes it show a stack.
 */

import fc from 'fast-check'
import should from 'should'
import { Admin, adminOf } from '../../nodes/common/admin.js'
import { Answer, Download } from '../../nodes/common/admin-answer.js'
import type { NodeRed } from '../../nodes/common/node-red.js'
import { Fault } from '../../src/base/fault.js'
import { helper, runtime as nodeRed } from '../world/flow-helper.js'

interface Told {
  readonly status: number
  readonly body: { readonly error?: { readonly code: string; readonly field?: string } }
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
}

const json = 'application/json'

describe('the admin routes', () => {
  let runtime: NodeRed

  beforeEach(async () => {
    helper.init(nodeRed)
    const room = (RED: NodeRed) => {
      runtime = RED
      const admin = adminOf(RED)
      if (admin === undefined) throw new Error('the helper has an admin address')
      routes(admin)
    }
    await helper.load([room], [{ id: 'tab', type: 'tab' }])
  })

  afterEach(() => helper.unload())

  it('answer what was asked for, as JSON that nobody keeps', async () => {
    const told = await ask().get('/resilience/things/a%20b')
    should(told.body).eql({ id: 'a b' })
    should(told.headers['content-type']).equal('application/json; charset=utf-8')
    should(told.headers['cache-control']).equal('no-store')
  })

  it('answer with a status of their own', async () => {
    const told = await ask().post('/resilience/things').set('Content-Type', json).send({ a: 1 })
    should([told.status, told.body]).eql([202, { job: 1 }])
  })

  it('are the same for two rooms of one runtime', () => {
    should(adminOf(runtime)).equal(adminOf(runtime))
  })

  it('show payloads unless settings.js hides them, in whatever form', () => {
    const shows = (resilience: unknown) =>
      new Admin({ ...runtime, settings: { ...runtime.settings, resilience } }).showsPayloads
    for (const section of [undefined, 'x', {}, { showPayloads: true }])
      shows(section).should.be.true()
    for (const showPayloads of [false, 'false', 0]) shows({ showPayloads }).should.be.false()
  })

  it('say once that they are open, unless nobody can reach them', () => {
    const told = (settings: object) => {
      const lines: string[] = []
      const log = { ...runtime.log, info: (line: string) => lines.push(line) }
      const httpAdmin = { use() {} }
      for (let times = 0; times < 2; times++) {
        adminOf({ ...runtime, httpAdmin, settings, log } as unknown as NodeRed)
      }
      return lines.length
    }
    should(told({})).equal(1)
    should(told({ adminAuth: {} })).equal(0)
    should(told({ httpAdminRoot: false })).equal(0)
  })

  it('tell of an unknown route without a page', async () => {
    for (const path of ['/resilience', '/resilience/', '/resilience/x', '/resilience/things/a/b']) {
      refused(await ask().get(path), 404, 'NOT_FOUND')
    }
    refused(await ask().delete('/resilience/things').set('Content-Type', json), 404, 'NOT_FOUND')
  })

  const wrong = ['0', '501', '-1', '1.5', 'x', '1e3', ' 1', '9999999999']
  for (const limit of wrong) {
    it(`refuse ${JSON.stringify(limit)} as a limit and name the field`, async () => {
      const told = await ask().get(`/resilience/list?limit=${encodeURIComponent(limit)}`)
      refused(told, 400, 'COMMAND_INVALID', 'limit')
    })
  }

  it('give a list in pieces of 50, 500 at most', async () => {
    should((await ask().get('/resilience/list')).body).eql({ limit: 50, after: null })
    const { body } = await ask().get('/resilience/list?limit=500&after=x')
    should(body).eql({ limit: 500, after: 'x' })
  })

  it('refuse what would change something and does not come as JSON', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      const told = await ask().post('/resilience/things').set('Content-Type', type).send('a=1')
      refused(told, 415, 'CONTENT_TYPE_REFUSED')
    }
    refused(await ask().post('/resilience/things'), 415, 'CONTENT_TYPE_REFUSED')
    refused(await ask().delete('/resilience/things/a'), 415, 'CONTENT_TYPE_REFUSED')
  })

  it('refuse a body that is no object, no JSON, or too large', async () => {
    refused(await post('[1]'), 400, 'COMMAND_INVALID', 'body')
    refused(await post('{"a":'), 400, 'COMMAND_INVALID', 'body')
    refused(await post(JSON.stringify({ a: 'x'.repeat(1 << 20) })), 413, 'PAYLOAD_TOO_LARGE')
    refused(await post(JSON.stringify({ a: 'x'.repeat(6 << 20) })), 413, 'PAYLOAD_TOO_LARGE')
  })

  it('refuse a page of somebody else, and nobody who has a token', async () => {
    const from = (origin: string) => ask().get('/resilience/list').set('Origin', origin)
    refused(await from('http://evil.example'), 403, 'ORIGIN_REFUSED')
    refused(await from('null'), 403, 'ORIGIN_REFUSED')
    const site = ask().get('/resilience/list').set('Sec-Fetch-Site', 'cross-site')
    refused(await site, 403, 'ORIGIN_REFUSED')
    const known = [
      from('http://evil.example').set('Authorization', 'Bearer x'),
      from('http://gw:1880').set('Host', 'gw:1880'),
      from('https://gw.example').set('X-Forwarded-Host', 'gw.example'),
      ask().get('/resilience/list').set('Sec-Fetch-Site', 'same-origin'),
    ]
    for (const asked of known) should((await asked).status).equal(200)
  })

  it('say no more of a mistake than that there was one', async () => {
    const told = await ask().get('/resilience/mistake')
    refused(told, 503, 'UNEXPECTED')
    told.text.should.not.containEql('secret')
  })

  it('give a download line by line', async () => {
    const told = await ask().get('/resilience/lines')
    should(told.text).equal('1\n2\n3\n')
    should(told.headers['content-disposition']).equal('attachment; filename="a_b.ndjson"')
  })

  it('break a download off that cannot be completed', async () => {
    const asked = Promise.resolve(ask().get('/resilience/broken-lines'))
    await asked.should.be.rejected()
  })

  it('take any request without showing a stack', async () => {
    const path = fc.string({ unit: 'binary', maxLength: 40 }).map(encodeURIComponent)
    const body = fc.oneof(fc.json(), fc.string({ maxLength: 60 }))
    const one = fc.asyncProperty(path, body, async (part, text) => {
      const told = [
        await ask().get(`/resilience/${part}?limit=${part}`),
        await ask().post(`/resilience/things?x=${part}`).set('Content-Type', json).send(text),
      ]
      for (const { status, text: said } of told) {
        should([200, 202, 400, 404]).containEql(status)
        said.should.not.match(/at .*\.js:\d+|<html/)
      }
    })
    await fc.assert(one, { numRuns: 25, seed: 7 })
  })

  const ask = () => helper.request<Told>()

  const post = (text: string) =>
    ask().post('/resilience/things').set('Content-Type', json).send(text)
})

function routes(admin: Admin): void {
  admin.get('/things/:id', (request) => ({ id: request.param('id') }))
  admin.delete('/things/:id', () => undefined)
  admin.post('/things', () => new Answer(202, { job: 1 }))
  admin.get('/list', (request) => {
    const { limit, after = null } = request.page()
    return { limit, after }
  })
  admin.get('/mistake', () => {
    throw new Error('secret')
  })
  admin.get('/lines', () => new Download('a/b.ndjson', lines(false)))
  admin.get('/broken-lines', () => new Download('broken', lines(true)))
}

async function* lines(isBroken: boolean): AsyncGenerator<Uint8Array> {
  for (const line of ['1', '2', '3']) {
    yield Buffer.from(`${line}\n`)
    if (isBroken) throw new Fault('DISK_UNWRITABLE')
  }
}

function refused(told: Told, status: number, code: string, field?: string): void {
  should({ status: told.status, code: told.body.error?.code, field: told.body.error?.field }).eql({
    ...{ status, code, field },
  })
}
