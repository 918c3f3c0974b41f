/**
 * The page of dead letters in a real browser against a real Node-RED: a thousand letters are looked
 * at, edited, sent round, deleted and brought back. Needs Chromium; where there is none it is
 * pending.
 */

import { readFile } from 'node:fs/promises'
import should from 'should'
import { EditorHouse, hasBrowser } from './world/editor-page.js'
import { LetterPage, LetterPlant, letterFlow } from './world/letter-flow.js'
import { SidebarPage } from './world/sidebar-page.js'

const many = 1000

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
    await plant.send(many)
    await sidebar.show()
  })

  after(() => house?.close())

  beforeEach(() => {
    house.complaints = []
  })

  afterEach(() => house.complaints.should.eql([]))

  it('is announced by how many letters are new', async () => {
    await sidebar.element.locator('#resilience-tab-letters', { hasText: '1,002' }).waitFor()
  })

  it('groups them by cause, the newest first, and marks them as seen', async () => {
    await sidebar.turnTo('letters')
    await letters.says('1,002 letters · 2 causes')
    const causes = await letters.element.locator('.resilience-cause').allTextContents()
    causes[0]?.should.startWith('1,000 Error · write PLC')
    causes[1]?.should.startWith('2 TypeError · write PLC')
    await sidebar.element.locator('.resilience-badge:visible').waitFor({ state: 'detached' })
    should(await plant.figures()).match({ waiting: many + 2, fresh: 0 })
  })

  it('shows fifty letters of a cause, and fifty more when asked', async () => {
    const cause = letters.cause('Error · write PLC').first()
    await letters.unfold(cause)
    await cause.locator('li').nth(49).waitFor()
    should(await cause.locator('li').count()).equal(50)
    await letters.button('50 more; 50 of 1,000 shown').click()
    await cause.locator('li').nth(99).waitFor()
    should(await cause.locator('li').count()).equal(100)
    await letters.line(cause).click()
  })

  it('keeps a note about a cause', async () => {
    const cause = letters.cause('TypeError')
    await letters.unfold(cause)
    await cause.getByText('✎ Note').click()
    await house.page.keyboard.type('ERP update at 14:30')
    await house.page.keyboard.press('Enter')
    await letters.told('The note is kept.')
    await cause.filter({ hasText: 'ERP update at 14:30' }).waitFor()
  })

  it('says nothing of a node that is gone for a moment, and asks it again', async () => {
    const groups = /\/resilience\/dlq\/[^/]+\/groups/
    const json = { error: { code: 'NOT_FOUND', text: 'There is no such dlq here.' } }
    const told = (status: number) =>
      house.page.waitForResponse(
        (answer) => groups.test(answer.url()) && answer.status() === status,
      )
    await house.page.route(groups, (route) => route.fulfill({ status: 404, json }))
    await Promise.all([told(404), sidebar.readAgain()])
    await house.page.unrouteAll()
    await Promise.all([told(200), sidebar.readAgain()])
    should(await sidebar.element.locator('.resilience-trouble').count()).equal(0)
    await letters.says('1,002 letters · 2 causes')
  })

  it('tells the story of a letter and shows its message part by part', async () => {
    const letter = letters.letters('order 1')
    await letters.unfold(letter)
    await letter.filter({ hasText: 'All attempts failed.' }).waitFor()
    await letter.filter({ hasText: 'path: write PLC' }).waitFor()
    await letter.filter({ hasText: 'no answer in time' }).waitFor()
    await letter.filter({ hasText: 'Buffer 5 B "hello"' }).waitFor()
    await letter.filter({ hasText: 'when (Date) "1970-01-01' }).waitFor()
  })

  it('shows the node where it failed', async () => {
    await house.page.evaluate(`(() => {
      const { reveal } = RED.view
      RED.view.reveal = (id) => { window.revealed = id; reveal(id) }
    })()`)
    await letters.button('Show node').click()
    should(await house.page.evaluate('window.revealed')).equal('machine')
  })

  it('says at the field where a text is no JSON, and what JSON has no form for', async () => {
    await letters.button('Edit and redrive').click()
    await letters.says('Not JSON: payload.when (Date), payload.raw (Buffer)')
    await letters.element.locator('textarea').fill('{\n  "payload": {"order": 4711,}\n}')
    await form().getByRole('button', { name: 'Redrive' }).click()
    await letters.says('This is no JSON: look at line 2, column')
    should(await letters.element.locator('textarea').getAttribute('aria-invalid')).equal('true')
    should(await plant.figures()).match({ waiting: many + 2 })
  })

  it('leaves alone what is written while letters come and go', async () => {
    const field = letters.element.locator('textarea')
    await field.fill('{"payload": {"order": 4711}}')
    await plant.send(1, 'late')
    await letters.says('1,003 letters')
    should(await field.inputValue()).equal('{"payload": {"order": 4711}}')
    should(await sidebar.isFocused(field)).be.true()
  })

  it('sends an edited letter round', async () => {
    await plant.be('well')
    await form().getByRole('button', { name: 'Redrive' }).click()
    await letters.told('The edited letter is on its way.')
    await letters.says('1,002 letters')
    should(await plant.got()).eql({ order: 4711 })
  })

  it('deletes what is ticked, offers the way back at once, and takes it', async () => {
    await letters.tick(letters.letters('order 0').first())
    should(await letters.button('Redrive 1').isVisible()).be.true()
    await letters.button('Delete').click()
    await letters.says('1 deleted')
    should(await sidebar.isFocused(letters.button('Undo'))).be.true()
    should(await plant.figures()).match({ waiting: many + 1, deleted: 1 })
    await house.page.keyboard.press('Enter')
    await letters.told('1 restored')
    should(await plant.figures()).match({ waiting: many + 2, deleted: 0 })
  })

  it('finds letters by a piece of text, and saves what is ticked of them as a file', async () => {
    await letters.button('Filter').click()
    await house.page.keyboard.type('order 99')
    await letters.cause('letters that match').filter({ hasText: /^11/ }).waitFor()
    await letters.tick(letters.letters('order 99').nth(0))
    await letters.tick(letters.letters('order 99').nth(1))
    const saving = house.page.waitForEvent('download')
    await letters.button('Export').click()
    const file = await saving
    should(file.suggestedFilename()).equal('dead-letters-letters.ndjson')
    const text = await readFile(await file.path(), 'utf8')
    const lines = text.trim().split('\n')
    lines.map((line) => JSON.parse(line).topic).should.matchEach(/^order 99/)
    lines.length.should.equal(2)
    await bring(text)
    await letters.told('0 letters imported, 2 known already.')
  })

  it('takes up a file, and says which lines it could not read', async () => {
    await bring('{"no": "letter"}\n')
    await letters.told('0 letters imported, 0 known already, 1 lines could not be read: 1.')
    await letters.button('Filter').click()
    await letters.says('1,002 letters · 2 causes')
  })

  it('sends all round and shows how far it is, to the end', async () => {
    const seen: number[] = []
    await house.page.exposeFunction('barMoved', (value: number) => seen.push(value))
    await house.page.evaluate(`new MutationObserver(() => {
      barMoved(document.querySelector('.resilience-redrive progress').value)
    }).observe(document.querySelector('.resilience-redrive'), { subtree: true, childList: true })`)
    await letters.button('Redrive all 1,002').click()
    await letters.told('The redrive has begun.')
    await letters.says('stops at 20%')
    await letters.says('Redriven · 1,002 ok · 0 failed')
    await letters.says('No dead letters.')
    should(await plant.figures()).match({ waiting: 0 })
    should(seen.at(-1)).equal(1002)
    seen.filter((value) => value > 0 && value < 1002).length.should.be.above(0)
    await letters.button('Close').click()
    should(await letters.element.locator('.resilience-redrive').isVisible()).be.false()
  })

  it('cancels a redrive in its middle', async () => {
    await plant.be('sick')
    await plant.send(many)
    await letters.says('1,000 letters · 1 cause')
    await plant.be('held')
    await letters.button('Redrive all 1,000').click()
    await letters.says('20 of 1,000 · 20 ok')
    await letters.button('Redrive all').click()
    await letters.told('A redrive is running: 20 of 1,000.')
    await letters.button('Cancel').click()
    await letters.told('Cancelled; what is on its way still ends.')
    await plant.be('well')
    await letters.says('Cancelled · 120 of 1,000 · 120 ok')
    await letters.says('880 letters')
  })

  it('deletes all of them only when asked twice', async () => {
    const menu = letters.element.locator('.resilience-menu')
    await menu.locator('summary').click()
    await letters.button('Delete all').click()
    await letters.says('Delete 880 letters?')
    should(await sidebar.isFocused(letters.button('Leave it'))).be.true()
    await house.page.keyboard.press('Escape')
    should(await plant.figures()).match({ waiting: 880 })
    await menu.locator('summary').click()
    await letters.button('Delete all').click()
    await letters.element.getByRole('group').getByRole('button', { name: 'Delete' }).click()
    await letters.told('880 deleted')
    await letters.says('No dead letters.')
  })

  it('finds deleted letters and restores those that are ticked', async () => {
    await letters.button('Filter').click()
    await letters.element.getByLabel('deleted', { exact: true }).check()
    await letters.cause('deleted letters').filter({ hasText: /^880/ }).waitFor()
    await letters.tick(letters.cause('deleted letters'))
    await letters.button('Restore').click()
    await letters.told('880 restored')
    await letters.button('Filter').click()
    await letters.says('880 letters · 1 cause')
  })

  it('asks nothing while nobody looks at it', async () => {
    await sidebar.turnTo('timeline')
    const asked: string[] = []
    house.page.on('request', (request) => asked.push(request.url()))
    await plant.be('sick')
    await plant.send(3, 'late')
    await house.page.waitForFunction("RED.nodes.node('letters').status.text.includes('883')")
    asked.filter((url) => url.includes('/resilience/dlq')).should.eql([])
    await sidebar.turnTo('letters')
    await letters.says('883 letters · 2 causes')
  })

  it('sends several causes round at once, and stops when they fail again', async () => {
    await letters.tick(letters.cause('TypeError'))
    await letters.tick(letters.cause('Error · write PLC').last())
    await letters.button('Redrive 883').click()
    await letters.says('Stopped, too many failed again · 1 of 883 · 0 ok · 1 failed')
    await letters.button('Close').click()
  })

  it('finds those given up, and deletes only these', async () => {
    await letters.button('Filter').click()
    await letters.element.getByLabel('given up', { exact: true }).check()
    await letters.cause('letters that match').filter({ hasText: /^1/ }).waitFor()
    await letters.says('given up')
    await letters.element.locator('.resilience-menu summary').click()
    await letters.button('Delete those given up').click()
    await letters.says('Delete 1 letter given up?')
    await letters.element.getByRole('group').getByRole('button', { name: 'Delete' }).click()
    await letters.told('1 deleted')
    should(await plant.figures()).match({ waiting: 882, givenUp: 0, deleted: 1 })
  })

  it('sends all that a filter finds, and all of one cause', async () => {
    await plant.be('well')
    await letters.element.getByLabel('given up', { exact: true }).uncheck()
    await letters.element.getByRole('searchbox').fill('order 99')
    await letters.cause('letters that match').filter({ hasText: /^10/ }).waitFor()
    await letters.tick(letters.cause('letters that match'))
    await letters.button('Redrive 10').click()
    await letters.says('Redriven · 10 ok · 0 failed')
    await letters.button('Filter').click()
    await letters.tick(letters.cause('TypeError'))
    await letters.button('Redrive 3').click()
    await letters.says('Redriven · 3 ok · 0 failed')
    await letters.says('869 letters · 1 cause')
  })

  const form = () => letters.element.locator('form.resilience-edit')

  const bring = (text: string): Promise<void> =>
    letters.element.locator('input[type="file"]').setInputFiles({
      ...{ name: 'letters.ndjson', mimeType: '', buffer: Buffer.from(text) },
    })
})
