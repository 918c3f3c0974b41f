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
/** As the gateway answers for a node in mid deploy. */
const gone = {
  status: 404,
  json: { error: { code: 'NOT_FOUND', text: 'There is no node letters here.' } },
}

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

  it('says nothing of a node that is gone for a moment, and asks it again', async () => {
    const told = (status: number) =>
      house.page.waitForResponse((response) => {
        return response.url().endsWith('/resilience/nodes/letters') && response.status() === status
      })
    await house.page.route('**/resilience/nodes/letters', (route) => route.fulfill(gone))
    await Promise.all([told(404), sidebar.readAgain()])
    await house.page.unrouteAll()
    await Promise.all([told(200), sidebar.readAgain()])
    should(await sidebar.element.locator('.resilience-trouble').count()).equal(0)
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

  it('offers what may be done about an orphan now, and keeps the focus', async () => {
    const buttons = () => orphan('gone').locator('.resilience-direct button').allTextContents()
    const named = (words: string) => orphan('gone').filter({ hasText: words }).waitFor()
    const answer = async (change: object) => {
      await house.page.route('**/resilience/orphans?*', async (route) => {
        const response = await route.fetch()
        const { items } = await response.json()
        const changed = items.map((each: object) => ({ ...each, ...change }))
        await route.fulfill({ response, json: { items: changed } })
      })
      await sidebar.readAgain()
    }
    await orphan('gone').locator('button', { hasText: 'Purge' }).click()
    await answer({ messages: 5 })
    await named('Remove gone · 5 messages for good?')
    await orphan('gone').locator('button', { hasText: 'Export' }).focus()
    await answer({ kind: 'circuit-breaker' })
    await named('gone · state of a circuit-breaker')
    should(await buttons()).eql(['Purge'])
    should(await sidebar.isFocused(orphan('gone').locator('[data-command="purge"]'))).be.true()
    await house.page.unrouteAll()
    await sidebar.readAgain()
    await named('gone · 3 messages')
    should(await buttons()).eql(['Adopt', 'Export', 'Purge'])
    await house.page.evaluate(`(() => {
      window.hasPermission = RED.user.hasPermission
      RED.user.hasPermission = (name) => name !== 'resilience.write'
    })()`)
    await sidebar.readAgain()
    await orphan('gone').locator('button').first().waitFor({ state: 'detached' })
    await house.page.evaluate('RED.user.hasPermission = window.hasPermission')
    await sidebar.readAgain()
    await orphan('gone').locator('.resilience-direct button').nth(2).waitFor()
    should(await orphan('gone').locator('form').count()).equal(0)
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

  it('counts new letters beside their page while the timeline is looked at', async () => {
    await sidebar.turnTo('timeline')
    const badge = sidebar.element.locator('#resilience-tab-letters .resilience-badge')
    const before = Number(await badge.textContent())
    should(before).be.above(0)
    await house.nodeRed.inject('send')
    await badge.filter({ hasText: `${before + 1}` }).waitFor()
    house.complaints.should.eql([])
  })

  const orphan = (id: string) => sidebar.element.locator(`[data-orphan="${id}"]`)

  const said = (text: string): Promise<void> =>
    sidebar.element.locator('.resilience-said', { hasText: text }).waitFor()
})
