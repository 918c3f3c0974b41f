/**
 * The widget of outcomes in a real browser, in the dialog of a test node that is put together as
 * rooms are: what is shown for each way, the warnings from the wiring, one click to watch, and what
 * is saved. Needs Chromium; where there is none it is pending, on the build server it fails.
 */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import should from 'should'
import { outcomeDefaults } from '../../nodes/common/outcome-settings.js'
import { withWidgets } from '../../src/build/assemble.js'
import { NodeRedProcess } from '../../tools/common/node-red-process.js'
import { freePort } from '../../tools/common/ports.js'
import { checkout, type Flow, prepareUserDir } from '../../tools/common/user-dir.js'

const executablePath = process.env['HOLDFAST_CHROMIUM'] || '/usr/bin/chromium'
const isThere = existsSync(executablePath)
const quiet = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
]

const at = { z: 'tab', x: 100, y: 100 }
const flows: Flow = [
  { id: 'tab', type: 'tab', label: 'Plant' },
  { ...at, id: 'us', type: 'probe-dialog', wires: [['trigger1', 'out1']] },
  { ...at, id: 'trigger1', type: 'trigger', name: 'wait a bit', wires: [['file1']] },
  { ...at, id: 'file1', type: 'file', name: 'archive', wires: [[]] },
  { ...at, id: 'out1', type: 'link out', mode: 'link', links: ['in1'], wires: [] },
  { ...at, id: 'in1', type: 'link in', links: ['out1'], wires: [['join1']] },
  { ...at, id: 'join1', type: 'join', name: 'batch of ten', wires: [['foreign1', 'foreign2']] },
  { ...at, id: 'foreign1', type: 'probe-dialog', name: 'press', wires: [['change1']] },
  { ...at, id: 'foreign2', type: 'probe-dialog', name: 'oven', wires: [[]] },
  { ...at, id: 'change1', type: 'change', name: 'once more', rules: [], wires: [['us']] },
]

