/**
 * Controls that choose instead of being written into: a node of ours on the canvas, and a value
 * that is none, a property of the message or an expression. What is chosen is checked like every
 * other field.
 */

function preparePickers(node: EditorNode, form: HTMLFormElement): void {
  for (const list of form.querySelectorAll<HTMLSelectElement>('select[data-picks]')) {
    const saved = Reflect.get(node, list.id.replace('resilience-pick-', ''))
    fillList(list, typeof saved === 'string' ? saved : '')
  }
  for (const field of form.querySelectorAll<HTMLInputElement>('input[data-typed]')) {
    const none = { value: 'none', label: Resilience.say('option.none'), hasValue: false }
    const typeField = `#${field.id}Type`
    $(field).typedInput({ default: 'none', types: [none, 'msg', 'jsonata'], typeField })
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
