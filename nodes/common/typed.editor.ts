/**
 * Fields that hold a property or an expression: the editor's own typed input, whose kind is written
 * into the hidden field beside it. `data-typed` names the kinds, of which `none` is ours; without a
 * name they are none, a property and an expression.
 */

function prepareTypedInputs(form: HTMLFormElement): void {
  const none = { value: 'none', label: Resilience.say('option.none'), hasValue: false }
  for (const field of form.querySelectorAll<HTMLInputElement>('input[data-typed]')) {
    const kind = form.querySelector<HTMLInputElement>(`#${field.id}Type`)
    const [first = 'none', ...others] = (field.dataset['typed'] || 'none msg jsonata').split(' ')
    if (kind === null) continue
    const types = [first, ...others].map((name) => (name === 'none' ? none : name))
    $(field).typedInput({ types, default: first, typeField: kind })
    $(field).typedInput('type', kind.value || first)
    // The editor shows a control of its own in place of the field.
    const shown = field.parentElement?.querySelector('.red-ui-typedInput-input')
    const label = field.parentElement?.querySelector('label')
    shown?.setAttribute('aria-label', label?.textContent ?? '')
    if (shown instanceof HTMLInputElement) followWriting(shown, field)
  }
}

/**
 * What is wrong is taken away while it is written, as at every other field: the editor tells only
 * when it is left, and words that go then move what a person is just clicking.
 */
function followWriting(shown: HTMLInputElement, field: HTMLInputElement): void {
  shown.addEventListener('input', () => {
    field.value = shown.value
    $(field).trigger('input')
  })
}

Object.assign(Resilience, { prepareTypedInputs })
