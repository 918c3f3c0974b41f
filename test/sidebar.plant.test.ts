/**
 * The sidebar during an outage, in a real browser against a real Node-RED: what it shows, what can
 * be done there by mouse and by keyboard alone, and how it looks where there is little room. Needs
 * Chromium; where there is none it is pending.
 */

import should from 'should'
import { EditorHouse, hasBrowser } from './world/editor-page.js'
import { oneStory } from './world/one-story.js'
import { outageFlow } from './world/outage-flow.js'
import { SidebarPage } from './world/sidebar-page.js'

describe('the sidebar during an outage', function () {
  this.timeout(120_000)
  oneStory(this)

  let house: EditorHouse
  let sidebar: SidebarPage
  let timesGone = 0

  before(async function () {
    if (!hasBrowser()) return this.skip()
    house = await EditorHouse.open(outageFlow)
    await house.enter()
    sidebar = new SidebarPage(house.page)
    await sidebar.show()
    const json = { error: { code: 'NOT_FOUND', text: 'There is no node PLC here.' } }
    const isOnce = { times: 1 }
    await house.page.route(
      '**/resilience/nodes/PLC',
      async (route) => {
        timesGone += 1
        await route.fulfill({ status: 404, json })
      },
      isOnce,
    )
    for (let sent = 0; sent < 7; sent++) await house.nodeRed.inject('send')
  })

  after(() => house?.close())

  beforeEach(async () => {
    house.complaints = []
    await sidebar.resize('')
  })

  afterEach(() => house.complaints.should.eql([]))

  it('shows the breaker open and the queue waiting', async () => {
    await sidebar.says('PLC', 'open · probe in')
    await sidebar.says('PLC', '✕✕✕✕✕ failures in a row, last: error')
    await sidebar.says('orders', 'held by breaker · 7')
    should(await groups()).eql(['Delivery · ⚠ 1', 'Protection · ⚠ 1', 'Health', 'Dead letters'])
  })

  it('has asked again, without a word, when the breaker was gone for a moment', async () => {
    should(timesGone).equal(1)
    should(await sidebar.element.locator('.resilience-trouble').count()).equal(0)
  })

  it('tells which calls made it open, and what other thresholds would have done', async () => {
    await sidebar.row('PLC').locator('.resilience-open').click()
    await sidebar.says('PLC', 'With 3 in a row: opened')
    await sidebar.says('PLC', 'With 8 in a row: not opened')
    should(await sidebar.row('PLC').locator('.resilience-story ul:first-child li').count()).equal(5)
    await sidebar.row('PLC').locator('.resilience-open').click()
  })

  it('tells of it in the timeline, with the same calls', async () => {
    await sidebar.turnTo('timeline')
    const opened = sidebar.element.locator('[data-kind="breaker.opened"]')
    await opened.locator('.resilience-open').click()
    await opened.filter({ hasText: 'With 8 in a row: not opened' }).waitFor()
    should(await opened.locator('.resilience-story ul:first-child li').count()).equal(5)
    await sidebar.turnTo('overview')
  })

  it('shows a node on the canvas', async () => {
    await house.page.evaluate(`(() => {
      const { reveal } = RED.view
      window.revealed = []
      RED.view.reveal = (id) => { window.revealed.push(id); reveal(id) }
    })()`)
    await sidebar.row('letters').locator('.resilience-open').click()
    await sidebar.row('letters').locator('[data-command="reveal"]').click()
    should(await house.page.evaluate('window.revealed')).eql(['letters'])
    await sidebar.row('letters').locator('.resilience-open').click()
  })

  it('pauses and resumes a queue by one button, which keeps the focus', async () => {
    // Where there is little room, only an open row has its buttons.
    await sidebar.row('orders').locator('.resilience-open').click()
    await sidebar.direct('orders', 'pause').click()
    await sidebar.says('orders', 'paused')
    await sidebar.direct('orders', 'resume').waitFor()
    should(await focused()).equal('resume')
    await house.page.keyboard.press('Enter')
    await sidebar.direct('orders', 'pause').waitFor()
    should(await focused()).equal('pause')
    await sidebar.says('orders', 'orders').then(() => said('orders: Resume, done.'))
  })

  it('lets nothing be purged by one press', async () => {
    await sidebar.openMenu('orders')
    await sidebar.inMenu('orders', 'purge').click()
    const form = sidebar.row('orders').locator('form')
    await form.filter({ hasText: 'Remove everything in orders for good?' }).waitFor()
    await house.page.keyboard.press('Enter')
    await form.waitFor({ state: 'detached' })
    should(await focused()).equal('purge')
    await sidebar.says('orders', '7')
  })

  it('shows what a command answers, and how many it was done to', async () => {
    await sidebar.inMenu('orders', 'peek').click()
    await house.page.keyboard.press('Enter')
    await sidebar.row('orders').locator('pre', { hasText: '"storedAt"' }).waitFor()
    await sidebar.inMenu('orders', 'drop').click()
    await house.page.keyboard.press('Enter')
    await said('orders: Drop, 1 messages.')
    await sidebar.says('orders', '6')
    await house.page.keyboard.press('Escape')
    should(await sidebar.row('orders').locator('.resilience-commands').isVisible()).be.false()
    await sidebar.row('orders').locator('.resilience-open').click()
  })

  it('isolates and resets a breaker by keyboard alone, and shows where one is', async () => {
    await house.page.focus('#resilience-tab-overview')
    await sidebar.walkTo(sidebar.row('PLC').locator('.resilience-open'))
    await house.page.keyboard.press('Enter')
    await sidebar.says('PLC', 'on Plant')
    await sidebar.walkTo(sidebar.direct('PLC', 'isolate'))
    const outline = await house.page.evaluate('getComputedStyle(document.activeElement).outline')
    should(outline).match(/solid 2px/)
    await house.page.keyboard.press('Enter')
    await sidebar.says('PLC', 'isolated')
    await sidebar.walkTo(sidebar.direct('PLC', 'reset'))
    await house.nodeRed.inject('heal')
    await house.page.keyboard.press('Space')
    await sidebar.says('PLC', 'closed')
    await sidebar.says('orders', 'empty')
  })

  it('turns its pages by arrow keys', async () => {
    await house.page.focus('#resilience-tab-overview')
    await house.page.keyboard.press('End')
    should(await focused()).equal('resilience-tab-timeline')
    await house.page.keyboard.press('ArrowRight')
    should(await focused()).equal('resilience-tab-overview')
    await house.page.keyboard.press('ArrowLeft')
    await sidebar.element.locator('#resilience-page-timeline').waitFor()
  })

  it('filters by kind, node and severity', async () => {
    await sidebar.element.locator('[data-kind="person.acted"]').first().waitFor()
    const [family, node, severity] = await sidebar.element
      .locator('.resilience-filters select')
      .all()
    await family?.selectOption('protection')
    should(new Set(await kinds())).eql(new Set(['breaker.closed', 'breaker.opened']))
    await severity?.selectOption('error')
    should(await kinds()).eql(['breaker.opened'])
    await node?.selectOption('orders')
    should(await kinds()).eql([])
    await sidebar.element.locator('p', { hasText: 'No event passes these filters.' }).waitFor()
    for (const each of [family, node, severity]) await each?.selectOption('')
  })

  it('puts what is new at the top, and takes neither focus nor place', async () => {
    await sidebar.resize(294, 140)
    const oldest = sidebar.element.locator('[data-kind="breaker.opened"] .resilience-open')
    await oldest.focus()
    const before = await oldest.boundingBox()
    const count = (await kinds()).length
    await sidebar.page.evaluate(`$.ajax({
      url: 'resilience/nodes/orders/command', method: 'POST', contentType: 'application/json',
      data: JSON.stringify({ command: 'pause' }),
    })`)
    await sidebar.element.locator(`.resilience-events > :nth-child(${count + 1})`).waitFor({
      state: 'attached',
    })
    should(await sidebar.isFocused(oldest)).be.true()
    should(await oldest.boundingBox()).eql(before)
  })

  it('asks nothing while nobody looks at it', async () => {
    await sidebar.turnTo('overview')
    await sidebar.direct('orders', 'resume').waitFor()
    await house.page.evaluate("RED.sidebar.show('info')")
    await sidebar.element.waitFor({ state: 'hidden' })
    const asked: string[] = []
    house.page.on('request', (request) => asked.push(request.url()))
    for (let sent = 0; sent < 3; sent++) await house.nodeRed.inject('send')
    const words = "RED.nodes.node('orders').status.text"
    await house.page.waitForFunction(`${words}.includes('3')`)
    asked.filter((url) => url.includes('/resilience/')).should.eql([])
    await sidebar.show()
    await sidebar.says('orders', '3')
    await sidebar.direct('orders', 'resume').click()
    await sidebar.says('orders', 'empty')
  })

  for (const [width, height] of [
    [210, 700],
    [294, 255],
    [210, 255],
  ] as const) {
    it(`needs no more room than ${width} × ${height} px`, async () => {
      await sidebar.resize(width, height)
      for (const page of ['overview', 'timeline'] as const) {
        await sidebar.turnTo(page)
        const over = await house.page.evaluate(`(() => {
          const page = document.querySelector('#resilience-page-${page}')
          const frame = document.querySelector('.resilience-sidebar')
          return [page, frame].map((it) => it.scrollWidth - it.clientWidth)
        })()`)
        should(over).eql([0, 0], page)
      }
      should(await sidebar.element.locator('time:visible').count()).equal(
        width < 240 ? 0 : await sidebar.element.locator('time').count(),
      )
      await sidebar.turnTo('overview')
    })
  }

  for (const look of ['light', 'dark'] as const) {
    it(`has no serious violation of accessibility rules, ${look}`, async () => {
      await sidebar.darken(look === 'dark')
      await sidebar.row('PLC').locator('.resilience-open').click()
      await sidebar.openMenu('orders')
      await sidebar.inMenu('orders', 'purge').click()
      should(await sidebar.violations()).eql([])
      await sidebar.openMenu('orders')
      await sidebar.row('PLC').locator('.resilience-open').click()
      await sidebar.turnTo('timeline')
      const opened = sidebar.element.locator('[data-kind="breaker.opened"] .resilience-open')
      if ((await opened.getAttribute('aria-expanded')) === 'false') await opened.click()
      should(await sidebar.violations()).eql([])
      await sidebar.turnTo('overview')
      await sidebar.darken(false)
    })
  }

  /** What the focused element does, or its id. */
  const focused = (): Promise<string> =>
    house.page.evaluate('document.activeElement.dataset.command ?? document.activeElement.id')

  const groups = (): Promise<string[]> =>
    sidebar.element.locator('.resilience-overview h3:visible').allTextContents()

  const said = (text: string): Promise<void> =>
    sidebar.element.locator('.resilience-said', { hasText: text }).waitFor()

  const kinds = (): Promise<string[]> =>
    house.page.evaluate(`[...document.querySelectorAll('.resilience-events [data-kind]')]
      .map((it) => it.dataset.kind)`)
})
