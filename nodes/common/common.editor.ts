/**
 * What happens in every dialog of ours: absent fields show their defaults, what is wrong is said
 * below the field, figures are respelled, and each section's title tells what differs from the
 * default and opens by itself when something in it turns wrong. It saves nothing: the editor does.
 */

const wrongClass = 'resilience-is-wrong'

/** Which node a dialog belongs to: one may be open above another. */
const nodeOf = new WeakMap<HTMLFormElement, EditorNode>()

const say = (key: string, values?: Readonly<Record<string, string>>): string =>
  RED._(`@holdfast/node-red-resilience/common:${key}`, values)

function find(node: EditorNode, field: string): Control | undefined {
  const prefix = node._def.category === 'config' ? 'node-config-input' : 'node-input'
  const ids = [`${prefix}-${field}`, `resilience-pick-${field}`]
  const [found] = ids.map((id) => document.getElementById(id)).filter((each) => each !== null)
  const isControl = found instanceof HTMLInputElement || found instanceof HTMLSelectElement
  return isControl ? found : undefined
}

function control(node: EditorNode, field: string): Control {
  const found = find(node, field)
  if (found === undefined) throw new Error(`the dialog of ${node.type} has no field ${field}`)
  return found
}

/** What stands in the dialog when it is open, else what was saved, else the default. */
function now(node: EditorNode, field: string): unknown {
  const open = find(node, field)
  const isOurs = open?.form != null && nodeOf.get(open.form) === node
  return isOurs ? entered(open) : (Reflect.get(node, field) ?? node._def.defaults[field]?.value)
}

/** What stands in a control: the text, or for a check box whether it is ticked. */
const entered = (field: Control): string | boolean =>
  isCheckBox(field) ? field.checked : chosen(field)

const isCheckBox = (field: Control): field is HTMLInputElement & { type: 'checkbox' } =>
  field.type === 'checkbox'

/** A list stands in the dialog as JSON text, in a hidden field. */
const asText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

const isList = (value: unknown): boolean => typeof value === 'object'

const fieldsOf = (node: EditorNode): [string, Field<unknown>, Control][] =>
  Object.entries(node._def.defaults).flatMap(([name, field]) => {
    const found = find(node, name)
    return found === undefined ? [] : [[name, field, found]]
  })

function prepare(node: EditorNode): void {
  const fields = fieldsOf(node)
  const form = fields[0]?.[2].form
  if (form == null) return
  nodeOf.set(form, node)
  Resilience.preparePickers(node, form)
  for (const [name, { value, type }, field] of fields) {
    // The editor fills lists of config nodes itself.
    const isUnknown = field instanceof HTMLSelectElement && field.selectedIndex < 0
    const isAbsent = Reflect.get(node, name) === undefined || isUnknown
    if (isList(value)) field.value = asText(Reflect.get(node, name) ?? value)
    else if (isAbsent && type === undefined) write(field, value)
    describe(field)
  }
  Resilience.prepareLists(form)
  Resilience.prepareTypedInputs(form)
  Resilience.prepareLimits(form)
  for (const [, { validate }, field] of fields) {
    $(field).on('change', () => {
      if (!isCheckBox(field)) field.value = Resilience.canonical(validate, field.value)
    })
    $(field).on('change input', () => refresh(node, form))
  }
}

function write(field: Control, value: unknown): void {
  if (isCheckBox(field)) field.checked = value === true
  else field.value = asText(value)
}

/** The editor would save the text of a hidden field over the list. */
function save(node: EditorNode): void {
  for (const [name, { value }, field] of fieldsOf(node).filter(([, each]) => isList(each.value))) {
    const list: unknown = JSON.parse(field.value || asText(value))
    Reflect.set(node, name, list)
    field.remove()
  }
  // The editor takes a node on the canvas for a config node, and leaves it out.
  for (const [name, , field] of fieldsOf(node)) {
    if (field.id === `resilience-pick-${name}`) Reflect.set(node, name, field.value)
  }
}

/** What the label tells on hovering is read out with the field. */
function describe(field: Control): void {
  const tip = field.labels?.[0]?.title
  if (tip) field.setAttribute('aria-description', tip)
}

