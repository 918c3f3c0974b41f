/**
 * The dialog of the health monitor in a real browser against a real Node-RED: rows of checks that
 * differ by kind, what each kind needs, and a breaker and a queue that follow it. Pending without
 * Chromium, as `editor.plant.test.ts`.
 */

import should from 'should'
import type { Flow } from '../tools/common/user-dir.js'
import { type EditorHouse, inEditor } from './world/editor-page.js'

const place = { z: 'tab', x: 300, wires: [[], []] }
const flows: Flow = [
  { id: 'tab', type: 'tab', label: 'Plant' },
  { id: 'broker', type: 'resilient-mqtt-broker', name: 'Line', servers: 'mqtt://127.0.0.1' },
  { ...place, id: 'fresh', type: 'health-monitor', y: 100 },
  {
    ...{ ...place, id: 'erp', type: 'health-monitor', y: 160, name: 'ERP', broker: 'broker' },
    probes: [{ kind: 'tcp', address: 'erp:502', timeout: '2s' }, { kind: 'mqtt' }],
  },
  { ...place, id: 'plc', type: 'circuit-breaker', y: 220 },
  { ...place, id: 'orders', type: 'persistent-queue', y: 280, monitor: 'deleted' },
]

describe('the dialog of the health monitor', function () {
  this.timeout(120_000)

  let house: EditorHouse

  inEditor(flows, (opened) => {
    house = opened
  })

  it('asks for an address, and is content with one', async () => {
    should(await house.page.evaluate("RED.nodes.node('fresh').valid")).be.false()
    await house.edit('fresh', 'name')
    const note = house.page.locator('#node-input-probes-wrong')
    should(await note.textContent()).equal('Write an address such as https://erp.local/health.')
    should(await isMarked('url')).be.true()
    await cell('url').fill('erp.local')
    await says('Write an address such as https://erp.local/health.')
    await cell('url').fill('https://erp.local/')
    await says('')
    should(await isMarked('url')).be.false()
    should(await house.titles()).eql(['Verdict', 'Used by checks'])
  })

  it('shows for each kind what it has, and for the monitor what its kinds need', async () => {
    await house.edit('fresh', 'name')
    const rows: readonly (readonly [string, readonly string[], readonly string[]])[] = [
      ['http', ['url'], ['tls', 'authorization', 'acceptTarget']],
      ['tcp', ['address'], ['acceptTarget']],
      ['mqtt', ['topic'], ['broker']],
      ['websocket', ['url'], ['tls', 'authorization', 'acceptTarget']],
      ['heartbeat', ['within'], []],
      ['runtime', [], []],
    ]
    for (const [kind, cells, needs] of rows) {
      await cell('kind').selectOption(kind)
      const names = ['url', 'address', 'topic', 'within', 'expectStatus']
      should(await visible(names, (name) => `li [data-name="${name}"]`)).eql(cells)
      const section = await house.page.locator('#resilience-health-used').isVisible()
      should(section).equal(needs.length > 0, kind)
      await house.page.evaluate("document.getElementById('resilience-health-used').open = true")
      const fields = ['broker', 'tls', 'authorization', 'acceptTarget']
      should(await visible(fields, rowOf)).eql(needs.length > 0 ? needs : [])
    }
  })

  it('opens what is wrong: a time in a row, a broker, nodes to watch', async () => {
    await house.edit('fresh', 'name')
    await cell('kind').selectOption('heartbeat')
    await cell('within').fill('soon')
    await says('Write a time with a unit, such as 30s or 5m, from 1s to 30d.')
    await cell('kind').selectOption('runtime')
    should(await cell('memory').isVisible()).be.false()
    await house.page.locator('li .resilience-more summary').click()
    await cell('memory').fill('all')
    await says('Write a percentage such as 50%.')
    should(await isMarked('memory')).be.true()
    await cell('kind').selectOption('nodes')
    should(await house.titles()).containEql('Used by checks *')
    const words = house.page.locator('#node-input-watchNodes-wrong')
    should(await words.textContent()).equal('Choose at least one node to watch.')
    await cell('kind').selectOption('mqtt')
    await house.says('node-input-broker', 'Choose or add a broker.')
  })

  it('saves a list of rows, each with the fields of its kind', async () => {
    await house.edit('erp', 'name')
    should(await house.titles()).eql(['Verdict', 'Used by checks · Line'])
    should(await cell('timeout').isVisible()).be.true()
    await house.page.locator('.red-ui-editableList-addButton').click()
    const added = house.page.locator('#node-input-probes-list li').nth(2)
    await added.locator('[data-name="kind"]').selectOption('heartbeat')
    await added.locator('[data-name="critical"]').uncheck()
    await house.page.click('#node-dialog-ok')
    const common = { label: '', critical: true }
    should(await house.node('erp')).containEql({
      probes: [
        { kind: 'tcp', ...common, address: 'erp:502', timeout: '2s' },
        { kind: 'mqtt', ...common, topic: '', timeout: '5s' },
        { kind: 'heartbeat', label: '', critical: false, within: '30s', phi: 'off' },
      ],
      ...{ broker: 'broker', watchNodes: [], countsForReady: true },
    })
  })

  it('counts for ready where it is shown at all', async () => {
    await house.edit('erp', 'name')
    await house.open('Verdict')
    should(await house.page.locator('#node-input-countsForReady').isVisible()).be.false()
    await house.page.selectOption('#node-input-publicHealth', 'verdict')
    should(await house.page.locator('#node-input-countsForReady').isVisible()).be.true()
  })

  it('can be followed by a breaker', async () => {
    await house.edit('plc', 'name')
    await house.open('When open')
    const names = house.page.locator('#resilience-pick-monitor option')
    should(await names.allTextContents()).eql(['none', 'fresh', 'ERP'])
    await house.page.selectOption('#resilience-pick-monitor', 'erp')
    await house.page.click('#node-dialog-ok')
    should(await house.node('plc')).containEql({ monitor: 'erp', watchNodes: [] })
  })

  it('is missed by a queue when it is gone', async () => {
    await house.edit('orders', 'name')
    const gone = 'This health monitor no longer exists.'
    const note = house.page.locator('#resilience-pick-monitor-wrong')
    should(await note.textContent()).equal(gone)
  })

  /** In the first row. */
  const cell = (name: string) =>
    house.page.locator(`#node-input-probes-list li [data-name="${name}"]`).first()

  const rowOf = (name: string) => `.resilience-row:has([for="node-input-${name}"])`

  const isMarked = async (name: string): Promise<boolean> =>
    (await cell(name).getAttribute('class'))?.includes('input-error') ?? false

  const says = (words: string): Promise<void> => house.says('node-input-probes', words)

  async function visible(
    names: readonly string[],
    selectorOf: (name: string) => string,
  ): Promise<string[]> {
    const found: string[] = []
    for (const name of names) {
      if (await house.page.locator(selectorOf(name)).first().isVisible()) found.push(name)
    }
    return found
  }
})
