/**
 * Lists that choose a node of ours on the canvas. What is chosen is checked like every other field.
 */

function preparePickers(node: EditorNode, form: HTMLFormElement): void {
  for (const list of form.querySelectorAll<HTMLSelectElement>('select[data-picks]')) {
    const saved = Reflect.get(node, list.id.replace('resilience-pick-', ''))
    fillList(node, list, typeof saved === 'string' ? saved : '')
  }
}

/** All nodes of that type that it can reach; one that is gone stays visible. */
function fillList(node: EditorNode, list: HTMLSelectElement, saved: string): void {
  const nodes = within(node, list.dataset['picks'] ?? '')
  const found = nodes.map(({ id, name }) => new Option(name || id, id))
  list.replaceChildren(new Option(Resilience.say('option.none'), ''), ...found)
  if (saved !== '' && !found.some(({ value }) => value === saved)) {
    list.append(new Option(Resilience.say('gone', { id: saved }), saved))
  }
  list.value = saved
}

/** On any tab; those of a subflow exist once for each of its instances, and only inside it. */
function within({ z }: EditorNode, type: string): EditorNode[] {
  const isReached = (node: EditorNode) => node.z === z || !RED.nodes.subflow(node.z ?? '')
  return RED.nodes.filterNodes({ type }).filter(isReached)
}

/**
 * A node that is dropped gets the only dead letter node that there is. One that is pasted or
 * imported has a place already, and keeps what was saved.
 */
function deadLetterFor(node: EditorNode & { readonly deadLetter?: string }): string {
  const [only, other] = within(node, 'dlq')
  const isDropped = node.x === undefined
  return isDropped && only !== undefined && other === undefined ? only.id : (node.deadLetter ?? '')
}

Object.assign(Resilience, { preparePickers, deadLetterFor })
