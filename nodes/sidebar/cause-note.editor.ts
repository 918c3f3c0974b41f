/**
 * What a person has noted about a cause, below its line, and the button for the next piece of its
 * letters. A note is written in place; while it is, nothing that is read writes over it.
 */

const noteLengthMax = 1024

const causeNote: SidebarParts['causeNote'] = (model, cause) => {
  const { element, button, word } = Resilience.sidebar
  const place = element('div', { class: 'resilience-note-line' })
  let shown: string | undefined
  let isWritable = false
  const look = (note: string) => {
    model.busy.delete(cause)
    shown = note
    isWritable = model.host.mayWrite
    const text = element('span', { class: 'resilience-note-text' }, note)
    const words = word(note === '' ? 'letters.note.begin' : 'letters.note.change')
    const begin = button(`✎ ${words}`, () => write(note))
    place.replaceChildren(...(note === '' ? [] : [text]), ...(isWritable ? [begin] : []))
  }
  const write = (note: string) => {
    model.busy.add(cause)
    const form = noteForm(note, {
      keep: async (text) => {
        if (await sendNote(model, cause, text)) leave(text)
      },
      leave: () => leave(note),
    })
    place.replaceChildren(form)
    form.querySelector('input')?.focus()
  }
  const leave = (note: string) => {
    look(note)
    place.querySelector('button')?.focus()
  }
  return {
    element: place,
    draw({ note }) {
      const isSame = note === shown && isWritable === model.host.mayWrite
      if (!isSame && !model.busy.has(cause)) look(note)
    },
  }
}

function noteForm(
  note: string,
  done: { keep(text: string): Promise<void>; leave(): void },
): HTMLFormElement {
  const { element, button, word } = Resilience.sidebar
  const field = element('input', {
    ...{ type: 'text', maxlength: noteLengthMax, 'aria-label': word('letters.note.label') },
  })
  field.value = note
  const keep = button(word('letters.note.keep'), () => void done.keep(field.value.trim()))
  const leave = button(word('letters.leave'), done.leave)
  return element(
    'form',
    {
      class: 'resilience-note-form',
      submit: (event) => {
        event.preventDefault()
        void done.keep(field.value.trim())
      },
      keydown: (event) => {
        if (event instanceof KeyboardEvent && event.key === 'Escape') done.leave()
      },
    },
    ...[field, keep, leave],
  )
}

function sendNote(model: LettersModel, cause: string, note: string): Promise<boolean> {
  const path = Resilience.letterPaths.notePath(model.read?.desk?.id ?? '', cause)
  return model.order(async () => {
    await model.host.send('POST', path, { note })
    return Resilience.sidebar.word(note === '' ? 'letters.note.removed' : 'letters.note.kept')
  })
}

const lettersMore: SidebarParts['lettersMore'] = (pressed) => {
  const { element, button, write, word } = Resilience.sidebar
  const more = button('', pressed)
  const end = element('p', { class: 'resilience-facts' })
  return {
    element: element('div', {}, more, end),
    draw({ shown, total }) {
      const { piece, linesMax } = Resilience.letterPaths
      const isEnd = shown >= linesMax
      more.hidden = shown >= total || isEnd
      end.hidden = shown >= total || !isEnd
      write(more, word('letters.more', { count: Math.min(piece, total - shown), shown, total }))
      write(end, word('letters.noMore', { shown, total }))
    },
  }
}

Object.assign(Resilience.sidebar, { causeNote, lettersMore })
