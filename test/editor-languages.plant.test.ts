/**
 * Every dialog in every language, in a real browser: nothing is left that only a programmer reads,
 * and the labels fit beside their fields. Statuses come in the language of the runtime. Needs
 * Chromium; where there is none it is pending, on the build server it fails.
 */

import should from 'should'
import { severities } from '../src/base/event.js'
import type { Flow } from '../tools/common/user-dir.js'
import { dialogOf, rooms, wordsFor } from './house/dialogs.js'
import { foldersIn } from './house/sources.js'
import { EditorHouse, hasBrowser } from './world/editor-page.js'

const isConfig = (room: string) => dialogOf(room).category === 'config'

/** One of each, as it is dragged in. */
const flows: Flow = [
  { id: 'tab', type: 'tab', label: 'Plant' },
  ...rooms.filter(isConfig).map((type) => ({ id: `a-${type}`, type, name: '' })),
  ...rooms
    .filter((room) => !isConfig(room))
    .map((type, row) => ({ id: `a-${type}`, type, z: 'tab', x: 300, y: 60 + 60 * row, wires: [] })),
]

describe('the editor in another language', function () {
  this.timeout(120_000)

  let editor: EditorHouse

  before(async function () {
    if (!hasBrowser()) return this.skip()
    editor = await EditorHouse.open(flows, { settings: { lang: 'de' } })
  })

  after(() => editor?.close())

  for (const language of foldersIn('nodes/common/locales')) {
    describe(`in ${language}`, () => {
      before(() => editor.speak(language))
      beforeEach(() => editor.enter())
      afterEach(() => editor.leave())

      for (const room of rooms) {
        it(`shows the dialog of ${room} in words only, and labels in two lines at most`, async () => {
          await (isConfig(room)
            ? editor.editConfig(room, `a-${room}`, 'name')
            : editor.edit(`a-${room}`, 'name'))
          const texts = await textsIn(editor, form)
          texts.should.containEql(wordsFor(`${common}label.name`, {}, language))
          texts.filter(isUnworded).should.eql([])
          should(await tallLabels(editor)).eql([])
        })
      }

      it('shows each page of the sidebar in words only', async () => {
        await editor.page.evaluate("RED.sidebar.show('resilience')")
        await editor.page.locator('#resilience-page-overview h3').first().waitFor()
        const strip = await editor.page.locator('.resilience-strip').boundingBox()
        should(strip?.height).be.below(40, 'the pages stand in one line')
        for (const tab of await editor.page.locator('#red-ui-sidebar [role="tab"]').all()) {
          await tab.click()
          const texts = await textsIn(editor, sidebar)
          texts.filter(isUnworded).should.eql([])
        }
      })

      it('explains each node by its promise when the palette is pointed at', async () => {
        for (const room of rooms.filter((each) => !isConfig(each))) {
          const help = await editor.page.evaluate<string>(`RED.nodes.getNodeHelp('${room}')`)
          should(/^<p>[^<]+[.。]<\/p>/.test(help.trim())).be.true(room)
        }
      })

      it('shows statuses in the language of the runtime', async () => {
        await editor.page.waitForFunction("RED.nodes.node('a-persistent-queue').status?.text")
        const text = await editor.page.evaluate("RED.nodes.node('a-persistent-queue').status.text")
        should(text).equal('leer')
      })
    })
  }
})

const common = '@holdfast/node-red-resilience/common:'

/** A key that found no words, or a place that nothing was put in; a kind of event is neither. */
const isUnworded = (text: string): boolean =>
  /__|@holdfast|^(?!msg\.)[a-z]+(\.[a-zA-Z][\w-]*)+$/.test(text) && !(text in severities)

/** Every text in there, seen or not. */
function textsIn({ page }: EditorHouse, element: string): Promise<string[]> {
  return page.evaluate(`(() => {
    const all = [...${element}.querySelectorAll('*')]
    const said = all.flatMap((each) => ['title', 'placeholder', 'aria-label', 'data-short']
      .map((name) => each.getAttribute(name) ?? ''))
    const own = all.flatMap((each) => [...each.childNodes])
      .filter((each) => each.nodeType === Node.TEXT_NODE).map((each) => each.data.trim())
    return [...said, ...own].filter((text) => text !== '')
  })()`)
}

const form = "document.querySelector('#node-input-name, #node-config-input-name').closest('form')"
const sidebar = "document.querySelector('#red-ui-sidebar .resilience-sidebar')"

/** The labels of the open dialog that do not fit in their column, with their size in pixels. */
function tallLabels({ page }: EditorHouse): Promise<string[]> {
  return page.evaluate(`(() => {
    const form = ${form}
    for (const section of form.querySelectorAll('details')) section.open = true
    return [...form.querySelectorAll('.resilience-row > label')]
      .filter((each) => each.checkVisibility())
      .filter((each) => each.offsetHeight > 36 || each.scrollWidth > each.clientWidth)
      .map((each) => each.textContent + ' ' + each.scrollWidth + 'x' + each.offsetHeight)
  })()`)
}
