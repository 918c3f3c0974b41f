/**
 * The dialog of `resilience-events` in a real browser against a real Node-RED: the list of kinds,
 * the tree of our nodes on all tabs, and that a look changes nothing. Pending without Chromium, as
 * `editor.plant.test.ts`.
 */

import should from 'should'
import type { Flow } from '../tools/common/user-dir.js'
import { type EditorHouse, inEditor } from './world/editor-page.js'

const place = { z: 'tab', x: 300, wires: [[]] }
const flows: Flow = [
  { id: 'tab', type: 'tab', label: 'Plant' },
  { id: 'other', type: 'tab', label: 'Other' },
  { ...place, id: 'fresh', type: 'resilience-events', y: 100 },
  {
    ...{ ...place, id: 'set', type: 'resilience-events', y: 160, name: 'Alarms' },
    ...{ kinds: ['breaker', 'link.lost'], severity: 'error', interval: '5m', watchNodes: ['far'] },
  },
  { ...place, id: 'near', type: 'persistent-queue', y: 220, name: 'near', wires: [[], []] },
  {
    ...place,
    id: 'far',
    type: 'circuit-breaker',
    z: 'other',
    y: 100,
    name: 'far',
    wires: [[], []],
  },
  { ...place, id: 'core', type: 'debug', y: 280, name: 'core', wires: [] },
]

describe('the dialog of resilience-events', function () {
  this.timeout(120_000)

  let house: EditorHouse

  inEditor(flows, (opened) => {
    house = opened
  })

  it('shows what was saved, and changes nothing by being looked at', async () => {
    await house.edit('set', 'severity')
    should(await chosen()).eql(['link.lost', 'breaker'])
    should(await house.titles()).eql(['Nodes *'])
    should(await ticked()).eql(['far'])
    await house.page.click('#node-dialog-ok')
    should(await house.page.evaluate('RED.nodes.dirty()')).equal(false)
    const { kinds, watchNodes } = (await house.node('set')) as Record<string, unknown>
    should([kinds, watchNodes]).eql([['breaker', 'link.lost'], ['far']])
  })

  it('offers our nodes on all tabs, and no others', async () => {
    await house.edit('fresh', 'severity')
    should([await chosen(), await house.titles()]).eql([[], ['Nodes']])
    await house.open('Nodes')
    const labels = house.page.locator('#node-input-watchNodes-tree .red-ui-treeList-label-text')
    should((await labels.allTextContents()).map((text) => text.slice(0, 4)).sort()).eql([
      'far',
      'near',
    ])
  })

  it('saves families and kinds that were chosen', async () => {
    await house.edit('fresh', 'severity')
    await house.page.selectOption('#resilience-kinds', ['messages', 'store.full'])
    await house.page.selectOption('#node-input-severity', 'info')
    await house.write('node-input-interval', '1 h')
    await house.page.click('#node-dialog-ok')
    should(await house.node('fresh')).containEql({
      ...{ kinds: ['messages', 'store.full'], severity: 'info', interval: '1h', watchNodes: [] },
    })
  })

  it('refuses an interval that is none', async () => {
    await house.edit('fresh', 'severity')
    await house.write('node-input-interval', '30')
    await house.says(
      'node-input-interval',
      'Write a time with a unit, such as 30s or 5m, from 1s to 1d, or off.',
    )
  })

  const chosen = (): Promise<string[]> =>
    house.page.evaluate(`[...document.getElementById('resilience-kinds').selectedOptions]
      .map(({ value }) => value)`)

  const ticked = (): Promise<string[]> =>
    house.page.evaluate(`$('#node-input-watchNodes-tree').treeList('selected')
      .map(({ node }) => node.id)`)
})
