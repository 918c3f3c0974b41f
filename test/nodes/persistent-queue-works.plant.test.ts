/**
 * A persistent queue in a real Node-RED before work of many kinds, through a kill and a full deploy
 * in mid drain: nothing is lost, order is kept, the balance is exact. Begun by HOLDFAST_MESSAGES of
 * 1,000 or more; 200 messages each.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { worksLife, worksMessages } from '../world/queue-works-life.js'

const isLong = Number(process.env['HOLDFAST_MESSAGES'] ?? 0) >= 1000

if (isLong) {
  describe('a persistent queue before work of many kinds', function () {
    this.timeout(300_000)

    let directory: string

    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'holdfast-works-'))
    })

    afterEach(() => rmSync(directory, { recursive: true, force: true }))

    it(`loses none of ${worksMessages} messages each`, async () => {
      for (const line of await worksLife(directory, ['kill', 'full'])) {
        process.stdout.write(`      ${line}\n`)
      }
    })
  })
}
