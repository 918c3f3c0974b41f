/**
 * The dialogs of the nodes that guard the work of others, in a real browser against a real
 * Node-RED: boxes, a value that may be an expression, a node chosen on the canvas, rules that look
 * at several fields. Needs Chromium; where there is none it is pending.
 */

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import should from 'should'
import { NodeRedProcess } from '../tools/common/node-red-process.js'
import { freePort } from '../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../tools/common/user-dir.js'

const executablePath = process.env['HOLDFAST_CHROMIUM'] || '/usr/bin/chromium'
const isThere = existsSync(executablePath)
const quiet = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
]

const place = { z: 'tab', x: 300, wires: [[], []] }
const flows: Flow = [
  { id: 'tab', type: 'tab', label: 'Plant' },
  { ...place, id: 'plc', type: 'circuit-breaker', y: 100, name: 'PLC' },
  { ...place, id: 'oven', type: 'circuit-breaker', y: 160 },
  { ...place, id: 'again', type: 'resilience-retry', y: 220 },
  { ...place, id: 'orphan', type: 'resilience-retry', y: 280, breaker: 'deleted' },
  { ...place, id: 'idle', type: 'circuit-breaker', y: 460, d: true, z: 'off' },
  { ...place, id: 'behind', type: 'resilience-retry', y: 520, breaker: 'idle', z: 'off' },
  { id: 'off', type: 'tab', label: 'Spare' },
  { ...place, id: 'few', type: 'resilience-bulkhead', y: 340 },
  { ...place, id: 'orders', type: 'persistent-queue', y: 400, store: 'ssd' },
  { id: 'ssd', type: 'resilience-store', name: 'SSD', maxSize: '2GB', directory: '/data' },
  { id: 'hdd', type: 'resilience-store', name: 'HDD', directory: '/data/' },
]

