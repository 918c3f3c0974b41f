/**
 * The sidebar under a login that may only read: everything is seen, nothing can be done. Needs
 * Chromium; where there is none it is pending.
 */

import should from 'should'
import { EditorHouse, hasBrowser } from './world/editor-page.js'
import { outageFlow } from './world/outage-flow.js'
import { SidebarPage } from './world/sidebar-page.js'

// It comes with Node-RED, without types.
const { hashSync }: { hashSync(text: string, rounds: number): string } = require('bcryptjs')

describe('the sidebar for a person who may only look', function () {
  this.timeout(120_000)

  let house: EditorHouse
  let sidebar: SidebarPage

  before(async function () {
    if (!hasBrowser()) return this.skip()
    const users = [{ username: 'guest', password: hashSync('g', 4), permissions: 'read' }]
    const settings = { adminAuth: { type: 'credentials', users } }
    house = await EditorHouse.open(outageFlow, {
      settings,
      login: { username: 'guest', password: 'g' },
    })
    await house.enter()
    sidebar = new SidebarPage(house.page)
    await sidebar.show()
  })

  after(() => house?.close())

  it('shows every node and has no button that would change anything', async () => {
    await sidebar.says('PLC', 'closed')
    await sidebar.row('PLC').locator('.resilience-open').click()
    await sidebar.says('PLC', 'on Plant')
    const names: string[] = await house.page.evaluate(`
      [...document.querySelectorAll('#resilience-page-overview button')]
        .filter((it) => it.checkVisibility())
        .map((it) => it.dataset.command ?? 'row')`)
    should(new Set(names)).eql(new Set(['row', 'reveal']))
  })

  it('shows the timeline', async () => {
    await sidebar.turnTo('timeline')
    await sidebar.element.locator('[data-kind="health.changed"]').first().waitFor()
    should(await sidebar.element.locator('.resilience-trouble').count()).equal(0)
    house.complaints.should.eql([])
  })
})
