/**
 * The widget "How do I know it worked?": shows what belongs to the chosen way, picks nodes as Catch
 * and Complete do, and tells from the wiring which nodes behind this one cannot be trusted. What is
 * picked is kept here until the room's `oneditsave` asks for it.
 */

const { nodesBehind, warningsOf } = Resilience.wiring

interface Picked {
  readonly node: EditorNode
  readonly label: string
  readonly sublabel: string
  readonly checkbox: true
  readonly selected: boolean
}

/** The tree of the open dialog of a node. */
const trees = new WeakMap<EditorNode, JQueryLike>()
/** Where others may be picked than those that a message can reach. */
const fitting = new WeakMap<EditorNode, (other: EditorNode) => boolean>()

function prepareOutcome(node: EditorNode): void {
  const mode = Resilience.control(node, 'outcomeMode')
  const tree = prepareWatch(node)
  if (tree === undefined) return
  $('#node-input-failWhen').typedInput({
    types: [
      { value: 'none', label: Resilience.say('option.none'), hasValue: false },
      'msg',
      'jsonata',
    ],
    typeField: '#node-input-failWhenType',
  })
  const show = () => {
    const isWatch = mode.value === 'watch'
    setHidden('watchNodes', !isWatch)
    setHidden('outcomeTimeout', mode.value === 'released')
    setHidden('failStatus', mode.value === 'manual' || mode.value === 'released')
    showWarnings(node, mode)
    tellWatched(node)
  }
  $(mode).on('change', show)
  show()
}

/** The tree of watched nodes alone. */
function prepareWatch(
  node: EditorNode,
  fits?: (other: EditorNode) => boolean,
): JQueryLike | undefined {
  const tree = $('#node-input-watchNodes-tree')
  if (tree.length === 0) return undefined
  trees.set(node, tree)
  if (fits !== undefined) fitting.set(node, fits)
  prepareTree(node, tree)
  tree.on('treelistselect', () => tellWatched(node))
  tellWatched(node)
  return tree
}

/** What `watchNodes` shall be; `oneditsave` of a room puts it there. */
function watchedNodes(node: EditorNode): string[] {
  const picked: readonly Picked[] = trees.get(node)?.treeList('selected') ?? []
  return picked.map((each) => each.node.id)
}

function prepareTree(node: EditorNode, tree: JQueryLike): void {
  const highlight = (item: Picked, isOn: boolean) => {
    Object.assign(item.node, { highlighted: isOn, dirty: true })
    RED.view.redraw()
  }
  tree.treeList({ multi: true })
  tree.on('treelistitemmouseover', (_event, item) => highlight(item, true))
  tree.on('treelistitemmouseout', (_event, item) => highlight(item, false))
  const watched = Reflect.get(node, 'watchNodes')
  fill(node, tree, Array.isArray(watched) ? watched : [])
  const filter = $('#node-input-watchNodes-filter')
  filter.searchBox({
    style: 'compact',
    delay: 300,
    change: () => {
      const text = String(filter.val()).trim().toLowerCase()
      const holds = ({ label, sublabel }: Picked) =>
        `${label} ${sublabel}`.toLowerCase().includes(text)
      tree.treeList('filter', text === '' ? null : holds)
    },
  })
  $('#node-input-watchNodes-select').on('click', (event) => {
    event.preventDefault()
    select(node, tree)
  })
}

/** Those behind this node first; one that gets no message never finishes one. */
function fill(node: EditorNode, tree: JQueryLike, watched: readonly unknown[]): void {
  const behind = nodesBehind(node.id, wiring)
  const place = ({ id }: EditorNode) => {
    const at = behind.indexOf(id)
    return at < 0 ? behind.length : at
  }
  const fits = fitting.get(node)
  const isOffered = (other: EditorNode) =>
    watched.includes(other.id) || (other.id !== node.id && (fits ?? hasInput)(other))
  const others = RED.nodes
    .filterNodes(fits === undefined ? { z: node.z } : {})
    .filter(isOffered)
    .sort((a, b) => place(a) - place(b))
  const items: Picked[] = others.map((each) => ({
    node: each,
    label: labelOf(each),
    sublabel: each.type,
    checkbox: true,
    selected: watched.includes(each.id),
  }))
  tree.treeList('data', items)
}

const hasInput = ({ _def }: EditorNode): boolean => (_def.inputs ?? 0) > 0

function nameOf(id: string): string {
  const found = RED.nodes.node(id)
  return found == null ? id : labelOf(found)
}

const labelOf = (node: EditorNode): string => RED.utils.getNodeLabel(node, node.type)

