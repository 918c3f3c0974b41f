/**
 * The dialogs in a real browser against a real Node-RED: nodes in the palette, words at the wrong
 * field, sections that open by themselves and tell what differs, save and deploy. Needs Chromium;
 * where there is none it is pending, on the build server it fails.
 */

import type { Page } from 'playwright-core'
import should from 'should'
import { defaults } from '../nodes/resilient-mqtt-out/resilient-mqtt-out.settings.js'
import type { Flow } from '../tools/common/user-dir.js'
import { EditorHouse, hasBrowser } from './world/editor-page.js'

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

  let editor: EditorHouse
  let page: Page

  before(async function () {
    if (!hasBrowser()) return this.skip()
    editor = await EditorHouse.open(flows)
  })

  after(() => editor?.close())

  beforeEach(async () => {
    await editor.enter()
    page = editor.page
  })

  afterEach(() => editor.leave())

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
    await editor.drag('resilient-mqtt-out', { x: 300, y: 450 })
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
    should(await titles()).eql([...aboveLimits, 'Limits · 50, reject *', 'Storage'])
    should(await page.locator('#node-input-maxSize').getAttribute('aria-invalid')).equal('true')
  })

  it('takes the words away when the field is right, and writes figures canonically', async () => {
    await edit('wrong')
    await write('node-input-topic', 'line/1')
    await says('node-input-topic', '')
    await write('node-input-maxSize', '50 mb')
    await says('node-input-maxSize', '')
    should(await page.locator('#node-input-maxSize').inputValue()).equal('50MB')
    should(await titles()).eql([...aboveLimits, 'Limits · 50MB, reject *', 'Storage'])
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
    should(await titles()).eql([...aboveLimits, 'Limits', 'Storage'])
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
    should(await titles()).eql([...aboveLimits, 'Limits', 'Storage · 500ms *'])
    await page.click('#node-dialog-ok')
    should(await node('short')).containEql({ durability: '500ms' })
  })

  it('shows what live first needs, hides limits of what is not kept, and draws an output', async () => {
    await edit('short')
    await open('Back online')
    const share = page.locator('#node-input-liveShare')
    should(await share.isVisible()).be.false()
    await page.selectOption('#node-input-replayOrder', 'live-first')
    should(await share.isVisible()).be.true()
    await open('While offline')
    await page.selectOption('#node-input-whenOffline', 'discard')
    should((await titles()).filter((title) => title.startsWith('Limits'))).eql([])
    await open('Confirmation')
    await page.selectOption('#node-input-receipts', 'all')
    await page.click('#node-dialog-ok')
    should(await node('short')).containEql({
      replayOrder: 'live-first',
      whenOffline: 'discard',
      receipts: 'all',
      outputs: 1,
    })
  })

  it('takes an expression for the payload at send time, and says what is wrong with it', async () => {
    await edit('short')
    await open('Message')
    const field = page.locator('.red-ui-typedInput-container:has(+ #node-input-onSendType) input')
    should(await field.isVisible()).be.false()
    await editor.choose('onSend', 'expression')
    await field.fill('{"n": ')
    await field.blur()
    await says(
      'node-input-onSend',
      'The expression is not valid: Expected "}" before end of expression.',
    )
    await field.fill('{"n": $sequence}')
    await says('node-input-onSend', '')
    await field.blur()
    await says('node-input-onSend', '')
    should((await titles())[0]).equal('Message · payload at send time *')
    await page.click('#node-dialog-ok')
    should(await node('short')).containEql({ onSend: '{"n": $sequence}', onSendType: 'jsonata' })
    await page.waitForSelector('#node-input-topic', { state: 'detached' })
    await edit('short')
    should((await titles())[0]).equal('Message · payload at send time')
  })

  it('checks the broker too: times need a unit, and the longest wait is not the shortest', async () => {
    await editConfig('broker')
    should(await titles()).eql(['Identity', 'Connection', 'Speed', 'First and last words'])
    await open('Connection')
    await write('node-config-input-keepalive', '15')
    await says(
      'node-config-input-keepalive',
      'Write a time with a unit, such as 30s or 5m, from 1s to 20m.',
    )
    await write('node-config-input-backoffInitial', '5m')
    await says('node-config-input-backoffMax', 'Must not be shorter than the first wait.')
    should(await titles()).eql([
      'Identity',
      'Connection · 15, 5m *',
      'Speed',
      'First and last words',
    ])
  })

  it('asks for certificates only where a server is reached over TLS', async () => {
    await editConfig('broker')
    await write('node-config-input-servers', 'mqtts://plant.example')
    should(await titles()).eql([
      'Security *',
      'Identity',
      'Connection',
      'Speed',
      'First and last words',
    ])
    await write('node-config-input-servers', 'plant.example')
    should(await titles()).eql(['Identity', 'Connection', 'Speed', 'First and last words'])
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
    const stored: Flow = JSON.parse(await (await editor.nodeRed.fetch('/flows')).text())
    const added = stored.find(({ servers }) => servers === '127.0.0.1:2')
    should(added).containEql({ type: 'resilient-mqtt-broker', keepalive: '15s', backoffMax: '60s' })
    should(added).not.have.property('credentials')
    should(stored.find(({ id }) => id === 'wrong')).containEql({
      broker: added?.id,
      maxSize: '50MB',
    })
  })

  const edit = (id: string) => editor.edit(id, 'topic')
  const editConfig = (id: string) => editor.editConfig('resilient-mqtt-broker', id, 'servers')
  const write = (id: string, text: string) => editor.write(id, text)
  const says = (id: string, words: string) => editor.says(id, words)
  const open = (title: string) => editor.open(title)
  const titles = () => editor.titles()
  const nodes = () => editor.nodes()
  const node = (id: string) => editor.node(id)
})

/** Sections of resilient-mqtt-out above the shared ones. */
const aboveLimits = ['Message', 'While offline', 'Back online', 'Confirmation']

const isNew = (id: string): boolean => flows.every((each) => each.id !== id)
