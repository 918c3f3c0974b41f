/**
 * The package as a user gets it: packed from the checkout, installed by npm into an empty user
 * directory, removed and installed again. It starts nothing and never touches another directory.
 */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { checkout } from '../../tools/common/user-dir.js'

const run = promisify(execFile)
const quiet = ['--prefer-offline', '--no-audit', '--no-fund']

export class InstalledPackage {
  readonly userDir: string
  /** What is in the tarball. */
  readonly packed: readonly string[]
  readonly #directory: string
  readonly #tarball: string

  private constructor(directory: string, tarball: string, packed: readonly string[]) {
    this.userDir = join(directory, 'user-dir')
    this.packed = packed
    this.#directory = directory
    this.#tarball = tarball
  }

  static async make(): Promise<InstalledPackage> {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-package-'))
    const { file, paths } = await pack(directory)
    const made = new InstalledPackage(directory, file, paths)
    mkdirSync(made.userDir)
    await made.install()
    return made
  }

  async install(): Promise<void> {
    await run('npm', ['install', ...quiet, this.#tarball], { cwd: this.userDir })
  }

  async remove(name: string): Promise<void> {
    await run('npm', ['remove', ...quiet, name], { cwd: this.userDir })
  }

  /** What is the user's own, and a digest of each: all but npm's files. */
  ownFiles(): Record<string, string> {
    const entries = readdirSync(this.userDir, { recursive: true, withFileTypes: true })
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(this.userDir, join(entry.parentPath, entry.name)))
      .filter((path) => !/^(node_modules|package(-lock)?\.json)/.test(path))
    return Object.fromEntries(paths.sort().map((path) => [path, this.#digestOf(path)]))
  }

  clear(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #digestOf(path: string): string {
    const bytes = readFileSync(join(this.userDir, path))
    return createHash('sha256').update(bytes).digest('hex')
  }
}

/** `--ignore-scripts`: the build has run before the tests, and must not run again beside them. */
async function pack(into: string): Promise<{ file: string; paths: string[] }> {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', into]
  const { stdout } = await run('npm', args, { cwd: checkout, maxBuffer: 16 * 1024 * 1024 })
  const [packed]: { filename: string; files: { path: string }[] }[] = JSON.parse(stdout)
  if (packed === undefined) throw new Error(`npm pack said: ${stdout}`)
  return { file: join(into, packed.filename), paths: packed.files.map(({ path }) => path) }
}
