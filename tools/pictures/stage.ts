/**
 * Where a picture is taken: one Node-RED with the flow of a scene, a broker that can be cut off,
 * and the editor in a browser. It is shut down as a whole, and keeps nothing.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { launchChromium, offlineEditor } from '../common/chromium.js'
import { EmbeddedBroker } from '../common/embedded-broker.js'
import { NodeRedProcess } from '../common/node-red-process.js'
import { freePort } from '../common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../common/user-dir.js'

export const themes = ['light', 'dark'] as const
export type Theme = (typeof themes)[number]

export class Stage {
  readonly broker: EmbeddedBroker
  readonly nodeRed: NodeRedProcess
  readonly page: Page
  readonly #userDir: string
  readonly #browser: Browser

  private constructor(
    userDir: string,
    broker: EmbeddedBroker,
    nodeRed: NodeRedProcess,
    browser: Browser,
    page: Page,
  ) {
    this.#userDir = userDir
    this.broker = broker
    this.nodeRed = nodeRed
    this.#browser = browser
    this.page = page
  }

  /** `flow` is given the ports of the broker and of the editor. */
  static async open(
    flow: (brokerPort: number, port: number) => Flow,
    height: number,
  ): Promise<Stage> {
    const userDir = mkdtempSync(join(tmpdir(), 'holdfast-pictures-'))
    const broker = await EmbeddedBroker.open(await freePort())
    const port = await freePort()
    const flows = flow(broker.port, port)
    prepareUserDir(userDir, { packages: [checkout], flows, settings: offlineEditor })
    const nodeRed = await NodeRedProcess.start({ userDir, port })
    const browser = await launchChromium()
    const page = await browser.newPage({ viewport: { width: 1500, height } })
    await page.goto(nodeRed.url)
    const last = flows.findLast(({ z }) => z !== undefined)?.id
    await page.waitForFunction(`window.RED && RED.nodes && RED.nodes.node('${last}')`)
    await page.waitForSelector('#red-ui-loading-progress', { state: 'hidden' })
    return new Stage(userDir, broker, nodeRed, browser, page)
  }

  /** Which themes this editor has: a dark one came with Node-RED 5. */
  async themes(): Promise<readonly Theme[]> {
    const version: string = await this.page.evaluate('RED.settings.version')
    return Number.parseInt(version, 10) >= 5 ? themes : ['light']
  }

  /** As the editor's own menu does it. */
  async wear(theme: Theme): Promise<void> {
    const isDark = theme === 'dark'
    await this.page.evaluate(
      `document.documentElement.classList.toggle('nr-theme-dark', ${isDark})`,
    )
  }

  /** Until this stands below the node. */
  async status(id: string, words: RegExp): Promise<void> {
    const shows = `${words}.test(RED.nodes.node('${id}')?.status?.text ?? '')`
    await this.page.waitForFunction(shows, undefined, { timeout: 60_000 })
  }

  async close(): Promise<void> {
    await this.#browser.close()
    await this.nodeRed.stop()
    await this.broker.close()
    rmSync(this.#userDir, { recursive: true, force: true })
  }
}