function refresh(node: EditorNode, form: HTMLFormElement): void {
  for (const [, { validate }, field] of fieldsOf(node)) {
    const verdict = validate?.call(node, entered(field), {}) ?? true
    showWrong(field, verdict === true ? '' : verdict)
  }
  for (const section of form.querySelectorAll<HTMLDetailsElement>('.resilience-section')) {
    refreshSection(node, section)
  }
  Resilience.showSentences(form)
}

/** In lists of config nodes the editor has a value of its own for none. */
const chosen = ({ value }: Control): string => (value === '_ADD_' ? '' : value)

function showWrong(field: Control, what: string): void {
  const row = field.closest('.resilience-row')
  const places = ['[data-wrong]', 'input:not([type="hidden"]), select']
  const [shown = field] = places.flatMap((place) => row?.querySelector<Control>(place) ?? [])
  const id = `${field.id}-wrong`
  const note = document.getElementById(id) ?? document.createElement('div')
  note.id = id
  note.className = 'resilience-wrong'
  note.textContent = what
  if (what === '') note.remove()
  else row?.append(note)
  field.classList.toggle(wrongClass, what !== '')
  shown.classList.toggle('input-error', what !== '')
  shown.setAttribute('aria-invalid', String(what !== ''))
  shown.setAttribute('aria-errormessage', id)
}

/** Opens when it turns wrong, and leaves it to the person from then on. */
function refreshSection(node: EditorNode, section: HTMLDetailsElement): void {
  const isOwn = (field: Control) => section.contains(field) && !('follows' in field.dataset)
  const inside = fieldsOf(node).filter(([, , field]) => isOwn(field))
  // The kind of a value is told by the value.
  const changed = inside
    .filter(([name]) => !name.endsWith('Type'))
    .filter(([, { value }, field]) => asText(entered(field)) !== asText(value))
  const told = changed.map(([, , field]) => short(field)).join(', ')
  const place = section.querySelector('.resilience-changes')
  if (place !== null) place.textContent = told === '' ? '' : ` · ${told}`
  const isWrong = inside.some(([, , field]) => field.classList.contains(wrongClass))
  if (isWrong && section.dataset['wrong'] === undefined) section.open = true
  section.toggleAttribute('data-wrong', isWrong)
}

/** A choice in words, everything else as it was written. */
function short(field: Control): string {
  const label = field.labels?.[0]?.textContent ?? ''
  if (isCheckBox(field)) return say(field.checked ? 'short.ticked' : 'short.unticked', { label })
  if (field.dataset['short'] !== undefined) return field.dataset['short']
  if (field.dataset['list'] !== undefined) return Resilience.say('short.list', listed(field))
  const list =
    field instanceof HTMLSelectElement ? field : field.parentElement?.querySelector('select')
  const option = list?.value === field.value ? list.selectedOptions[0] : undefined
  return option === undefined ? field.value : (option.dataset['short'] ?? option.text)
}

/** Targets are fields, or `#id` of a whole section; what is hidden keeps its value. */
function showWhen(
  node: EditorNode,
  field: string,
  isShown: (value: string) => boolean,
  targets: readonly string[],
): void {
  const trigger = control(node, field)
  const rows = targets.map((target) =>
    target.startsWith('#')
      ? document.getElementById(target.slice(1))
      : control(node, target).closest<HTMLElement>('.resilience-row'),
  )
  const show = () => {
    for (const row of rows) if (row !== null) row.hidden = !isShown(trigger.value)
  }
  $(trigger).on('change', show)
  show()
}

/** How many rows under which name. */
function listed({ value, dataset, id }: Control): Readonly<Record<string, string>> {
  const list: unknown = JSON.parse(value)
  const count = Array.isArray(list) ? list.length : 1
  const label = document.querySelector(`label[for="${id}-list"]`)?.textContent ?? ''
  return { label: label || (dataset['list'] ?? ''), count: `${count}` }
}

const head: ResilienceWidgets['head'] = ({ color, icon, outputs }) => ({
  ...{ category: 'resilience', color, icon, inputs: 1, outputs: outputs.length },
  outputLabels(index) {
    return this._(`output.${outputs[index] ?? ''}`)
  },
  paletteLabel() {
    return this._('palette')
  },
  label() {
    return this.name || this._('palette')
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : ''
  },
})

Object.assign(Resilience, { say, control, now, prepare, save, showWhen, head })
Object.assign(Resilience, { pages: {}, sidebar: {} })
