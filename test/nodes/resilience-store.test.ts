/**
 * `resilience-store` and the nodes that use it: what is given wins, what is left open is inherited,
 * two queues keep apart, and a store that is missing is no reason to keep messages elsewhere.
 */

import should from 'should'
import { builtInLimits } from '../../nodes/common/limits.js'
import { Stores } from '../../nodes/common/stores.js'
import { persistentQueue } from '../../nodes/persistent-queue/persistent-queue.js'
import * as queue from '../../nodes/persistent-queue/persistent-queue.settings.js'
import { resilienceStore } from '../../nodes/resilience-store/resilience-store.js'
import * as store from '../../nodes/resilience-store/resilience-store.settings.js'
import { codeOf, GuardedFlow, section } from '../world/guarded-flow.js'

describe('the settings of a store', () => {
  it('are what is built in where nothing is said', () => {
    const { settings, wrong } = store.parse({})
    wrong.should.eql([])
    settings.should.eql({ root: undefined, limits: builtInLimits, durability: { is: 'each' } })
    store.parse(store.defaults).settings.should.eql(settings)
  })

  it('refuse a directory that is not a full path', () => {
    for (const directory of ['data', './data', 'C:', 'a\0b', '']) {
      const [defect] = store.parse({ directory }).wrong
      should(defect?.required).equal(directory === '' ? undefined : true, directory)
    }
    for (const directory of ['/mnt/ssd', 'D:\\data', '/']) {
      store.parse({ directory }).wrong.should.eql([])
    }
    should(store.parse({ directory: '/mnt/ssd//' }).settings.root).equal('/mnt/ssd')
  })

  it('are inherited where a node leaves them open, and nowhere else', () => {
    const stores = new Stores()
    const form = { directory: '/ssd', maxSize: '2GB', maxAge: '1d', durability: '1s' }
    const forget = stores.declare('s', store.parse(form).settings)
    const own = queue.parse({ store: 's', maxAge: 'unlimited' }).settings.storage
    const storage = stores.storageOf(own, (root) => `${root}/q`)
    should(storage).match({ directory: '/ssd/q', durability: { is: 'interval', every: 1000 } })
    should(storage.limits).eql({ ...builtInLimits, maxBytes: 2 * 1024 ** 3, maxAge: 'unlimited' })
    forget()
    should(() => stores.storageOf(own, String)).throw({ code: 'SETTINGS_INVALID' })
  })
})

describe('the settings of a persistent queue', () => {
  it('are the defaults for what is absent, silently', () => {
    const { settings, wrong } = queue.parse({})
    wrong.should.eql([])
    should(settings).match({
      releasing: {
        ...{ attempts: 5, maxInFlight: 1, hasLanes: false, rate: {} },
        backOff: { initial: 1000, factor: 2, max: 300_000, jitter: 0.5 },
      },
      ...{ key: { is: 'none' }, priority: { is: 'none' }, breaker: '', leavesOut: false },
      outcome: { mode: 'downstream', timeoutMs: 30_000 },
    })
    queue.parse(queue.defaults).should.eql(queue.parse({}))
  })

  it('take what a person may write, and say what is wrong', () => {
    const form = {
      ...{ maxInFlight: '20', rateLimit: '50/s', key: 'topic', keyType: 'msg' },
      ...{ attempts: 'unlimited', outcomeMode: 'released', leaveOutUnstorable: 'true' },
    }
    const { settings, wrong } = queue.parse(form)
    wrong.should.eql([])
    should(settings.releasing).match({ maxInFlight: 20, hasLanes: true, attempts: 'unlimited' })
    settings.leavesOut.should.be.true()
    const bad = { maxInFlight: '0', rateLimit: 'fast', keyType: 'jsonata', backoffMax: '10ms' }
    const fields = queue.parse(bad).wrong.map(({ field }) => field)
    fields.sort().should.eql(['backoffMax', 'key', 'maxInFlight', 'rateLimit'])
  })
})

describe('queues on one store', () => {
  let flow: GuardedFlow

  beforeEach(() => {
    flow = new GuardedFlow()
  })

  afterEach(() => flow.stop())

  it('keep apart', async () => {
    const other = {
      id: 'other-queue',
      type: 'persistent-queue',
      store: 'ssd',
      wires: [[], ['aside']],
    }
    await flow.start([resilienceStore, persistentQueue], own({ store: 'ssd' }), [other], [ssd])
    await flow.order('pause')
    await flow.send({ payload: 1 })
    flow.giveTo('other-queue', { payload: 2 })
    await flow.turns()
    should(await flow.order('status')).containEql({ waiting: 1 })
    const found = (await flow.order('peek')) as { payload: number }[]
    found.map(({ payload }) => payload).should.eql([1])
  })

  it('are full by the limits of the store', async () => {
    await flow.start([resilienceStore, persistentQueue], own({ store: 'ssd' }), [], [ssd])
    await flow.order('pause')
    for (const payload of [1, 2, 3]) await flow.send({ payload })
    const aside = await flow.aside.first(2)
    should(section(aside.at(-1))['reason']).equal('overflow')
  })

  it('tell how much stays behind when their directory was changed, once', async () => {
    const configs = [ssd, { ...ssd, id: 'hdd', directory: '/mnt/hdd' }]
    const deploy = (store: string) =>
      flow.start([resilienceStore, persistentQueue], own({ store }), [], configs)
    const told = () => flow.log.filter((text) => text.includes('leftBehind'))
    await deploy('ssd')
    await flow.order('pause')
    await flow.send({ payload: 1 })
    for (const [store, times] of [
      ['ssd', 0],
      ['hdd', 1],
      ['hdd', 0],
    ] as const) {
      await flow.stop()
      await deploy(store)
      await flow.turns()
      told().length.should.equal(times, store)
    }
    await flow.stop()
    await deploy('ssd')
    should(await flow.order('status')).containEql({ waiting: 1 })
  })

  it('refuse input while their store is missing', async () => {
    await flow.start([resilienceStore, persistentQueue], own({ store: 'gone' }), [], [ssd])
    await flow.send({ payload: 1 })
    flow.caught.all.map(codeOf).should.eql(['SETTINGS_INVALID'])
  })

  const ssd = { id: 'ssd', type: 'resilience-store', directory: '/mnt/ssd', maxMessages: '2' }
  const own = (fields: object) => ({ type: 'persistent-queue', freeDisk: '0B', ...fields })
})
