/**
 * Lists and check boxes in the dialogs of a real Node-RED, in a real browser: rows that were saved
 * are shown, what is changed is saved as a list, and what is wrong is said. Pending without
 * Chromium, as `editor.test.ts`.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import should from 'should'
import { NodeRedProcess } from '../tools/common/node-red-process.js'
import { freePort } from '../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../tools/common/user-dir.js'
import { executablePath, isThere, offline, quiet } from './world/chromium.js'

const birth = { topic: 'line/1', payload: '$connects', payloadType: 'jsonata', qos: '2' }
const flows: Flow = [
  { id: 'tab', type: 'tab', label: 'Plant' },
  {
    ...{ id: 'broker', type: 'resilient-mqtt-broker', servers: '127.0.0.1:1,127.0.0.1:2' },
    ...{ birthMessages: [{ ...birth, retain: true }], willMessage: { topic: 'line/#' } },
  },
  { id: 'old', type: 'resilient-mqtt-broker', servers: '127.0.0.1:1', protocolVersion: '3.1.1' },
  {
    ...{ id: 'out', type: 'resilient-mqtt-out', z: 'tab', x: 300, y: 200, wires: [] },
    ...{ broker: 'broker', topic: 'line/1' },
  },
]

describe('lists in the editor', function () {
  this.timeout(120_000)

  let userDir: string
  let nodeRed: NodeRedProcess
  let browser: Browser
  let page: Page

  before(async function () {
    if (!isThere && process.env['CI'] === 'true') throw new Error(`no Chromium: ${executablePath}`)
    if (!isThere) return this.skip()
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-lists-'))
    prepareUserDir(userDir, { packages: [checkout], flows, settings: offline })
    nodeRed = await NodeRedProcess.start({ userDir, port: await freePort() })
    browser = await chromium.launch({ executablePath, args: quiet })
  })

  after(async () => {
    await browser?.close()
    await nodeRed?.stop()
    if (userDir !== undefined) rmSync(userDir, { recursive: true, force: true })
  })

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 1000 } })
    await page.goto(nodeRed.url)
    await page.waitForFunction("window.RED && RED.nodes && RED.nodes.node('out')")
    await page.waitForSelector('#red-ui-loading-progress', { state: 'hidden' })
  })

  afterEach(() => page?.close())

  it('says what is wrong in a row, on the canvas and in the dialog', async () => {
    should(await page.evaluate("RED.nodes.node('broker').valid")).be.false()
    await editBroker()
    const note = page.locator('#node-config-input-willMessage-wrong')
    should(await note.textContent()).equal('A topic to publish to has no + or #.')
    should(await title('First and last words')).equal(
      'First and last words · Sent first 1, Last will 1',
    )
    const [will] = await rows('node-config-input-willMessage-list')
    await will?.locator('[data-name="topic"]').fill('line/will')
    should(await note.count()).equal(0)
  })

  it('shows what was saved, and saves as a list what was changed', async () => {
    await editBroker()
    const [first] = await rows('node-config-input-birthMessages-list')
    should(await first?.locator('[data-name="topic"]').inputValue()).equal('line/1')
    should(await first?.locator('[data-name="qos"]').inputValue()).equal('2')
    should(await first?.locator('[data-name="retain"]').isChecked()).be.true()
    await first?.locator('[data-name="retain"]').uncheck()
    const [will] = await rows('node-config-input-willMessage-list')
    await will?.locator('[data-name="topic"]').fill('line/will')
    await addTo('closeMessages')
    const [last] = await rows('node-config-input-closeMessages-list')
    await last?.locator('[data-name="topic"]').fill('line/bye')
    await page.click('#node-config-dialog-ok')
    const saved = await nodeNamed('broker')
    should(saved).containEql({
      birthMessages: [{ ...birth, retain: false }],
      closeMessages: [
        { topic: 'line/bye', payload: '', payloadType: 'str', qos: '1', retain: false },
      ],
      willMessage: { topic: 'line/will', payload: '', payloadType: 'str', qos: '1', retain: false },
      returnToFirst: true,
    })
  })

  it('offers one will only, and lets it be taken away', async () => {
    await editBroker()
    const list = page.locator('.resilience-list', {
      has: page.locator('#node-config-input-willMessage'),
    })
    should(await list.locator('.red-ui-editableList-addButton').isVisible()).be.false()
    await list.locator('.red-ui-editableList-item-remove').click()
    await list.locator('.red-ui-editableList-addButton').waitFor({ state: 'visible' })
    await page.click('#node-config-dialog-ok')
    should(await nodeNamed('broker')).containEql({ willMessage: null })
  })

  it('saves a tick, and tells of it in the title', async () => {
    await editBroker()
    await open('Connection')
    await page.uncheck('#node-config-input-returnToFirst')
    should(await title('Connection')).equal('Connection · not: Back to the first')
    await page.fill('#node-config-input-servers', '127.0.0.1:1')
    should(await page.locator('#resilience-broker-return').isVisible()).be.false()
    await page.click('#node-config-dialog-ok')
    should(await nodeNamed('broker')).containEql({ returnToFirst: false })
  })

  it('saves user properties by name, and hides all of MQTT 5 from an older broker', async () => {
    await page.evaluate("RED.editor.edit(RED.nodes.node('out'))")
    await page.waitForSelector('#node-input-topic')
    await open('Message')
    await addTo('userProperties')
    const [pair] = await rows('node-input-userProperties-list')
    await pair?.locator('[data-name="key"]').fill('press')
    await pair?.locator('[data-name="value"]').fill('3')
    should(await title('Message')).equal('Message · User properties 1')
    const properties = page.locator('#resilience-out-properties')
    should(await properties.isVisible()).be.true()
    await page.selectOption('#node-input-broker', 'old')
    should(await properties.isVisible()).be.false()
    await page.click('#node-dialog-ok')
    should(await nodeNamed('out')).containEql({
      broker: 'old',
      userProperties: [{ key: 'press', value: '3' }],
    })
  })

  async function editBroker(): Promise<void> {
    await page.evaluate("RED.editor.editConfig('', 'resilient-mqtt-broker', 'broker')")
    await page.waitForSelector('#node-config-input-servers')
  }

  async function addTo(field: string): Promise<void> {
    const list = page.locator(`.resilience-list:has([id$="-input-${field}"])`)
    await list.locator('.red-ui-editableList-addButton').click()
  }

  function rows(list: string) {
    return page.locator(`#${list} > li`).all()
  }

  async function open(name: string): Promise<void> {
    await summary(name).click()
  }

  async function title(name: string): Promise<string | null> {
    return summary(name).textContent()
  }

  function summary(name: string) {
    const named = page.locator('.resilience-title', { hasText: new RegExp(`^${name}$`) })
    return page.locator('summary', { has: named })
  }

  async function nodeNamed(id: string): Promise<unknown> {
    const all: Flow = await page.evaluate('RED.nodes.createCompleteNodeSet()')
    return all.find((each) => each.id === id)
  }
})
