/**
 * The walls are load-bearing: the compiler itself refuses a timer in `policy` and an import of
 * `mqtt` in `store`. Proved on a copy of these rooms, with the project files of the house.
 */

import { execFile } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import should from 'should'
import { checkout } from '../../tools/common/user-dir.js'

const compiler = join(checkout, 'node_modules', 'typescript', 'bin', 'tsc')
const copied = ['tsconfig.json', 'src/base', 'src/policy', 'src/store', 'src/mqtt']

describe('a build', function () {
  this.timeout(120_000)

  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-walls-'))
    for (const path of copied)
      cpSync(join(checkout, path), join(directory, path), { recursive: true })
    symlinkSync(join(checkout, 'node_modules'), join(directory, 'node_modules'), 'dir')
  })

  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  it('succeeds as things are', async () => {
    should(await build('src/policy', 'src/store')).equal('')
  })

  it('fails when policy sets a timer', async () => {
    append('src/policy/back-off.ts', 'setTimeout(() => {}, 1000)')
    const said = await build('src/policy')
    said.should.match(/policy\/back-off\.ts.*error TS\d+: Cannot find name 'setTimeout'/)
  })

  it('fails when policy imports a file module', async () => {
    append(
      'src/policy/back-off.ts',
      "import 'node:fs'; import { readFile } from 'node:fs'; readFile",
    )
    should(await build('src/policy')).match(/policy\/back-off\.ts.*error TS\d+: Cannot find module/)
  })

  it('fails when store imports from mqtt', async () => {
    append('src/store/settings.ts', "export type { Server } from '../mqtt/wire.js'")
    should(await build('src/store')).match(/error TS6307: .*mqtt\/wire\.ts/)
  })

  function append(path: string, line: string): void {
    appendFileSync(join(directory, path), `\n${line}\n`)
  }

  /** What the compiler complains about; '' when it is content. */
  function build(...projects: string[]): Promise<string> {
    return new Promise((resolve) => {
      const args = [compiler, '-b', '--pretty', 'false', ...projects]
      execFile(process.execPath, args, { cwd: directory }, (error, stdout, stderr) => {
        resolve(error === null ? '' : `${stdout}${stderr}` || String(error))
      })
    })
  }
})
