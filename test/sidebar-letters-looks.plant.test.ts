/**
 * How the page of dead letters looks and who may do what there, in a real browser against a real
 * Node-RED: by keyboard alone, where there is little room, to a person who may only look. Needs
 * Chromium; where there is none it is pending.
 */

import should from 'should'
import { EditorHouse, hasBrowser } from './world/editor-page.js'
import { LetterPage, LetterPlant, letterFlow } from './world/letter-flow.js'
import { SidebarPage } from './world/sidebar-page.js'

const { hashSync }: { hashSync(text: string, rounds: number): string } = require('bcryptjs')

describe('the page of dead letters', function () {
  this.timeout(120_000)

  let house: EditorHouse
  let plant: LetterPlant
  let sidebar: SidebarPage
  let letters: LetterPage

  before(async function () {
    if (!hasBrowser()) return this.skip()
    house = await EditorHouse.open(letterFlow)
    await house.enter()
    plant = new LetterPlant(house.nodeRed)
    sidebar = new SidebarPage(house.page)
    letters = new LetterPage(sidebar)
    await plant.be('sick')
    await plant.send(2, 'late')
    await plant.send(9)
    await sidebar.show()
    await sidebar.turnTo('letters')
    await letters.says('11 letters · 2 causes')
  })

  after(() => house?.close())

  beforeEach(() => {
    house.complaints = []
  })

  afterEach(() => house.complaints.should.eql([]))

  it('is used by keyboard alone', async () => {
    const { keyboard } = house.page
    const cause = letters.cause('TypeError')
    await house.page.focus('#resilience-tab-letters')
    await sidebar.walkTo(letters.line(cause))
    await keyboard.press('Enter')
    const letter = letters.letters('order 1')
    await letter.waitFor()
    await sidebar.walkTo(letters.line(letter))
    await keyboard.press('Space')
    await letter.locator('summary').first().waitFor()
    await sidebar.walkTo(letter.locator('[data-path="payload.raw"], summary').first())
    await keyboard.press('Enter')
    should(await letter.locator('details[data-path="payload"]').getAttribute('open')).be.null()
    await sidebar.walkTo(letters.button('Edit and redrive'))
    await keyboard.press('Enter')
    should(await sidebar.isFocused(letters.element.locator('textarea'))).be.true()
    await keyboard.press('Escape')
    should(await sidebar.isFocused(letters.button('Edit and redrive'))).be.true()
    await house.page.focus('#resilience-tab-letters')
    await sidebar.walkTo(cause.locator('input').first())
    await keyboard.press('Space')
    await letters.button('Redrive 2').waitFor()
  })

  it('keeps the focus while letters come, and hands it on when they go', async () => {
    const { keyboard } = house.page
    const box = letters.letters('order 0').first().locator('input')
    await box.focus()
    await plant.send(1)
    await letters.says('12 letters')
    should(await sidebar.isFocused(box)).be.true()
    await sidebar.walkTo(letters.button('Delete'))
    await keyboard.press('Enter')
    await letters.told('2 deleted')
    await letters.button('Undo').click()
    await letters.says('12 letters')
    should(await house.page.evaluate('document.activeElement.tagName')).equal('BUTTON')
  })

  it('turns to another node, takes no question there, and comes back to it', async () => {
    const nodes = letters.element.locator('select')
    await letters.element.locator('.resilience-menu summary').click()
    await letters.button('Delete all').click()
    await letters.says('Delete 12 letters?')
    await nodes.selectOption('spare')
    await letters.says('No dead letters.')
    should(await letters.button('Leave it').count()).equal(0)
    should(await house.page.evaluate("localStorage.getItem('resilience-letters-node')")).equal(
      'spare',
    )
    await nodes.selectOption('letters')
    await letters.says('12 letters · 2 causes')
  })

  for (const [width, height] of [
    [210, 700],
    [294, 255],
    [210, 255],
  ] as const) {
    it(`needs no more room than ${width} × ${height} px`, async () => {
      await sidebar.resize(width, height)
      const over: number[] = await house.page.evaluate(`['#resilience-page-letters',
        '.resilience-letters', '.resilience-letters-list', '.resilience-letters-foot',
        '.resilience-letters-head'].map((it) => {
        const { scrollWidth, clientWidth } = document.querySelector(it)
        return scrollWidth - clientWidth
      })`)
      should(over).eql([0, 0, 0, 0, 0])
      const list = await letters.element.locator('.resilience-letters-list').boundingBox()
      should(list?.height).be.aboveOrEqual(60)
      await sidebar.resize('')
    })
  }

  for (const look of ['light', 'dark'] as const) {
    it(`has no serious violation of accessibility rules, ${look}`, async () => {
      await sidebar.darken(look === 'dark')
      should(await sidebar.violations()).eql([])
      await letters.unfold(letters.cause('TypeError'))
      await letters.unfold(letters.letters('order 1'))
      await letters.button('Filter').click()
      await letters.element.locator('.resilience-menu summary').click()
      should(await sidebar.violations()).eql([])
      await letters.button('Delete all').click()
      await letters.button('Edit and redrive').click()
      await letters.element.locator('textarea').fill('{')
      await letters.element.locator('form').getByRole('button', { name: 'Redrive' }).click()
      should(await sidebar.violations()).eql([])
      await letters.element.locator('form').getByRole('button', { name: 'Leave it' }).click()
      await letters.element.getByRole('group').getByRole('button', { name: 'Leave it' }).click()
      await letters.button('Filter').click()
      await sidebar.darken(false)
    })
  }
})

