/**
 * The dialogs in a real browser against a real Node-RED: nodes in the palette, words at the wrong
 * field, sections that open by themselves and tell what differs, save and deploy. Needs Chromium;
 * where there is none it is pending, on the build server it fails.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import should from 'should'
import { defaults } from '../nodes/resilient-mqtt-out/resilient-mqtt-out.settings.js'
import { NodeRedProcess } from '../tools/common/node-red-process.js'
import { freePort } from '../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../tools/common/user-dir.js'
import { executablePath, isThere, offline, quiet } from './world/chromium.js'

const words = 'First and last words'

/** One node as a person leaves it half done, one as it is written by hand. */
const flows: Flow = [
  { id: 'tab', type: 'tab', label: 'Plant' },
  { id: 'broker', type: 'resilient-mqtt-broker', name: 'plant', servers: 'mqtt://127.0.0.1:1' },
  {
    ...{ id: 'wrong', type: 'resilient-mqtt-out', z: 'tab', x: 300, y: 200, wires: [] },
    ...{ name: '', broker: '', topic: 'line/#', maxSize: '50', overflow: 'reject' },
  },
  {
    ...{ id: 'short', type: 'resilient-mqtt-out', z: 'tab', x: 300, y: 300, wires: [] },
    ...{ broker: 'broker', topic: 'line/2' },
  },
]

