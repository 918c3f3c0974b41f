/**
 * A form in which a person changes the message of a dead letter as JSON text, and sends it round or
 * keeps it. What is wrong is said at the field, before anything is sent; what JSON has no form for
 * is said before anything is written.
 */

import type { Story } from './letter-shapes.js'

const letterEdit: SidebarParts['letterEdit'] = (model, story, close) => {
  const { element, button, word } = Resilience.sidebar
  const { id, msg, kinds } = story
  const [fieldId, wrongId] = [`resilience-edit-${id}`, `resilience-wrong-${id}`]
  const wrong = element('div', { class: 'resilience-wrong-text', id: wrongId, role: 'alert' })
  const field = element('textarea', {
    ...{ id: fieldId, rows: 8, spellcheck: 'false', 'aria-describedby': wrongId },
    input: () => say(''),
  })
  field.value = JSON.stringify(msg, null, 2)
  const say = (text: string) => {
    wrong.textContent = text
    field.setAttribute('aria-invalid', String(text !== ''))
  }
  const send = async (isRedriven: boolean) => {
    const written = readWritten(field)
    if ('text' in written) return say(written.text)
    if (await sendEdited(model, story, written.msg, isRedriven)) close()
  }
  const form = element(
    'form',
    { class: 'resilience-edit', submit: (event) => event.preventDefault() },
    element('label', { for: fieldId }, word('letters.edit.label')),
    ...kindsTexts(kinds).map((text) => element('p', { class: 'resilience-facts' }, text)),
    field,
    wrong,
    element(
      'div',
      { class: 'resilience-buttons' },
      button(word('letters.edit.redrive'), () => void send(true)),
      button(word('letters.edit.keep'), () => void send(false)),
      button(word('letters.leave'), close),
    ),
  )
  form.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    close()
  })
  return form
}

/** What JSON has no form for in this message, and what becomes of it. */
function kindsTexts(kinds: Story['kinds']): string[] {
  const { word } = Resilience.sidebar
  const names = Object.entries(kinds).map(([path, kind]) => word('letters.kind', { path, kind }))
  if (names.length === 0) return []
  const hasBytes = Object.values(kinds).includes('Buffer')
  return [
    word('letters.edit.kinds', { list: names.join(', ') }),
    ...(hasBytes ? [word('letters.edit.buffer')] : []),
  ]
}

/** The message, or what is wrong with it; the caret goes there. */
function readWritten(field: HTMLTextAreaElement): { msg: object } | { text: string } {
  const written = Resilience.letterPreview.readMessage(field.value)
  if ('msg' in written) return written
  const { why, line, column } = written
  const at = Resilience.letterPreview.offsetOf(field.value, line, column)
  field.focus()
  field.setSelectionRange(at, at)
  return { text: Resilience.sidebar.word(`letters.edit.${why}`, { line, column }) }
}

function sendEdited(
  model: LettersModel,
  { id }: Story,
  msg: object,
  isRedriven: boolean,
): Promise<boolean> {
  const { word } = Resilience.sidebar
  const path = Resilience.letterPaths.letterPath(model.read?.desk?.id ?? '', id)
  return model.order(async () => {
    const sent = { msg, redrive: isRedriven }
    const { job = '' } = await model.host.send<{ job?: string }>('POST', `${path}/edit`, sent)
    if (isRedriven) model.watchedJob = job
    return word(isRedriven ? 'letters.edit.gone' : 'letters.edit.kept')
  })
}

Object.assign(Resilience.sidebar, { letterEdit })
