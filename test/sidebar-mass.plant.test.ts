/**
 * What takes many messages at once, from the overview in a real browser: a redrive that shows how
 * far it is, and messages of a deleted node that are carried away, adopted and removed. Needs
 * Chromium; where there is none it is pending.
 */

import { readFileSync } from 'node:fs'
import should from 'should'
import type { Flow } from '../tools/common/user-dir.js'
import { EditorHouse, hasBrowser } from './world/editor-page.js'
import { oneStory } from './world/one-story.js'
import { SidebarPage } from './world/sidebar-page.js'

const place = { z: 'tab', x: 300, wires: [[], []] }
const queue = { ...place, type: 'persistent-queue' }
const flows: Flow = [
  { id: 'tab', type: 'tab', label: 'Plant' },
  {
    ...{ id: 'send', type: 'inject', z: 'tab', x: 100, y: 100, props: [{ p: 'payload' }] },
    ...{ payloadType: 'date', wires: [['orders', 'gone', 'old', 'letters']] },
  },
  { ...queue, id: 'orders', y: 100, name: 'orders' },
  {
    ...{ ...place, id: 'letters', type: 'dlq', y: 200, name: 'Letters', redriveSchedule: 'off' },
    ...{ rateLimit: '1/h', canary: false, wires: [['work'], []] },
  },
  { id: 'work', type: 'function', z: 'tab', x: 500, y: 200, func: '', wires: [[]] },
]
const deleted: Flow = [
  { ...queue, id: 'gone', y: 300, name: 'gone' },
  { ...queue, id: 'old', y: 400, name: 'old' },
]

describe('the sidebar at work on many messages', function () {
  this.timeout(120_000)
  oneStory(this)

  let house: EditorHouse
  let sidebar: SidebarPage

  before(async function () {
    if (!hasBrowser()) return this.skip()
    house = await EditorHouse.open([...deleted, ...flows])
    const { nodeRed } = house
    for (const id of ['orders', 'gone', 'old']) {
      const answer = await nodeRed.fetch(`/resilience/nodes/${id}/command`, {
        ...{ method: 'POST', headers: { 'Content-Type': 'application/json' } },
        body: JSON.stringify({ command: 'pause' }),
      })
      should(answer.status).equal(200)
    }
    for (let sent = 0; sent < 3; sent++) await nodeRed.inject('send')
    await nodeRed.deploy(flows)
    await house.enter()
    sidebar = new SidebarPage(house.page)
    await sidebar.show()
  })

  after(() => house?.close())

  it('asks before it sends all letters round, then shows how far it is', async () => {
    await sidebar.says('letters', '3 dead')
    await sidebar.openMenu('letters')
    await sidebar.inMenu('letters', 'redrive').click()
    const form = sidebar.row('letters').locator('form')
    await form.filter({ hasText: 'Send all letters of Letters round again?' }).waitFor()
    await form.locator('[data-go]').click()
    await sidebar
      .row('letters')
      .locator('.resilience-job', { hasText: 'of 3 · 0 failed' })
      .waitFor()
    should(await sidebar.row('letters').locator('progress').getAttribute('max')).equal('3')
  })

  it('cancels it', async () => {
    await sidebar.inMenu('letters', 'cancel').click()
    await sidebar.row('letters').locator('.resilience-job').waitFor({ state: 'hidden' })
    await sidebar.openMenu('letters')
  })

  it('lists what no node owns', async () => {
    await sidebar.element.locator('h3', { hasText: 'Orphans 2' }).waitFor()
    should(await orphan('gone').locator('.resilience-name').textContent()).equal(
      'gone · 3 messages',
    )
  })

  it('saves the messages of an orphan as a file', async () => {
    const saved = house.page.waitForEvent('download')
    await orphan('gone').locator('button', { hasText: 'Export' }).click()
    const download = await saved
    should(download.suggestedFilename()).equal('orphan-gone.ndjson')
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n')
    should(lines.length).equal(3)
  })

  it('moves them into a node that a person chooses, of those that can take them', async () => {
    await orphan('gone').locator('button', { hasText: 'Adopt' }).click()
    const choice = orphan('gone').locator('select')
    should(await choice.locator('option').allTextContents()).eql([
      'orders · Plant',
      'Letters · Plant',
    ])
    await choice.selectOption('orders')
    await orphan('gone').locator('form button[type="submit"]').click()
    await said('3 messages adopted.')
    await sidebar.says('orders', '6')
    await sidebar.element.locator('h3', { hasText: 'Orphans 1' }).waitFor()
  })

  it('removes them for good only when asked twice', async () => {
    await orphan('old').locator('button', { hasText: 'Purge' }).click()
    await house.page.keyboard.press('Enter')
    await orphan('old').locator('form').waitFor({ state: 'detached' })
    await orphan('old').locator('button', { hasText: 'Purge' }).click()
    await orphan('old').locator('form button[type="submit"]').click()
    await said('3 messages removed for good.')
    await orphan('old').waitFor({ state: 'hidden' })
    house.complaints.should.eql([])
  })

  const orphan = (id: string) => sidebar.element.locator(`[data-orphan="${id}"]`)

  const said = (text: string): Promise<void> =>
    sidebar.element.locator('.resilience-said', { hasText: text }).waitFor()
})
