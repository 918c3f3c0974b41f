/**
 * Answers of ours beside routes of flows, in the Express that Node-RED brings: whose answer goes
 * out, whatever way a flow's route came to be, and what is no path of ours.
 */

import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import should from 'should'
import type { AdminApp, AdminHandler, DeployedNode, NodeRed } from '../../nodes/common/node-red.js'
import { mountAtRoot } from '../../nodes/common/node-root.js'
import { runtime } from '../world/flow-helper.js'

type Answering = (...of: Parameters<AdminHandler>) => unknown

/** As `http in` uses it. */
interface Express extends AdminApp {
  get(path: string, answering: Answering): void
  post(path: string, answering: Answering): void
  _router: { stack: NonNullable<AdminApp['_router']>['stack'][number][] }
}

const express: () => Express & RequestListener = createRequire(runtime)('express')
const mine: Answering = (_message, response) => response.end('mine')

describe('an answer on the address of the HTTP nodes', () => {
  let app: Express & RequestListener
  let server: ReturnType<typeof createServer>
  let isShown: boolean
  let deployed: DeployedNode[]
  let log: string[]

  beforeEach(async () => {
    app = express()
    isShown = true
    deployed = []
    log = []
    mount(app)
    server = createServer((message, response) => app(message, response))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  })

  afterEach(() => new Promise((done) => server.close(done)))

  it('is at these paths in any case, with a slash at the end and a query, and nowhere else', async () => {
    should(await ask('/health')).equal('ours /health')
    for (const path of ['/HEALTH/?verbose', '/health/', '/health?']) {
      should(await ask(path)).equal('ours /health')
    }
    should(await ask('/health/live')).equal('ours /health/live')
    for (const path of ['/', '/health/x', '/healthy', '/x/health', '/h%65alth', '/__proto__']) {
      should(await ask(path)).equal(404, path)
    }
    should(await ask('/health', 'POST')).equal(404)
    isShown = false
    should(await ask('/health')).equal(404)
  })

  for (const url of ['/health', '/HEALTH/', '/:page', '/*', '*', '/h(ea)?lth', '/:page?/']) {
    it(`is not where a flow answers at ${url}, until that is gone`, async () => {
      app.get(url, mine)
      should(await ask('/health')).equal('mine')
      should(await ask('/health', 'HEAD')).equal('')
      log.should.eql(['ready.taken /health'])
      app._router.stack.pop()
      should(await ask('/health')).equal('ours /health')
    })
  }

  it('stays where a flow answers elsewhere, or to other methods', async () => {
    app.get('/health/:part', mine)
    app.post('/health', mine)
    app.use('/', (_message, _response, next) => next())
    should(await ask('/health')).equal('ours /health')
    should(await ask('/health/live')).equal('mine')
  })

  it('stays where a route before it had its turn', async () => {
    app = express()
    app.get('/health', (_message, _response, next) => next())
    mount(app)
    should(await ask('/health')).equal('ours /health')
    log.should.eql([])
  })

  it('goes by the flow where what runs cannot be read', async () => {
    const at = { id: 'own', type: 'http in', method: 'get' }
    app = express()
    mount({ use: app.use.bind(app) })
    app.get('/health', mine)
    for (const [url, answer] of [
      ['/health', 'mine'],
      ['Health/', 'mine'],
      ['/other', 'ours /health'],
      [5, 'ours /health'],
    ] as const) {
      deployed = [{ ...at, url }]
      should(await ask('/health')).equal(answer, String(url))
    }
  })

  function mount(root: AdminApp): void {
    mountAtRoot(runtimeOf(), root, {
      ...{ paths: ['/health', '/health/live'], taken: 'ready.taken', isShown: () => isShown },
      answer: (path, _message, response) => response.end(`ours ${path}`),
    })
  }

  function runtimeOf(): NodeRed {
    const nodes = {
      eachNode: (call: (node: DeployedNode) => void) => deployed.forEach(call),
      getNode: () => ({}),
    }
    const _ = (key: string, { path }: { path: string }) => `${key.split(':')[1]} ${path}`
    return { nodes, _, log: { warn: (line: string) => log.push(line) } } as unknown as NodeRed
  }

  async function ask(path: string, method = 'GET'): Promise<string | number> {
    const { port } = server.address() as AddressInfo
    const headers = { connection: 'close' }
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers })
    const text = await answer.text()
    return answer.status === 200 ? text : answer.status
  }
})