describe('the page of dead letters, to a person who may only look', function () {
  this.timeout(120_000)

  let house: EditorHouse
  let sidebar: SidebarPage
  let letters: LetterPage

  before(async function () {
    if (!hasBrowser()) return this.skip()
    const users = [{ username: 'guest', password: hashSync('g', 4), permissions: 'read' }]
    house = await EditorHouse.open(letterFlow, {
      login: { username: 'guest', password: 'g' },
      settings: {
        adminAuth: { type: 'credentials', users },
        resilience: { showPayloads: false },
      },
    })
    const plant = new LetterPlant(house.nodeRed)
    await plant.be('sick')
    await plant.send(3)
    await house.enter()
    sidebar = new SidebarPage(house.page)
    letters = new LetterPage(sidebar)
    await sidebar.show()
    await sidebar.turnTo('letters')
  })

  after(() => house?.close())

  it('shows causes, letters and stories', async () => {
    await letters.says('3 letters · 1 cause')
    await letters.unfold(letters.cause('Error · write PLC'))
    await letters.unfold(letters.letters('order 1'))
    await letters.says('All attempts failed.')
  })

  it('says that messages are hidden', async () => {
    await letters.says('Payloads are hidden: showPayloads is false in settings.js.')
  })

  it('says why nothing is exported', async () => {
    const refused = `Resilience.sidebar.gateway.download('dlq/letters/export', 'letters.ndjson')
      .then(() => 'saved', ({ code, message }) => code + ': ' + message)`
    should(await house.page.evaluate(refused)).equal(
      'PAYLOADS_HIDDEN: Payloads are hidden: showPayloads is false in settings.js.',
    )
  })

  it('has no button that changes anything, and no box to tick', async () => {
    const names = await letters.element.locator('button:visible, summary:visible').allTextContents()
    names
      .filter((name) => !/^(\d|\d\d:\d\d |)\s?.*(order \d|write PLC)|^$|^Show node$/.test(name))
      .should.eql([])
    should(await letters.element.locator('input:visible').count()).equal(0)
  })

  it('marks nothing as seen', async () => {
    await sidebar.element.locator('#resilience-tab-letters', { hasText: '3' }).waitFor()
    house.complaints.should.eql([])
  })
})