describe('the dialog of outcomes', function () {
  this.timeout(120_000)

  let directory: string
  let nodeRed: NodeRedProcess
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  before(async function () {
    if (!isThere && process.env['CI'] === 'true') throw new Error(`no Chromium: ${executablePath}`)
    if (!isThere) return this.skip()
    directory = mkdtempSync(join(tmpdir(), 'holdfast-outcome-dialog-'))
    const userDir = join(directory, 'user')
    prepareUserDir(userDir, { packages: [checkout, writePackage(directory)], flows, settings })
    nodeRed = await NodeRedProcess.start({ userDir, port: await freePort() })
    browser = await chromium.launch({ executablePath, args: quiet })
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.on('pageerror', ({ message }) => complaints.push(message))
    await page.goto(nodeRed.url)
    await page.waitForFunction("window.RED && RED.nodes && RED.nodes.node('us')")
    await page.waitForSelector('#red-ui-loading-progress', { state: 'hidden' })
  })

  after(async () => {
    await browser?.close()
    await nodeRed?.stop()
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
  })

  beforeEach(async () => {
    await page.evaluate("RED.editor.edit(RED.nodes.node('us'))")
    await page.waitForSelector('#node-input-outcomeMode')
  })

  afterEach(async () => {
    await page.evaluate('RED.tray.close()')
    await page.waitForSelector('#node-input-outcomeMode', { state: 'detached' })
    complaints.should.eql([])
  })

  it('warns of the nodes behind it that cannot be trusted, through links too', async () => {
    const told = await page.locator('#node-input-outcomeMode-warnings > div').allTextContents()
    told.should.eql([
      'wait a bit says done before it has finished.',
      'batch of ten may take longer than the time-out.',
      'once more leads back to this node; what comes back counts as done when it is accepted here.',
      'Not known here: press, oven. If one sends after it has said done, the log names it.',
    ])
    should(await page.locator('#node-input-watchNodes-tree').isVisible()).be.false()
  })

  it('shows for each way what belongs to it', async () => {
    await page.selectOption('#node-input-outcomeMode', 'manual')
    should(await page.locator('#node-input-failStatus').isVisible()).be.false()
    should(await page.locator('#node-input-outcomeTimeout').isVisible()).be.true()
    await page.selectOption('#node-input-outcomeMode', 'watch')
    should(await page.locator('#node-input-watchNodes-tree').isVisible()).be.true()
    should(await page.locator('#node-input-watchNodes-wrong').textContent()).equal(
      'Choose at least one node to watch.',
    )
    should(await page.locator('#node-input-outcomeMode-warnings').textContent()).equal('')
  })

  it('saves the defaults when nothing was changed', async () => {
    await page.click('#node-dialog-ok')
    should(await saved()).containEql({ outcomeMode: 'downstream', outcomeTimeout: '30s' })
    should((await saved())['watchNodes']).eql([])
  })

  it('watches the nodes where the work ends, by one click', async () => {
    await page.click('#node-input-outcomeMode-watch')
    should(await page.locator('#node-input-outcomeMode').inputValue()).equal('watch')
    should(await page.locator('#node-input-watchNodes-wrong').textContent()).equal('')
    await page.click('#node-dialog-ok')
    should(await saved()).containEql({ outcomeMode: 'watch' })
    should((await saved())['watchNodes']).eql(['file1'])
    should(await page.evaluate("RED.nodes.node('us').valid")).be.true()
  })

  it('keeps what is watched when flows are copied, under the ids of the copy', async () => {
    const copied = await page.evaluate(`(() => {
      const all = RED.nodes.filterNodes({ z: 'tab' })
      const nodes = RED.nodes.createExportableNodeSet(all)
      const known = new Set(all.map(({ id }) => id))
      RED.nodes.import(nodes, { generateIds: true })
      const added = RED.nodes.filterNodes({}).filter(({ id }) => !known.has(id))
      const us = added.find(({ type, name }) => type === 'probe-dialog' && !name)
      const file = added.find(({ type }) => type === 'file')
      return [us.watchNodes, [file.id]]
    })()`)
    const [watched, expected] = copied as [string[], string[]]
    watched.should.eql(expected)
  })

  async function saved(): Promise<Record<string, unknown>> {
    return page.evaluate("RED.nodes.convertNode(RED.nodes.node('us'))")
  }
})

const settings = { editorTheme: { tours: false, projects: { enabled: false } } }

/** A node whose dialog holds nothing but the widget. */
function writePackage(below: string): string {
  const directory = join(below, 'package')
  mkdirSync(directory, { recursive: true })
  const nodes = { dialog: 'dialog.js' }
  const manifest = { name: 'probe-dialogs', version: '1.0.0', 'node-red': { nodes } }
  const widgets = readFileSync(join(checkout, 'nodes', 'common', 'common.html'), 'utf8')
  const dialog = `<script type="text/html" data-template-name="probe-dialog">
    <div data-widget="outcome"></div><div data-widget="failed"></div></script>`
  const checked = ['watchNodes', 'outcomeTimeout', 'failStatus', 'failWhen']
  const values = Object.entries(outcomeDefaults).map(([name, value]) => {
    const type = name === 'watchNodes' ? ', type: "*[]"' : ''
    const validate = checked.includes(name) ? `, validate: Resilience.valid.${name}` : ''
    return `${name}: { value: ${JSON.stringify(value)}${type}${validate} }`
  })
  const script = `<script>RED.nodes.registerType('probe-dialog', {
    category: 'probes', defaults: { name: { value: '' }, ${values.join(', ')} }, inputs: 1, outputs: 1,
    label() { return this.name || 'probe' }, color: '#fff',
    oneditprepare() { Resilience.prepare(this); Resilience.prepareOutcome(this) },
    oneditsave() { this.watchNodes = Resilience.watchedNodes(this) },
  })</script>`
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest))
  writeFileSync(
    join(directory, 'dialog.js'),
    `module.exports = (RED) => RED.nodes.registerType('probe-dialog', function (form) {
      RED.nodes.createNode(this, form)
    })\n`,
  )
  writeFileSync(join(directory, 'dialog.html'), script + withWidgets(dialog, widgets))
  return directory
}