/** On the canvas: the dialog steps aside meanwhile. */
function select(node: EditorNode, tree: JQueryLike): void {
  const show = (ids: readonly string[]) => {
    RED.tray.show()
    fill(node, tree, ids)
    tellWatched(node)
  }
  const selected = watchedNodes(node)
  RED.tray.hide()
  RED.view.selectNodes({
    selected,
    onselect: (nodes) => show(nodes.map(({ id }) => id)),
    oncancel: () => show(selected),
    filter: ({ id }) => id !== node.id,
  })
}

/** The row below which it stands says what is wrong with the choice. */
function tellWatched(node: EditorNode): void {
  const { validate } = node._def.defaults['watchNodes'] ?? {}
  const verdict = validate?.call(node, watchedNodes(node), {}) ?? true
  const place = document.getElementById('node-input-watchNodes-wrong')
  if (place !== null) place.textContent = verdict === true ? '' : verdict
}

function setHidden(field: string, isHidden: boolean): void {
  const row = document.querySelector<HTMLElement>(`[data-row="${field}"]`)
  if (row !== null) row.hidden = isHidden
}

/** Links and subflows are followed as messages follow them. */
const wiring: import('./wiring.js').Wiring = {
  node: (id) => {
    const node = RED.nodes.node(id)
    return node == null ? undefined : { ...node, id: node.id, type: node.type }
  },
  next: (id, output) => {
    const node = RED.nodes.node(id)
    if (node == null) return []
    const links = RED.nodes.filterLinks({ source: node })
    const wired = links.filter(({ sourcePort }) => output === undefined || sourcePort === output)
    const linked: unknown = /^link (out|call)$/.test(node.type) ? Reflect.get(node, 'links') : []
    const targets = Array.isArray(linked) ? linked.map(String) : []
    return [...wired.map(({ target }) => target.id), ...targets, ...insideOf(node)]
  },
}

/** The first nodes within a subflow; what leaves it is wired to the instance. */
function insideOf({ type }: EditorNode): string[] {
  const [, id] = /^subflow:(.+)$/.exec(type) ?? []
  const subflow = id === undefined ? undefined : RED.nodes.subflow(id)
  const [input] = subflow?.in ?? []
  if (input === undefined) return []
  return RED.nodes.filterLinks({ source: input }).map(({ target }) => target.id)
}

function showWarnings(node: EditorNode, mode: Control): void {
  const place = document.getElementById('node-input-outcomeMode-warnings')
  if (place === null) return
  place.replaceChildren()
  if (mode.value !== 'downstream') return
  const warnings = warningsOf(node.id, wiring)
  const isUnknown = ({ doubt }: { readonly doubt: string }) => doubt === 'unknown'
  const unknown = [...new Set(warnings.filter(isUnknown).map(({ id }) => nameOf(id)))]
  const lines = warnings
    .filter((each) => !isUnknown(each))
    .map(({ doubt, id }) => Resilience.say(`doubt.${doubt}`, { node: nameOf(id) }))
  // There may be many of them: all in one line.
  if (unknown.length > 0) lines.push(Resilience.say('doubt.unknown', { node: unknown.join(', ') }))
  for (const text of lines) {
    const line = document.createElement('div')
    line.textContent = text
    place.append(line)
  }
  const watch = [...new Set(warnings.flatMap((each) => each.watch))]
  if (watch.length > 0) place.append(watchButton(node, mode, watch))
}

function watchButton(node: EditorNode, mode: Control, ids: readonly string[]): HTMLElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'red-ui-button red-ui-button-small'
  button.id = 'node-input-outcomeMode-watch'
  button.textContent = Resilience.say('button.watch')
  $(button).on('click', () => {
    const tree = trees.get(node)
    if (tree !== undefined) fill(node, tree, ids)
    mode.value = 'watch'
    $(mode).trigger('change')
  })
  return button
}

const { outcomeFields, outcomeHead }: Pick<ResilienceWidgets, 'outcomeFields' | 'outcomeHead'> = {
  outcomeFields: (failStatus = '4xx,5xx') => {
    const { valid } = Resilience
    return {
      outcomeMode: { value: 'downstream' },
      watchNodes: { value: [], type: '*[]', validate: valid.watchNodes },
      outcomeTimeout: { value: '30s', validate: valid.outcomeTimeout },
      failStatus: { value: failStatus, validate: valid.failStatus },
      failWhen: { value: '', validate: valid.failWhen },
      failWhenType: { value: 'none' },
    }
  },
  outcomeHead: (look) => ({
    ...Resilience.head(look),
    oneditprepare() {
      Resilience.prepare(this)
      prepareOutcome(this)
    },
    oneditsave() {
      Resilience.save(this)
      Object.assign(this, { watchNodes: watchedNodes(this) })
    },
  }),
}

Object.assign(Resilience, {
  prepareOutcome,
  prepareWatch,
  watchedNodes,
  outcomeFields,
  outcomeHead,
})