describe('the dialogs of breaker, retry, bulkhead and queue', function () {
  this.timeout(120_000)

  let userDir: string
  let nodeRed: NodeRedProcess
  let browser: Browser
  let page: Page
  /** What went wrong in the page, however quietly. */
  const complaints: string[] = []

  before(async function () {
    if (!isThere && process.env['CI'] === 'true') throw new Error(`no Chromium: ${executablePath}`)
    if (!isThere) return this.skip()
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-guards-'))
    const settings = { editorTheme: { tours: false, palette: { catalogues: [] } } }
    prepareUserDir(userDir, { packages: [checkout], flows, settings })
    nodeRed = await NodeRedProcess.start({ userDir, port: await freePort() })
    browser = await chromium.launch({ executablePath, args: quiet })
    page = await load()
  })

  after(async () => {
    await browser?.close()
    await nodeRed?.stop()
    if (userDir !== undefined) rmSync(userDir, { recursive: true, force: true })
  })

  afterEach(async () => {
    await page.evaluate('RED.tray.close()')
    await page.waitForSelector('#node-dialog-ok', { state: 'detached' })
    complaints.should.eql([])
  })

  it('show a flow that was written by hand with its defaults, nothing told as changed', async () => {
    await edit('plc')
    should(await titles()).eql([
      ...['When to open', 'When open', 'Behaviour', 'What counts as failed'],
    ])
    should(await page.locator('#node-input-window').inputValue()).equal('60s')
    should(await page.locator('#node-input-reportOnly').isChecked()).be.false()
  })

  it('tell that at least one reason to open is needed', async () => {
    await edit('plc')
    await page.locator('summary', { hasText: 'When to open' }).click()
    for (const field of ['failureRate', 'slowRate', 'consecutiveFailures'])
      await write(field, 'off')
    await says('consecutiveFailures', 'Choose at least one reason to open.')
    should(await page.locator('#node-input-slowAfter').isVisible()).be.false()
    await write('slowRate', '80 %')
    await says('consecutiveFailures', '')
    should(await page.locator('#node-input-slowAfter').isVisible()).be.true()
  })

  it('tell that no more probes can be good than there are', async () => {
    await edit('plc')
    await page.locator('summary', { hasText: 'When open' }).click()
    await write('probes', '1')
    await says('probeSuccesses', 'Not more than the probes.')
    await write('probeSuccesses', '1')
    await says('probeSuccesses', '')
  })

  it('save a box and the property that separates, and tell them in the title', async () => {
    await edit('oven')
    await page.locator('summary', { hasText: 'Behaviour' }).click()
    await page.check('#node-input-reportOnly')
    await page.evaluate("$('#node-input-key').typedInput('type', 'msg')")
    await page.evaluate("$('#node-input-key').typedInput('value', 'payload.machine')")
    should(await titles()).containEql('Behaviour · payload.machine, Only report *')
    await page.click('#node-dialog-ok')
    should(await saved('oven')).containEql({
      ...{ reportOnly: true, key: 'payload.machine', keyType: 'msg' },
    })
  })

  it('let a breaker on the canvas be chosen, and save its id', async () => {
    await edit('again')
    await page.locator('summary', { hasText: 'What to retry' }).click()
    const names = await page.locator('#resilience-pick-breaker option').allTextContents()
    names.should.eql(['none', 'PLC', 'oven', 'idle'])
    await page.selectOption('#resilience-pick-breaker', 'plc')
    should(await titles()).containEql('What to retry · PLC *')
    await page.click('#node-dialog-ok')
    should(await saved('again')).containEql({ breaker: 'plc', attempts: '5' })
    should(await page.evaluate("RED.nodes.node('again').changed")).be.true()
  })

  it('mark a breaker that is gone', async () => {
    should(await page.evaluate("RED.nodes.node('orphan').valid")).be.false()
    await edit('orphan')
    const note = page.locator('#resilience-pick-breaker-wrong')
    should(await note.textContent()).equal('This circuit breaker no longer exists.')
  })

  it('mark a breaker that is disabled', async () => {
    await edit('behind')
    const note = page.locator('#resilience-pick-breaker-wrong')
    const missing = 'This circuit breaker is missing or disabled; messages do not wait for it.'
    should(await note.textContent()).equal(missing)
  })

  it('tell that one attempt is no retry', async () => {
    await edit('again')
    await write('attempts', '1')
    await says('attempts', '2 or more, or there is nothing to retry.')
    await write('attempts', 'unlimited')
    await says('attempts', '')
  })

  it('save how a message is known to have worked, and the nodes that are watched', async () => {
    await edit('few')
    await page.selectOption('#node-input-outcomeMode', 'watch')
    await says('watchNodes', 'Choose at least one node to watch.')
    await page.selectOption('#node-input-outcomeMode', 'manual')
    await page.click('#node-dialog-ok')
    should(await saved('few')).containEql({ outcomeMode: 'manual', watchNodes: [] })
  })

  it('check the places of a bulkhead', async () => {
    await edit('few')
    await write('maxInFlight', '1001')
    await says('maxInFlight', 'Write a whole number from 1 to 1000.')
    await write('maxInFlight', '4')
    await says('maxInFlight', '')
    await page.click('#node-dialog-ok')
    should(await saved('few')).containEql({ maxInFlight: '4', adaptive: false, keyType: 'none' })
  })

  it('show what a queue inherits from its store, and save how it releases', async () => {
    await edit('orders')
    await page.locator('summary', { hasText: 'Limits' }).click()
    const placeholder = (field: string) =>
      page.locator(`#node-input-${field}`).getAttribute('placeholder')
    should(await placeholder('maxSize')).equal('2GB (SSD)')
    should(await placeholder('maxAge')).equal('7d (SSD)')
    await page.locator('summary', { hasText: 'Release' }).click()
    for (const [field, value] of [
      ['key', 'topic'],
      ['priority', 'urgency'],
    ]) {
      await page.evaluate(`$('#node-input-${field}').typedInput('type', 'msg')`)
      await page.evaluate(`$('#node-input-${field}').typedInput('value', '${value}')`)
    }
    await page.selectOption('#resilience-pick-breaker', 'plc')
    await page.selectOption('#node-input-outcomeMode', 'released')
    await page.click('#node-dialog-ok')
    should(await saved('orders')).containEql({
      ...{ key: 'topic', keyType: 'msg', priority: 'urgency', priorityType: 'msg' },
      ...{ breaker: 'plc', store: 'ssd', outcomeMode: 'released', maxInFlight: '1' },
    })
  })

  it('tell that two stores must not use one directory', async () => {
    should(await page.evaluate("RED.nodes.node('hdd').valid")).be.false()
    await page.evaluate("RED.editor.editConfig('', 'resilience-store', 'hdd')")
    const note = page.locator('#node-config-input-directory-wrong')
    should(await note.textContent()).equal('Store SSD already uses this directory.')
    await page.click('#node-config-dialog-cancel')
  })

  async function load(): Promise<Page> {
    const loaded = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    loaded.on('pageerror', ({ message }) => complaints.push(message))
    loaded.on('console', (line) => {
      const isOurs = /oneditprepare|Validation error|showEditDialog|resilien/i.test(line.text())
      if (isOurs) complaints.push(line.text())
    })
    await loaded.goto(nodeRed.url)
    await loaded.waitForFunction("window.RED && RED.nodes && RED.nodes.node('few')")
    await loaded.waitForSelector('.red-ui-palette-node')
    await loaded.waitForSelector('#red-ui-loading-progress', { state: 'hidden' })
    return loaded
  }

  async function edit(id: string): Promise<void> {
    await page.evaluate(`RED.editor.edit(RED.nodes.node('${id}'))`)
    await page.waitForSelector('.resilience-section')
  }

  /** As a person does: the field is left afterwards. */
  async function write(field: string, text: string): Promise<void> {
    await page.fill(`#node-input-${field}`, text)
    await page.locator(`#node-input-${field}`).blur()
  }

  async function says(field: string, words: string): Promise<void> {
    const note = page.locator(`#node-input-${field}-wrong`)
    should((await note.count()) === 0 ? '' : await note.textContent()).equal(words)
  }

  /** The title lines; an open one ends with ` *`. */
  async function titles(): Promise<string[]> {
    const lines: string[] = []
    for (const section of await page.locator('.resilience-section:visible').all()) {
      const isOpen = (await section.getAttribute('open')) !== null
      lines.push((await section.locator('summary').textContent()) + (isOpen ? ' *' : ''))
    }
    return lines
  }

  async function saved(id: string): Promise<unknown> {
    await page.waitForSelector('#node-dialog-ok', { state: 'detached' })
    const all: Flow = await page.evaluate('RED.nodes.createCompleteNodeSet()')
    return all.find((each) => each.id === id)
  }
})