describe('the editor', function () {
  this.timeout(120_000)

  let userDir: string
  let nodeRed: NodeRedProcess
  let browser: Browser
  let page: Page
  let isLoaded = false
  /** What went wrong in the page, however quietly. */
  let complaints: string[]

  before(async function () {
    if (!isThere && process.env['CI'] === 'true') throw new Error(`no Chromium: ${executablePath}`)
    if (!isThere) return this.skip()
    userDir = mkdtempSync(join(tmpdir(), 'holdfast-editor-'))
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
    complaints = []
    if (!isLoaded) page = await load()
    isLoaded = true
  })

  /** An editor in which something was saved is left behind, else it serves the next test too. */
  afterEach(async () => {
    if (!isLoaded) return
    await page.evaluate('RED.tray.close()')
    await page.waitForSelector('#node-input-topic, #node-config-input-servers', {
      state: 'detached',
    })
    isLoaded = !(await page.evaluate('RED.nodes.dirty()'))
    if (!isLoaded) await page.close()
    complaints.should.eql([])
  })

  it('shows the node in the palette, with its words, colour, icon and promise', async () => {
    const entry = page.locator('[data-palette-type="resilient-mqtt-out"]')
    should((await entry.textContent())?.trim().split(/\s+/)).eql(['resilient', 'mqtt'])
    should(await entry.getAttribute('style')).match(/rgb\(156, 197, 184\)|#9cc5b8/i)
    const icon = await entry.locator('.red-ui-palette-icon').getAttribute('style')
    should(icon).containEql('resilient-mqtt-out.svg')
    const section = entry.locator('xpath=ancestor::*[starts-with(@id,"red-ui-palette-")][1]')
    should(await section.getAttribute('id')).containEql('resilience')
  })

  it('takes a node that is dragged in, with the defaults of its settings', async () => {
    const entry = page.locator('[data-palette-type="resilient-mqtt-out"]')
    await page.locator('#red-ui-palette-search input').pressSequentially('resilient')
    await page.locator('[data-palette-type="inject"]').waitFor({ state: 'hidden' })
    const targetPosition = { x: 300, y: 450 }
    await entry.dragTo(page.locator('#red-ui-workspace-chart'), { targetPosition, steps: 10 })
    const added = (await nodes()).find(({ id, type }) => type === 'resilient-mqtt-out' && isNew(id))
    should(added).containEql({ ...defaults, broker: added?.['broker'] })
  })

  it('marks what is wrong on the canvas, and nothing else', async () => {
    should(await page.evaluate("RED.nodes.node('wrong').valid")).be.false()
    should(await page.evaluate("RED.nodes.node('short').valid")).be.true()
    should(await page.evaluate("RED.nodes.node('broker').valid")).be.true()
    should(await page.evaluate("RED.utils.getNodeLabel(RED.nodes.node('short'))")).equal('line/2')
  })

  it('says at each field what to write, and opens the section that is wrong', async () => {
    await edit('wrong')
    await says('node-input-broker', 'Choose or add a broker.')
    await says('node-input-topic', 'A topic to publish to has no + or #.')
    await says('node-input-maxSize', 'Write a size with a unit, such as 256MB, from 1MB to 1000GB.')
    should(await titles()).eql(['Message', 'Limits · 50, reject *', 'Storage'])
    should(await page.locator('#node-input-maxSize').getAttribute('aria-invalid')).equal('true')
  })

  it('takes the words away when the field is right, and writes figures canonically', async () => {
    await edit('wrong')
    await write('node-input-topic', 'line/1')
    await says('node-input-topic', '')
    await write('node-input-maxSize', '50 mb')
    await says('node-input-maxSize', '')
    should(await page.locator('#node-input-maxSize').inputValue()).equal('50MB')
    should(await titles()).eql(['Message', 'Limits · 50MB, reject *', 'Storage'])
  })

  it('tells what survives and what happens when full, for the figures in force', async () => {
    await edit('wrong')
    const told = page.locator('.resilience-note')
    should(await told.textContent()).match(/100000 messages or 256MB.* for 7d.* a power cut\./s)
    should(await told.textContent()).match(/refused with an error that a Catch node gets/)
    await write('node-input-maxSize', '50MB')
    await write('node-input-maxAge', 'unlimited')
    should(await told.textContent()).match(/100000 messages or 50MB.* for any time/s)
    await open('Storage')
    await page.selectOption('#node-input-durability-choice', 'system')
    should(await told.textContent()).match(/a power cut may lose the last seconds/)
  })

  it('shows the defaults of a flow that was written by hand, and keeps them when saved', async () => {
    await edit('short')
    should(await titles()).eql(['Message', 'Limits', 'Storage'])
    should(await page.locator('#node-input-qos').inputValue()).equal('1')
    await open('Limits')
    const hint = await page.locator('#node-input-maxMessages').getAttribute('placeholder')
    should(hint).equal('100000 (built in)')
    await page.click('#node-dialog-ok')
    const saved = await node('short')
    should(saved).containEql({ topic: 'line/2', qos: '1', maxSize: '', durability: '' })
  })

  it('saves a time between commits in one field', async () => {
    await edit('short')
    await open('Storage')
    const every = page.locator('#node-input-durability-every')
    should(await every.isVisible()).be.false()
    await page.selectOption('#node-input-durability-choice', 'interval')
    await write('node-input-durability-every', '11s')
    await says(
      'node-input-durability',
      'Write a time with a unit, such as 30s or 5m, from 1ms to 10s.',
    )
    await write('node-input-durability-every', '500 MS')
    should(await every.inputValue()).equal('500ms')
    should(await titles()).eql(['Message', 'Limits', 'Storage · 500ms *'])
    await page.click('#node-dialog-ok')
    should(await node('short')).containEql({ durability: '500ms' })
  })

  it('checks the broker too: times need a unit, and the longest wait is not the shortest', async () => {
    await editConfig('broker')
    should(await titles()).eql(['Identity', 'Connection', 'Speed', words])
    await open('Connection')
    await write('node-config-input-keepalive', '15')
    await says(
      'node-config-input-keepalive',
      'Write a time with a unit, such as 30s or 5m, from 1s to 20m.',
    )
    await write('node-config-input-backoffInitial', '5m')
    await says('node-config-input-backoffMax', 'Must not be shorter than the first wait.')
    should(await titles()).eql(['Identity', 'Connection · 15, 5m *', 'Speed', words])
  })

  it('asks for certificates only where a server is reached over TLS', async () => {
    await editConfig('broker')
    await write('node-config-input-servers', 'mqtts://plant.example')
    should(await titles()).eql(['Security *', 'Identity', 'Connection', 'Speed', words])
    await write('node-config-input-servers', 'plant.example')
    should(await titles()).eql(['Identity', 'Connection', 'Speed', words])
  })

  it('adds a broker, deploys, and the runtime takes what the dialog saved', async () => {
    await edit('wrong')
    await write('node-input-topic', 'line/1')
    await write('node-input-maxSize', '50MB')
    await page.click('#node-input-btn-broker-add')
    await page.waitForSelector('#node-config-input-servers')
    await says('node-config-input-servers', 'Write an address such as mqtt://192.168.0.10:1883.')
    await write('node-config-input-servers', '127.0.0.1:2')
    await write('node-config-input-username', 'gateway')
    await write('node-config-input-password', 'secret')
    await page.click('#node-config-dialog-ok')
    await says('node-input-broker', '')
    await page.click('#node-dialog-ok')
    const deployed = page.waitForResponse((answer) => answer.request().method() === 'POST')
    await page.click('#red-ui-header-button-deploy')
    should((await deployed).ok()).be.true()
    const stored: Flow = JSON.parse(await (await nodeRed.fetch('/flows')).text())
    const added = stored.find(({ servers }) => servers === '127.0.0.1:2')
    should(added).containEql({ type: 'resilient-mqtt-broker', keepalive: '15s', backoffMax: '60s' })
    should(added).not.have.property('credentials')
    should(stored.find(({ id }) => id === 'wrong')).containEql({
      broker: added?.id,
      maxSize: '50MB',
    })
  })

  async function load(): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('console', (line) => {
      const isOurs = /oneditprepare|Validation error|showEditDialog|resilien/i.test(line.text())
      if (isOurs) complaints.push(line.text())
    })
    await page.goto(nodeRed.url)
    await page.waitForFunction("window.RED && RED.nodes && RED.nodes.node('wrong')")
    await page.waitForSelector('.red-ui-palette-node')
    await page.waitForSelector('#red-ui-loading-progress', { state: 'hidden' })
    return page
  }

  async function edit(id: string): Promise<void> {
    await page.evaluate(`RED.editor.edit(RED.nodes.node('${id}'))`)
    await page.waitForSelector('#node-input-topic')
  }

  async function editConfig(id: string): Promise<void> {
    await page.evaluate(`RED.editor.editConfig('', 'resilient-mqtt-broker', '${id}')`)
    await page.waitForSelector('#node-config-input-servers')
  }

  /** As a person does: the field is left afterwards. */
  async function write(id: string, text: string): Promise<void> {
    await page.fill(`#${id}`, text)
    await page.locator(`#${id}`).blur()
  }

  async function says(id: string, words: string): Promise<void> {
    const note = page.locator(`#${id}-wrong`)
    should((await note.count()) === 0 ? '' : await note.textContent()).equal(words)
  }

  async function open(title: string): Promise<void> {
    const named = page.locator('.resilience-title', { hasText: new RegExp(`^${title}$`) })
    await page.locator('summary', { has: named }).click()
  }

  /** The title lines of all visible sections; an open one ends with ` *`. */
  async function titles(): Promise<string[]> {
    const lines: string[] = []
    for (const section of await page.locator('.resilience-section:visible').all()) {
      const isOpen = (await section.getAttribute('open')) !== null
      lines.push((await section.locator('summary').textContent()) + (isOpen ? ' *' : ''))
    }
    return lines
  }

  /** As the editor would send it. */
  function nodes(): Promise<Flow> {
    return page.evaluate('RED.nodes.createCompleteNodeSet()')
  }

  async function node(id: string): Promise<unknown> {
    return (await nodes()).find((each) => each.id === id)
  }
})

const isNew = (id: string): boolean => flows.every((each) => each.id !== id)
