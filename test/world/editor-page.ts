/**
 * Node-RED's editor in a real browser, as a person uses it: opens dialogs, writes into fields,
 * reads what is said there. It judges nothing; what goes wrong in the page, however quietly, it
 * writes down.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import should from 'should'
import {
  chromiumPath,
  hasChromium,
  launchChromium,
  offlineEditor,
} from '../../tools/common/chromium.js'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../tools/common/user-dir.js'
import { chooseKind } from './dialog-hand.js'

/** Who logs in where that is asked for. */
export interface Login {
  readonly username: string
  readonly password: string
}

/** Where there is no Chromium a plain run reports it as pending; on the build server it fails. */
export function hasBrowser(): boolean {
  const isThere = hasChromium()
  if (!isThere && process.env['CI'] === 'true') throw new Error(`no Chromium: ${chromiumPath}`)
  return isThere
}

/** One Node-RED with these flows and one browser; a page is loaded when the last one was saved. */
export class EditorHouse {
  readonly nodeRed: NodeRedProcess
  readonly #userDir: string
  readonly #browser: Browser
  readonly #flows: Flow
  /** What went wrong in the page. */
  complaints: string[] = []
  #page: Page | undefined
  #language = 'en-US'

  readonly #login: Login | undefined

  private constructor(
    userDir: string,
    nodeRed: NodeRedProcess,
    browser: Browser,
    { flows, login }: { readonly flows: Flow; readonly login: Login | undefined },
  ) {
    this.#userDir = userDir
    this.nodeRed = nodeRed
    this.#browser = browser
    this.#flows = flows
    this.#login = login
  }

  /** `settings` are added to those of every such Node-RED. */
  static async open(
    flows: Flow,
    { settings = {}, login }: { readonly settings?: object; readonly login?: Login } = {},
  ): Promise<EditorHouse> {
    const userDir = mkdtempSync(join(tmpdir(), 'holdfast-editor-'))
    prepareUserDir(userDir, {
      packages: [checkout],
      flows,
      settings: { ...offlineEditor, ...settings },
    })
    const nodeRed = await NodeRedProcess.start({ userDir, port: await freePort() })
    const browser = await launchChromium()
    return new EditorHouse(userDir, nodeRed, browser, { flows, login })
  }

  async close(): Promise<void> {
    await this.#browser.close()
    await this.nodeRed.stop()
    rmSync(this.#userDir, { recursive: true, force: true })
  }

  get page(): Page {
    if (this.#page === undefined) throw new Error('no page is loaded')
    return this.#page
  }

  async enter(): Promise<void> {
    this.complaints = []
    this.#page ??= await this.#load()
  }

  /** The language of the browser, from the next page on. */
  async speak(language: string): Promise<void> {
    await this.#page?.close()
    this.#page = undefined
    this.#language = language
  }

  /** An editor in which something was saved is left behind, else it serves the next test too. */
  async leave(): Promise<void> {
    if (this.#page === undefined) return
    await this.page.evaluate('RED.tray.close()')
    await this.page.waitForSelector('[id^="node-input-"], [id^="node-config-input-"]', {
      state: 'detached',
    })
    if (await this.page.evaluate('RED.nodes.dirty()')) {
      await this.page.close()
      this.#page = undefined
    }
    this.complaints.should.eql([])
  }

  /** Out of the palette onto the canvas, where nothing stands yet. */
  async drag(type: string, targetPosition: Readonly<{ x: number; y: number }>): Promise<void> {
    const search = this.page.locator('#red-ui-palette-search input')
    // The palette listens to keys.
    await search.fill(type.slice(0, -1))
    await search.press(type.slice(-1))
    await this.page.locator('[data-palette-type="inject"]').waitFor({ state: 'hidden' })
    const entry = this.page.locator(`[data-palette-type="${type}"]`)
    await entry.dragTo(this.page.locator('#red-ui-workspace-chart'), { targetPosition, steps: 10 })
  }

  /** Opens the dialog of a node and waits for this field of it. */
  async edit(id: string, field: string): Promise<void> {
    await this.page.evaluate(`RED.editor.edit(RED.nodes.node('${id}'))`)
    await this.page.waitForSelector(`#node-input-${field}`, { state: 'attached' })
  }

  async editConfig(type: string, id: string, field: string): Promise<void> {
    await this.page.evaluate(`RED.editor.editConfig('', '${type}', '${id}')`)
    await this.page.waitForSelector(`#node-config-input-${field}`, { state: 'attached' })
  }

  /** As a person does: the field is left afterwards. */
  async write(id: string, text: string): Promise<void> {
    await this.page.fill(`#${id}`, text)
    await this.page.locator(`#${id}`).blur()
  }

  /** Checks the words below a field; '' for none. */
  async says(id: string, words: string): Promise<void> {
    const note = this.page.locator(`#${id}-wrong`)
    should((await note.count()) === 0 ? '' : await note.textContent()).equal(words)
  }

  /** Chooses the kind of a typed input. */
  async choose(field: string, kind: string): Promise<void> {
    const row = this.page.locator('.resilience-row', {
      has: this.page.locator(`#node-input-${field}`),
    })
    await chooseKind(this.page, row, kind)
  }

  async open(title: string): Promise<void> {
    await this.page.locator('.resilience-title', { hasText: new RegExp(`^${title}$`) }).click()
  }

  /** The title lines of all visible sections, at one moment; an open one ends with ` *`. */
  titles(): Promise<string[]> {
    return this.page.evaluate(`[...document.querySelectorAll('.resilience-section')]
      .filter((section) => section.checkVisibility())
      .map((section) => section.querySelector('summary').textContent + (section.open ? ' *' : ''))`)
  }

  /** As the editor would send it. */
  nodes(): Promise<Flow> {
    return this.page.evaluate('RED.nodes.createCompleteNodeSet()')
  }

  async node(id: string): Promise<unknown> {
    return (await this.nodes()).find((each) => each.id === id)
  }

  async #load(): Promise<Page> {
    const viewport = { width: 1280, height: 900 }
    const page = await this.#browser.newPage({ viewport, locale: this.#language })
    page.on('pageerror', ({ message }) => this.complaints.push(message))
    page.on('console', (line) => {
      const isOurs = /oneditprepare|Validation error|showEditDialog|resilien/i.test(line.text())
      if (isOurs) this.complaints.push(line.text())
    })
    await page.goto(this.nodeRed.url)
    if (this.#login !== undefined) {
      await page.fill('#node-dialog-login-username', this.#login.username)
      await page.fill('#node-dialog-login-password', this.#login.password)
      await page.click('#node-dialog-login-submit')
    }
    const last = this.#flows.at(-1)?.id
    await page.waitForFunction(`window.RED && RED.nodes && RED.nodes.node('${last}')`)
    await page.waitForSelector('.red-ui-palette-node')
    await page.waitForSelector('#red-ui-loading-progress', { state: 'hidden' })
    return page
  }
}

/**
 * The hooks of a block of tests in one editor, entered anew for each; where there is no browser
 * they are pending. `opened` is called once, with the editor.
 */
export function inEditor(flows: Flow, opened: (house: EditorHouse) => void): void {
  let house: EditorHouse | undefined
  before(async function () {
    if (!hasBrowser()) return this.skip()
    house = await EditorHouse.open(flows)
    opened(house)
  })
  after(() => house?.close())
  beforeEach(() => house?.enter())
  afterEach(() => house?.leave())
}
