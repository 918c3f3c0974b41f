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
  return isOurs ? chosen(open) : (Reflect.get(node, field) ?? node._def.defaults[field]?.value)
}

const fieldsOf = (node: EditorNode): [string, Field<string | boolean>, Control][] =>
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
    if (isAbsent && type === undefined) fill(field, value)
    describe(field)
  }
  Resilience.prepareLimits(form)
  for (const [, { validate }, field] of fields) {
    $(field).on('change', () => {
      if (box(field) === undefined) field.value = Resilience.canonical(validate, field.value)
    })
    $(field).on('change input', () => refresh(node, form))
  }
}

function fill(field: Control, value: string | boolean): void {
  const ticked = box(field)
  if (ticked === undefined) field.value = String(value)
  else ticked.checked = value === true
}

/** What the editor does not save by itself: it takes a node on the canvas for a config node. */
function save(node: EditorNode): void {
  for (const [name, , field] of fieldsOf(node)) {
    if (field.id === `resilience-pick-${name}`) Reflect.set(node, name, field.value)
  }
}

const box = (field: Control): HTMLInputElement | undefined =>
  field instanceof HTMLInputElement && field.type === 'checkbox' ? field : undefined

/** What the label tells on hovering is read out with the field. */
function describe(field: Control): void {
  const tip = field.labels?.[0]?.title
  if (tip) field.setAttribute('aria-description', tip)
}

function refresh(node: EditorNode, form: HTMLFormElement): void {
  for (const [, { validate }, field] of fieldsOf(node)) {
    const verdict = validate?.call(node, chosen(field), {}) ?? true
    showWrong(field, verdict === true ? '' : verdict)
  }
  for (const section of form.querySelectorAll<HTMLDetailsElement>('.resilience-section')) {
    refreshSection(node, section)
  }
  Resilience.showSentences(form)
}

/** In lists of config nodes the editor has a value of its own for none. */
const chosen = (field: Control): string | boolean => {
  const ticked = box(field)
  if (ticked !== undefined) return ticked.checked
  return field.value === '_ADD_' ? '' : field.value
}

function showWrong(field: Control, what: string): void {
  const row = field.closest('.resilience-row')
  const shown = row?.querySelector<Control>('input:not([type="hidden"]), select') ?? field
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
  const inside = fieldsOf(node).filter(([, , field]) => section.contains(field))
  // The kind of a value is told by the value.
  const changed = inside
    .filter(([name]) => !name.endsWith('Type'))
    .filter(([, { value }, field]) => chosen(field) !== value)
  const told = changed.map(([, , field]) => short(field)).join(', ')
  const place = section.querySelector('.resilience-changes')
  if (place !== null) place.textContent = told === '' ? '' : ` · ${told}`
  const isWrong = inside.some(([, , field]) => field.classList.contains(wrongClass))
  if (isWrong && section.dataset['wrong'] === undefined) section.open = true
  section.toggleAttribute('data-wrong', isWrong)
}

/** A choice in words, everything else as it was written. */
function short(field: Control): string {
  if (box(field) !== undefined) return field.dataset['short'] ?? ''
  const list =
    field instanceof HTMLSelectElement ? field : field.parentElement?.querySelector('select')
  const option = list?.value === field.value ? list.selectedOptions[0] : undefined
  return option === undefined ? field.value : (option.dataset['short'] ?? option.text)
}

Object.assign(Resilience, { say, control, now, prepare, save })
