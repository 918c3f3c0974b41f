/**
 * Lists that choose a node of ours on the canvas. What is chosen is checked like every other field.
 */

function preparePickers(node: EditorNode, form: HTMLFormElement): void {
  for (const list of form.querySelectorAll<HTMLSelectElement>('select[data-picks]')) {
    const saved = Reflect.get(node, list.id.replace('resilience-pick-', ''))
    fillList(list, typeof saved === 'string' ? saved : '')
  }
}

/** All nodes of that type, on any tab; one that is gone stays visible. */
function fillList(list: HTMLSelectElement, saved: string): void {
  const type = list.dataset['picks'] ?? ''
  const found = RED.nodes.filterNodes({ type }).map(({ id, name }) => new Option(name || id, id))
  list.replaceChildren(new Option(Resilience.say('option.none'), ''), ...found)
  if (saved !== '' && !found.some(({ value }) => value === saved)) {
    list.append(new Option(Resilience.say('gone', { id: saved }), saved))
  }
  list.value = saved
}

Object.assign(Resilience, { preparePickers })
