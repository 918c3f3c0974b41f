/**
 * The scenario table of downstream.md on a real Node-RED: every row a tab, all at once, so that
 * each also shows that the others do not disturb it; with asynchronous contexts and without. Waits
 * for ends, never for a time.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import type { Event } from '../../src/base/event.js'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, prepareUserDir } from '../../tools/common/user-dir.js'
import type { ProbeReport } from '../world/outcome-probe.js'
import type { Row } from '../world/outcome-rows.js'
import { flowOf, writeProbePackage } from '../world/outcome-scene.js'
import { outsideRows, plainRows, shapeRows } from '../world/outcome-table.js'
import { mannerRows, modeRows } from '../world/outcome-table-manners.js'

const early = ['any-arity', 'done-first', 'function', 'legacy-async', 'legacy-async-error']
/** Its error comes after it has said done, with nothing that tells whose it is. */
const unsure = { outcome: 'unsure', code: 'OUTCOME_UNSURE', marks: 1 }

describe('how a message ended, in a real Node-RED', function () {
  this.timeout(120_000)
  compared(true, [...early, 'socket-early', 'trigger'], {})
})

describe('how a message ended, without asynchronous contexts', function () {
  this.timeout(120_000)
  const seen = ['any-arity', 'done-first', 'legacy-async']
  compared(false, seen, { 'file, no such directory': unsure })
})

/** `others`: ends that are not those of the table. */
function compared(
  asyncContext: boolean,
  named: readonly string[],
  others: Readonly<Record<string, object>>,
): void {
  let directory: string
  let server: Server
  let nodeRed: NodeRedProcess
  const reports = new Map<string, ProbeReport[]>()
  const lateSenders = new Set<string>()
  let rows: readonly Row[]

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-outcomes-'))
    server = createServer(({ url }, response) => {
      response.statusCode = Number(url?.slice(1)) || 200
      response.end('answer')
    })
    const port = await freePort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const ground = { http: `http://127.0.0.1:${port}`, refusedPort: await freePort(), directory }
    rows = [...plainRows, ...shapeRows, ...outsideRows(ground), ...mannerRows, ...modeRows]
    await run()
  })

  after(async () => {
    await nodeRed?.kill()
    server.close()
    rmSync(directory, { recursive: true, force: true })
  })

  /** Resolves when every message of every row has ended. */
  async function run(): Promise<void> {
    const userDir = join(directory, 'user')
    const packages = [checkout, writeProbePackage(directory)]
    const settings = { resilience: { asyncContext } }
    prepareUserDir(userDir, { packages, flows: flowOf(rows), settings })
    let left = rows.reduce((sum, { messages = 1 }) => sum + messages, 0)
    let finish = () => {}
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const onReport = (line: string) => {
      const report: ProbeReport & { event?: Event } = JSON.parse(line)
      const { event } = report
      if (event?.kind === 'outcome.late-sender') lateSenders.add(event.watched.type)
      if (report.outcome === undefined) return
      reports.set(report.scenario, [...(reports.get(report.scenario) ?? []), report])
      if (--left === 0) finish()
    }
    nodeRed = await NodeRedProcess.start({ userDir, port: await freePort(), onReport })
    await finished
  }

  it('names those that were told too early, and no other', () => {
    should([...lateSenders].sort()).eql(named)
  })

  const ground = { http: '', refusedPort: 0, directory: '' }
  const all = [...plainRows, ...shapeRows, ...outsideRows(ground), ...mannerRows, ...modeRows]
  for (const { name, ends, messages = 1 } of all) {
    const expected = { ...ends, ...others[name] }
    it(`${name}: ${expected.outcome}`, () => {
      const told = reports.get(name) ?? []
      should(told.length).equal(messages)
      const [last] = told.slice(-1)
      should(last).containEql({ isHandedOver: false, ...expected })
    })
  }
}
