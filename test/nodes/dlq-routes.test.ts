/**
 * The admin routes of dead letters in Node-RED's test helper: what they show, what they change, and
 * that nothing a person or a program sends makes them answer anything but JSON.
 */

import fc from 'fast-check'
import should from 'should'
import type { NodeRed } from '../../nodes/common/node-red.js'
import { dlq } from '../../nodes/dlq/dlq.js'
import type { World } from '../../src/base/ports.js'
import { helper } from '../world/flow-helper.js'
import { GuardedFlow, section } from '../world/guarded-flow.js'

interface Told {
  readonly status: number
  readonly text: string
  readonly body: Readonly<Record<string, never>> & {
    readonly items?: readonly Item[]
    readonly error?: { readonly code: string; readonly field?: string; readonly text: string }
  }
}

interface Item {
  readonly id: string
  readonly cause: string
  readonly msg?: unknown
}

describe('the admin routes of dead letters', () => {
  let flow: GuardedFlow

  beforeEach(async () => {
    flow = new GuardedFlow()
    await flow.start([dlq], { type: 'dlq', name: 'Orders', redriveSchedule: 'off' })
  })

  afterEach(() => flow.stop())

  it('list the nodes and tell the figures of one', async () => {
    await fail({ payload: 1 })
    const { items, total } = (await get('')).body
    should({ items, total }).match({ total: 1, items: [{ id: flow.id, name: 'Orders' }] })
    const { body } = await get(`/${flow.id}`)
    should(body).match({ id: flow.id, waiting: 1, causes: 1, fresh: 1, nextAt: null })
  })

  it('list causes and letters in pages, without messages', async () => {
    for (const n of [1, 2, 3]) await fail({ payload: n }, `error ${n}`)
    await fail({ payload: 4 }, 'timed out')
    const { items: causes = [] } = (await get(`/${flow.id}/groups`)).body
    causes.map((each) => Reflect.get(each, 'count')).should.eql([1, 3])
    const first = (await get(`/${flow.id}/letters?limit=3`)).body
    should(first).match({ total: 4 })
    should(first.items?.length).equal(3)
    first.items?.some((each) => 'msg' in each).should.be.false()
    const second = (await get(`/${flow.id}/letters?limit=3&after=${first['next']}`)).body
    should([second.items?.length, second['next']]).eql([1, null])
  })

  it('filter by cause, reason, state and a plain piece of text', async () => {
    await fail({ payload: 1 }, 'a (b|c)+ d')
    await fail({ payload: 2 }, 'timed out')
    const found = async (query: string) => (await get(`/${flow.id}/letters?${query}`)).body['total']
    should(await found('text=TIMED')).equal(1)
    should(await found(`text=${encodeURIComponent('(b|c)+')}`)).equal(1)
    should(await found(`text=${encodeURIComponent('.*')}`)).equal(0)
    should(await found('reason=max-attempts')).equal(2)
    should(await found('state=given-up')).equal(0)
    const { items: [{ cause = '' } = {}] = [] } = (await get(`/${flow.id}/letters`)).body
    should(await found(`cause=${cause}`)).equal(1)
    refused(await get(`/${flow.id}/letters?state=x`), 400, 'COMMAND_INVALID', 'state')
  })

  it('answer a filter of 1,000 characters that would run for ever as a pattern', async () => {
    await fail({ payload: 1 }, 'a'.repeat(1000))
    const evil = encodeURIComponent(`${'(a+'.repeat(160)}b${')+'.repeat(100)}$`)
    should((await get(`/${flow.id}/letters?text=${evil}`)).body['total']).equal(0)
    refused(
      await get(`/${flow.id}/letters?text=${'x'.repeat(1001)}`),
      400,
      'COMMAND_INVALID',
      'text',
    )
  })

  it('show the newest with their messages, and the whole story of one', async () => {
    await fail({ payload: { order: 4710, bytes: Buffer.from([1, 2]) } })
    const { items: [peeked] = [] } = (await get(`/${flow.id}/peek?count=1`)).body
    should(peeked?.msg).match({ payload: { order: 4710, bytes: { type: 'Buffer', data: [1, 2] } } })
    const { body } = await get(`/${flow.id}/letters/${peeked?.id}`)
    should(body).match({
      path: ['f1'],
      source: 'f1',
      failures: [{ code: 'TypeError', attempt: 1 }],
    })
    should(body['msg']).match({ payload: { order: 4710 } })
    should(body['kinds']).eql({ 'payload.bytes': 'Buffer' })
    refused(await get(`/${flow.id}/letters/none`), 404, 'LETTER_GONE')
    refused(await get('/none/letters'), 404, 'NOT_FOUND')
  })

  it('start one redrive at a time, show how far it is, and cancel it', async () => {
    for (const payload of [1, 2, 3]) await fail({ payload })
    flow.machine.state = 'silent'
    const started = await post('/retry', { all: true, canary: true })
    should(started.status).equal(202)
    await flow.turns()
    const job = started.body['job']
    should((await get(`/${flow.id}/jobs/${job}`)).body).match({
      total: 3,
      out: 1,
      state: 'running',
    })
    refused(await post('/retry', { all: true }), 409, 'JOB_RUNNING')
    const cancelled = await ask()
      .delete(`/resilience/dlq/${flow.id}/jobs/${job}`)
      .set(...json)
    should(cancelled.status).equal(200)
    flow.machine.answer()
    await flow.turns()
    should((await get(`/${flow.id}/jobs/${job}`)).body).match({ ok: 1, state: 'cancelled' })
    refused(await get(`/${flow.id}/jobs/none`), 404, 'NOT_FOUND')
  })

  it('take a selection, a rate and care for a redrive, and nothing that is wrong', async () => {
    for (const payload of [1, 2]) await fail({ payload }, `error of ${payload === 1 ? 'a' : 'b'}`)
    const { items: [{ cause = '', id = '' } = {}] = [] } = (await get(`/${flow.id}/letters`)).body
    const wrong = [{}, { ids: 'a' }, { all: 'yes' }, { filter: 7 }, { ids: [id], rate: 'fast' }]
    for (const body of wrong) refused(await post('/retry', body), 400, 'COMMAND_INVALID')
    refused(await post('/retry', { ids: ['none'] }), 404, 'LETTER_GONE')
    should((await post('/retry', { cause, rate: '50/s', canary: false })).status).equal(202)
    await flow.turns()
    flow.machine.given.map((msg) => msg['payload']).should.eql([2])
    should((await post('/retry', { filter: { text: 'error of a' } })).status).equal(202)
    await flow.turns()
    flow.machine.given.map((msg) => msg['payload']).should.eql([2, 1])
  })

  it('keep an edited copy with a link, and send it round', async () => {
    await fail({ payload: { order: 1 }, at: new Date(5), raw: Buffer.from([7]) })
    const { items: [{ id = '', msg } = {}] = [] } = (await get(`/${flow.id}/peek`)).body
    const edited = { ...(msg as object), payload: { order: 2 } }
    const { body } = await post(`/letters/${id}/edit`, { msg: edited, redrive: true })
    should(body['id']).not.equal(id)
    await flow.turns()
    const [given] = flow.machine.given
    should(given).match({ payload: { order: 2 }, at: new Date(5), raw: Buffer.from([7]) })
    should(section(given)['deadLetter']).containEql({ editedFrom: id })
    should((await get(`/${flow.id}`)).body).match({ waiting: 0, resolved: 1 })
    refused(await post(`/letters/${id}/edit`, { msg: edited }), 404, 'LETTER_GONE')
    refused(await post(`/letters/${id}/edit`, { msg: 7 }), 400, 'COMMAND_INVALID', 'msg')
  })

  it('edit nothing when the copy could not be sent round', async () => {
    await flow.stop()
    const settings = { redriveSchedule: 'off', redriveTo: 'source' }
    await flow.start([dlq], { type: 'dlq', name: 'Orders', ...settings })
    await fail({ payload: 1 })
    const { items: [{ id = '', msg } = {}] = [] } = (await get(`/${flow.id}/peek`)).body
    refused(await post(`/letters/${id}/edit`, { msg, redrive: true }), 409, 'SOURCE_GONE')
    should((await get(`/${flow.id}`)).body).match({ waiting: 1, resolved: 0 })
    should((await post(`/letters/${id}/edit`, { msg })).status).equal(200)
    should((await get(`/${flow.id}`)).body).match({ waiting: 1, resolved: 1 })
  })

  it('delete letters so that it can be undone', async () => {
    for (const payload of [1, 2]) await fail({ payload })
    const { items = [] } = (await get(`/${flow.id}/letters`)).body
    const ids = items.map(({ id }) => id)
    should((await post('/letters/delete', { ids })).body).eql({ count: 2 })
    should((await get(`/${flow.id}/letters?aside=deleted`)).body['total']).equal(2)
    should((await post('/letters/restore', { ids: [ids[0]] })).body).eql({ count: 1 })
    should((await post('/clear', { confirm: true })).body).eql({ count: 1 })
    refused(await post('/clear', {}), 400, 'COMMAND_INVALID', 'confirm')
    should((await post('/clear-given-up', { confirm: true })).body).eql({ count: 0 })
    refused(await post('/letters/delete', { ids: [7] }), 400, 'COMMAND_INVALID', 'ids')
  })

  it('keep a note about a cause, and know what a person has seen', async () => {
    await fail({ payload: 1 })
    const { items: [{ cause = '' } = {}] = [] } = (await get(`/${flow.id}/groups`)).body
    await post(`/groups/${cause}/note`, { note: 'ERP update at 14:30' })
    const { items: [group] = [] } = (await get(`/${flow.id}/groups`)).body
    should(group).match({ note: 'ERP update at 14:30' })
    refused(await post(`/groups/${cause}/note`, { note: 'x'.repeat(1025) }), 400, 'COMMAND_INVALID')
    should((await post('/seen', {})).status).equal(200)
    should((await get(`/${flow.id}`)).body).match({ fresh: 0 })
  })

  it('carry letters to another gateway and back', async () => {
    for (const payload of [1, 2]) await fail({ payload })
    const { text } = await get(`/${flow.id}/export`)
    text.trim().split('\n').length.should.equal(2)
    const bring = (body: string) =>
      ask()
        .post(`/resilience/dlq/${flow.id}/import`)
        .set('Content-Type', 'application/x-ndjson')
        .send(body)
    should((await bring(text)).body).match({ imported: 0, known: 2, wrong: 0 })
    await flow.order('purge', { confirm: true })
    should((await bring(`${text}nonsense\n`)).body).match({
      imported: 2,
      wrong: 1,
      wrongLines: [3],
    })
    should((await get(`/${flow.id}`)).body).match({ waiting: 2 })
    refused(await post('/import', {}), 415, 'CONTENT_TYPE_REFUSED')
  })

  it('hide every message where settings.js says so', async () => {
    await flow.stop()
    await flow.start([withoutPayloads], { type: 'dlq' })
    await fail({ payload: 'secret' })
    const { items: [peeked] = [] } = (await get(`/${flow.id}/peek`)).body
    should(peeked?.msg).be.null()
    const { text } = await get(`/${flow.id}/letters/${peeked?.id}`)
    text.should.not.containEql('secret')
    refused(await get(`/${flow.id}/export`), 403, 'PAYLOADS_HIDDEN')
  })

  it('take anything at all and answer with JSON', async () => {
    await fail({ payload: 1 })
    const { items: [{ id = '' } = {}] = [] } = (await get(`/${flow.id}/letters`)).body
    const paths = ['/retry', `/letters/${id}/edit`, '/letters/delete', '/letters/restore', '/clear']
    const fields = ['ids', 'cause', 'filter', 'all', 'rate', 'canary', 'msg', 'redrive', 'confirm']
    const value = fc.oneof(fc.jsonValue(), fc.constant(JSON.parse('{"__proto__": {"a": 1}}')))
    const body = fc.dictionary(fc.constantFrom(...fields, '__proto__'), value, { maxKeys: 4 })
    const one = fc.asyncProperty(fc.constantFrom(...paths), body, async (path, sent) => {
      const { status, text } = await post(path, sent)
      should([200, 202, 400, 404, 409]).containEql(status)
      JSON.parse(text)
      text.should.not.match(/at .*\.js:\d+/)
    })
    await fc.assert(one, { numRuns: 60, seed: 11 })
    const deep = `{"msg":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`
    refused(await post(`/letters/${id}/edit`, deep), 400, 'COMMAND_INVALID')
  }).timeout(30_000)

  const json = ['Content-Type', 'application/json'] as const

  const ask = () => helper.request<Told>()

  const get = (path: string) => ask().get(`/resilience/dlq${path}`)

  const post = (path: string, body: unknown) =>
    ask()
      .post(`/resilience/dlq/${flow.id}${path}`)
      .set(...json)
      .send(body)

  const fail = (msg: object, message = 'no such field') => {
    const source = { id: 'f1', type: 'function', name: 'map', count: 1 }
    const stack = `TypeError: ${message}\n    at Function [f1]:3:5`
    return flow.send({ ...msg, error: { message, stack, source } })
  }
})

/** As settings.js has it. */
const withoutPayloads = (world: World) => (RED: NodeRed) =>
  dlq(world)({ ...RED, settings: { ...RED.settings, resilience: { showPayloads: false } } })

function refused(told: Told, status: number, code: string, field?: string): void {
  const { error } = told.body
  should({ status: told.status, code: error?.code }).eql({ status, code })
  if (field !== undefined) should(error?.field).equal(field)
}
