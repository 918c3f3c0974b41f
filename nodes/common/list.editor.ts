/**
 * Lists in dialogs: rows of small controls that together write one hidden field as JSON text. What
 * stands in a row is a prototype in the dialog's html, its controls named by `data-name`; what may
 * stand there is checked like every other field.
 */

type Row = Record<string, unknown>

function prepareLists(form: HTMLFormElement): void {
  for (const field of form.querySelectorAll<HTMLInputElement>('input[data-list]')) {
    const place = form.querySelector<HTMLOListElement>(`#${field.id}-list`)
    const prototype = form.querySelector<HTMLElement>(`[data-row="${field.dataset['list']}"]`)
    if (place !== null && prototype !== null) prepareList(field, place, prototype)
  }
}

function prepareList(field: HTMLInputElement, place: HTMLOListElement, prototype: HTMLElement) {
  const saved: unknown = JSON.parse(field.value || 'null')
  const isSingle = field.dataset['single'] !== undefined
  const write = () => {
    const rows = [...place.querySelectorAll('li')].map(rowOf)
    field.value = JSON.stringify(isSingle ? (rows[0] ?? null) : rows)
    place.closest('.resilience-list')?.toggleAttribute('data-full', isSingle && rows.length > 0)
    $(field).trigger('change')
  }
  $(place).editableList({
    addItem: ([container], _index, row) => {
      const content = filled(prototype, row)
      if (container === undefined || content === undefined) return
      container.append(content)
      // The editor's typed input needs its element to be in the page.
      for (const control of controlsIn(content)) hear(control, write)
      arrange(content)
      write()
    },
    removable: true,
    sortable: !isSingle,
    removeItem: write,
    sortItems: write,
  })
  const rows = isSingle ? [saved].filter((row) => row !== null) : saved
  for (const row of Array.isArray(rows) ? rows : []) $(place).editableList('addItem', row)
}

/** The prototype with what the row holds. */
function filled(prototype: HTMLElement, row: object): HTMLElement | undefined {
  const copy = prototype.cloneNode(true)
  if (!(copy instanceof HTMLElement)) return undefined
  copy.hidden = false
  copy.removeAttribute('data-row')
  for (const control of controlsIn(copy)) {
    const name = control.dataset['name'] ?? ''
    const [value, type]: unknown[] = [Reflect.get(row, name), Reflect.get(row, `${name}Type`)]
    if (isTicked(control)) control.checked = value === undefined ? control.checked : value === true
    else if (value !== undefined) control.value = String(value)
    if (isTyped(control) && typeof type === 'string') control.dataset['type'] = type
  }
  for (const more of copy.querySelectorAll('details')) more.open = controlsIn(more).some(isChanged)
  return copy
}

/** Against what stands in the prototype. */
function isChanged(control: Control): boolean {
  if (isTicked(control)) return control.checked !== control.defaultChecked
  return control instanceof HTMLInputElement && control.value !== control.defaultValue
}

function hear(control: Control, write: () => void): void {
  control.addEventListener('input', write)
  if (isTyped(control)) prepareTyped(control)
  $(control).on('change', () => {
    if (isTyped(control)) control.dataset['type'] = $(control).typedInput('type')
    write()
  })
}

/** Rows of several kinds: a cell that is for some of them is hidden for the others. */
function arrange(row: HTMLElement): void {
  const kind = row.querySelector<Control>('[data-name="kind"]')
  if (kind === null) return
  const show = () => {
    for (const cell of row.querySelectorAll<HTMLElement>('[data-for]')) {
      cell.hidden = !(cell.dataset['for'] ?? '').split(' ').includes(kind.value)
    }
  }
  kind.addEventListener('change', show)
  show()
}

function prepareTyped(control: Control): void {
  const { types = 'str', type } = control.dataset
  const [first = 'str', ...others] = types.split(' ')
  const { value } = control
  $(control).typedInput({ types: [first, ...others], default: first })
  $(control).typedInput('type', type ?? first)
  $(control).typedInput('value', value)
}

function rowOf(item: HTMLElement): Row {
  const row: Row = {}
  for (const control of controlsIn(item)) {
    if (control.closest('[data-for][hidden]') !== null) continue
    const { name = '', type, types = '' } = control.dataset
    row[name] = isTicked(control) ? control.checked : control.value
    if (isTyped(control)) row[`${name}Type`] = type ?? types.split(' ')[0]
  }
  return row
}

const isTyped = (control: Control): boolean => control.dataset['types'] !== undefined
const isTicked = (control: Control): control is HTMLInputElement => control.type === 'checkbox'
const controlsIn = (element: HTMLElement): Control[] => [
  ...element.querySelectorAll<Control>('[data-name]'),
]

Object.assign(Resilience, { prepareLists })
