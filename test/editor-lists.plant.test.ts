/**
 * Lists and check boxes in the dialogs of a real Node-RED, in a real browser: rows that were saved
 * are shown, what is changed is saved as a list, and what is wrong is said. Pending without
 * Chromium, as `editor.plant.test.ts`.
 */

import should from 'should'
import type { Flow } from '../tools/common/user-dir.js'
import { type EditorHouse, inEditor } from './world/editor-page.js'

const birth = { topic: 'line/1', payload: '$connects', payloadType: 'jsonata', qos: '2' }
const flows: Flow = [
  { id: 'tab', type: 'tab', label: 'Plant' },
  {
    ...{ id: 'broker', type: 'resilient-mqtt-broker', servers: '127.0.0.1:1,127.0.0.1:2' },
    ...{ birthMessages: [{ ...birth, retain: true }], willMessage: { topic: 'line/#' } },
  },
  { id: 'old', type: 'resilient-mqtt-broker', servers: '127.0.0.1:1', protocolVersion: '3.1.1' },
  {
    ...{ id: 'out', type: 'resilient-mqtt-out', z: 'tab', x: 300, y: 200, wires: [] },
    ...{ broker: 'broker', topic: 'line/1' },
  },
]

describe('lists in the editor', function () {
  this.timeout(120_000)

  let house: EditorHouse

  inEditor(flows, (opened) => {
    house = opened
  })

  it('says what is wrong in a row, on the canvas and in the dialog', async () => {
    should(await house.page.evaluate("RED.nodes.node('broker').valid")).be.false()
    await editBroker()
    const note = house.page.locator('#node-config-input-willMessage-wrong')
    should(await note.textContent()).equal('A topic to publish to has no + or #.')
    should(await title('First and last words')).equal(
      'First and last words · Sent first 1, Last will 1',
    )
    const [will] = await rows('node-config-input-willMessage-list')
    await will?.locator('[data-name="topic"]').fill('line/will')
    should(await note.count()).equal(0)
  })

  it('shows what was saved, and saves as a list what was changed', async () => {
    await editBroker()
    const [first] = await rows('node-config-input-birthMessages-list')
    should(await first?.locator('[data-name="topic"]').inputValue()).equal('line/1')
    should(await first?.locator('[data-name="qos"]').inputValue()).equal('2')
    should(await first?.locator('[data-name="retain"]').isChecked()).be.true()
    await first?.locator('[data-name="retain"]').uncheck()
    const [will] = await rows('node-config-input-willMessage-list')
    await will?.locator('[data-name="topic"]').fill('line/will')
    await addTo('closeMessages')
    const [last] = await rows('node-config-input-closeMessages-list')
    await last?.locator('[data-name="topic"]').fill('line/bye')
    await house.page.click('#node-config-dialog-ok')
    const saved = await house.node('broker')
    should(saved).containEql({
      birthMessages: [{ ...birth, retain: false }],
      closeMessages: [
        { topic: 'line/bye', payload: '', payloadType: 'str', qos: '1', retain: false },
      ],
      willMessage: { topic: 'line/will', payload: '', payloadType: 'str', qos: '1', retain: false },
      returnToFirst: true,
    })
  })

  it('offers one will only, and lets it be taken away', async () => {
    await editBroker()
    const list = house.page.locator('.resilience-list', {
      has: house.page.locator('#node-config-input-willMessage'),
    })
    should(await list.locator('.red-ui-editableList-addButton').isVisible()).be.false()
    await list.locator('.red-ui-editableList-item-remove').click()
    await list.locator('.red-ui-editableList-addButton').waitFor({ state: 'visible' })
    await house.page.click('#node-config-dialog-ok')
    should(await house.node('broker')).containEql({ willMessage: null })
  })

  it('saves a tick, and tells of it in the title', async () => {
    await editBroker()
    await house.open('Connection')
    await house.page.uncheck('#node-config-input-returnToFirst')
    should(await title('Connection')).equal('Connection · not: Back to the first')
    await house.page.fill('#node-config-input-servers', '127.0.0.1:1')
    should(await house.page.locator('#resilience-broker-return').isVisible()).be.false()
    await house.page.click('#node-config-dialog-ok')
    should(await house.node('broker')).containEql({ returnToFirst: false })
  })

  it('saves user properties by name, and hides all of MQTT 5 from an older broker', async () => {
    await house.edit('out', 'topic')
    await house.open('Message')
    await addTo('userProperties')
    const [pair] = await rows('node-input-userProperties-list')
    await pair?.locator('[data-name="key"]').fill('press')
    await pair?.locator('[data-name="value"]').fill('3')
    should(await title('Message')).equal('Message · User properties 1')
    const properties = house.page.locator('#resilience-out-properties')
    should(await properties.isVisible()).be.true()
    await house.page.selectOption('#node-input-broker', 'old')
    should(await properties.isVisible()).be.false()
    await house.page.click('#node-dialog-ok')
    should(await house.node('out')).containEql({
      broker: 'old',
      userProperties: [{ key: 'press', value: '3' }],
    })
  })

  function editBroker(): Promise<void> {
    return house.editConfig('resilient-mqtt-broker', 'broker', 'servers')
  }

  async function addTo(field: string): Promise<void> {
    const list = house.page.locator(`.resilience-list:has([id$="-input-${field}"])`)
    await list.locator('.red-ui-editableList-addButton').click()
  }

  function rows(list: string) {
    return house.page.locator(`#${list} > li`).all()
  }

  async function title(name: string): Promise<string | null> {
    const named = house.page.locator('.resilience-title', { hasText: new RegExp(`^${name}$`) })
    return house.page.locator('summary', { has: named }).textContent()
  }
})
