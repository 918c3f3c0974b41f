/**
 * The dialog of the dead letter node, and the field "Dead letters to" in the nodes that give up, in
 * a real browser against a real Node-RED. Needs Chromium; where there is none it is pending.
 */

import should from 'should'
import type { Flow } from '../tools/common/user-dir.js'
import { type EditorHouse, inEditor } from './world/editor-page.js'

const place = { z: 'tab', x: 300, wires: [[], []] }
const flows: Flow = [
  { id: 'tab', type: 'tab', label: 'Plant' },
  { id: 'inner', type: 'subflow', name: 'inner', in: [], out: [] },
  { ...place, id: 'hidden', type: 'dlq', z: 'inner', y: 100, name: 'hidden' },
  { ...place, id: 'orders', type: 'persistent-queue', y: 160, deadLetter: 'letters' },
  { ...place, id: 'again', type: 'resilience-retry', y: 220 },
  { ...place, id: 'orphan', type: 'resilience-retry', y: 280, deadLetter: 'deleted' },
  { ...place, id: 'out', type: 'resilient-mqtt-out', y: 340, wires: [], broker: 'broker' },
  { id: 'broker', type: 'resilient-mqtt-broker', servers: 'mqtt://127.0.0.1:1' },
  { ...place, id: 'letters', type: 'dlq', y: 100, name: 'Letters' },
]

describe('the dialog of dead letters', function () {
  this.timeout(120_000)

  let house: EditorHouse

  inEditor(flows, (opened) => {
    house = opened
  })

  it('shows four fields and says what is wrong with a schedule', async () => {
    await house.edit('letters', 'redriveSchedule')
    for (const [text, words] of [
      ['5', advice],
      ['0 6 * *', advice],
      ['0 25 * * *', advice],
      ['0 6 * * 1-5', ''],
      ['OFF', ''],
      ['90s', ''],
    ] as const) {
      await house.write('node-input-redriveSchedule', text)
      await house.says('node-input-redriveSchedule', words)
    }
    should(await house.titles()).eql(['Redrive', 'Limits', 'Storage', 'What counts as failed'])
  })

  it('saves what was written, canonical, and tells it in the titles', async () => {
    await house.edit('letters', 'redriveSchedule')
    await house.write('node-input-redriveSchedule', '0 06 * * mon-fri')
    await house.page.selectOption('#node-input-redriveTo', 'source')
    await house.open('Redrive')
    await house.write('node-input-attempts', '3')
    await house.page.uncheck('#node-input-canary')
    await house.write('node-input-stopAbove', 'off')
    await house.open('Storage')
    await house.write('node-input-keepDeleted', '48 h')
    should(await house.titles()).containEql('Redrive · 3, not: One first, off *')
    await house.page.click('#node-dialog-ok')
    should(await house.node('letters')).containEql({
      ...{ redriveSchedule: '0 6 * * MON-FRI', redriveTo: 'source', attempts: '3' },
      ...{ canary: false, stopAbove: 'off', keepDeleted: '48h', maxSize: '100MB' },
    })
  })

  for (const [id, field, section] of [
    ['orders', 'maxInFlight', undefined],
    ['again', 'attempts', 'Gave up'],
    ['out', 'topic', 'Confirmation'],
  ] as const) {
    it(`can be chosen in the dialog of ${id}, but for those inside a subflow`, async () => {
      await house.edit(id, field)
      if (section !== undefined) await house.open(section)
      const list = house.page.locator('#resilience-pick-deadLetter')
      should(await list.locator('option').allTextContents()).eql(['none', 'Letters'])
      await list.selectOption('letters')
      await house.page.click('#node-dialog-ok')
      should(await house.node(id)).containEql({ deadLetter: 'letters' })
    })
  }

  it('is missed where it is gone', async () => {
    should(await house.page.evaluate("RED.nodes.node('orphan').valid")).be.false()
    await house.edit('orphan', 'attempts')
    await house.says('resilience-pick-deadLetter', 'This dead letter node no longer exists.')
  })

  it('is chosen for a node that is dropped, and not for one that is pasted', async () => {
    const made: string = await house.page.evaluate(`(() => {
      return RED.view.createNode('resilience-retry', 100, 500).node.deadLetter
    })()`)
    made.should.equal('letters')
    const pasted: string = await house.page.evaluate(`(() => {
      const node = { id: 'x1', type: 'resilience-retry', z: 'tab', x: 1, y: 1, wires: [] }
      RED.view.importNodes([node], { generateIds: false })
      return RED.nodes.node('x1').deadLetter ?? ''
    })()`)
    pasted.should.equal('')
  })

  const advice = 'Write 5m, a cron line such as 0 6 * * 1-5, or off.'
})
