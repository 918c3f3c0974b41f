/**
 * Palette entry and dialog of `resilience-events`. It names the fields and what checks them; what a
 * dialog does is common to all nodes. The list of kinds is no field of the form: the editor would
 * take each look at it for a change.
 */

import type { Form } from './resilience-events.settings.js'

const { valid } = Resilience

RED.nodes.registerType<Form>('resilience-events', {
  ...Resilience.head({
    color: '#A7C4D4',
    icon: 'resilience-events.svg',
    outputs: ['events'],
  }),
  defaults: {
    kinds: { value: [] },
    severity: { value: 'warning' },
    interval: { value: 'off', validate: valid.statusInterval },
    name: { value: '' },
    watchNodes: { value: [], type: '*[]', validate: valid.heardNodes },
  },
  oneditprepare() {
    Resilience.prepare(this)
    // Any of ours, on any tab.
    Resilience.prepareWatch(this, ({ _def, type }) => {
      return _def.category === 'resilience' && type !== this.type
    })
    // Its title line cannot tell of what is chosen in a tree.
    const section = document.getElementById('resilience-events-nodes')
    const isChosen = Resilience.watchedNodes(this).length > 0
    if (section instanceof HTMLDetailsElement) section.open = isChosen
    for (const option of kindList()?.options ?? []) {
      option.selected = this.kinds?.includes(option.value) === true
    }
  },
  oneditsave() {
    Resilience.save(this)
    this.watchNodes = Resilience.watchedNodes(this)
    const picked = [...(kindList()?.selectedOptions ?? [])].map(({ value }) => value)
    // In the order in which they were saved, or a look would be a change.
    const before = (this.kinds ?? []).filter((kind) => picked.includes(kind))
    this.kinds = [...before, ...picked.filter((kind) => !before.includes(kind))]
  },
})

function kindList(): HTMLSelectElement | undefined {
  const list = document.getElementById('resilience-kinds')
  return list instanceof HTMLSelectElement ? list : undefined
}
