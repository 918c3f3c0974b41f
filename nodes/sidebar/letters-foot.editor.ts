/**
 * The foot of the page of dead letters, always in view: what can be done with the ticked letters,
 * the question before much is deleted, the redrive that runs, and the way back from a deletion.
 * Those who may only look see the redrive alone.
 */

const lettersFoot: SidebarParts['lettersFoot'] = (model) => {
  const { element, button, word, letterOrders, lettersJob, write } = Resilience.sidebar
  const orders = letterOrders(model)
  const undo = undoLine(model, orders)
  const question = questionLine()
  const job = lettersJob(model)
  const redrive = button('', () => void orders.redrive())
  const remove = button(word('letters.remove'), async () => undo.offer(await orders.remove()))
  const save = button(word('letters.save'), () => void orders.save())
  const restore = button(word('letters.restore'), () => void orders.restoreTicked())
  const bar = element('div', { class: 'resilience-buttons' }, redrive, remove, save, restore)
  const place = element(
    'div',
    { class: 'resilience-letters-foot' },
    ...[bar, question.element, job.element, undo.element],
  )
  const drawBar = () => {
    const { choice, read, filter, host } = model
    const { waiting = 0, givenUp = 0 } = read?.desk ?? {}
    const count = choice.count(read?.causes ?? [])
    const { isDeleted } = filter
    bar.hidden = !host.mayWrite || waiting + givenUp + count === 0 || !question.element.hidden
    const all = waiting + givenUp
    const key = choice.isEmpty && all > 1 ? 'letters.redriveAll' : 'letters.redrive'
    write(redrive, word(key, { count: choice.isEmpty ? all : count }))
    redrive.hidden = isDeleted
    remove.hidden = isDeleted || choice.isEmpty
    save.hidden = isDeleted
    restore.hidden = !isDeleted || choice.isEmpty
  }
  let askedOf: string | undefined
  const draw = () => {
    // It was asked of another node: pressed now, it would delete the letters of this one.
    if (askedOf !== model.read?.desk?.id) question.element.hidden = true
    drawBar()
    job.draw()
    undo.draw()
  }
  const confirm: LettersFoot['confirm'] = (asked, words, confirmed) => {
    askedOf = model.read?.desk?.id
    question.ask(asked, words, confirmed, drawBar)
    drawBar()
  }
  return { element: place, draw, confirm }
}

interface Question {
  readonly element: HTMLElement
  ask(asked: string, words: string, confirmed: () => void, over: () => void): void
}

function questionLine(): Question {
  const { element, button, word } = Resilience.sidebar
  const place = element('div', { class: 'resilience-buttons', role: 'group', hidden: true })
  return {
    element: place,
    ask(asked, words, confirmed, over) {
      const end = () => {
        place.hidden = true
        over()
      }
      const yes = button(words, () => {
        end()
        confirmed()
      })
      const no = button(word('letters.leave'), end)
      const text = element('span', {}, asked)
      place.setAttribute('aria-label', asked)
      place.onkeydown = ({ key }) => {
        if (key === 'Escape') end()
      }
      place.replaceChildren(text, yes, no)
      place.hidden = false
      no.focus()
    },
  }
}

interface Undo extends LettersPart {
  offer(ids: readonly string[]): void
}

function undoLine(model: LettersModel, orders: LetterOrders): Undo {
  const { element, button, word, write } = Resilience.sidebar
  let offered: { readonly node: string; readonly ids: readonly string[] } | undefined
  const text = element('span', {})
  const undo = button(word('letters.undo'), async () => {
    if (offered !== undefined && (await orders.restore(offered.ids))) offered = undefined
    model.draw()
  })
  const place = element('div', { class: 'resilience-buttons', hidden: true }, text, undo)
  const draw = () => {
    const isHere = offered !== undefined && offered.node === model.read?.desk?.id
    place.hidden = !isHere || !model.host.mayWrite
    const count = offered?.ids.length ?? 0
    write(text, Resilience.letterTexts.countedText('letters.removed', count, word))
  }
  return {
    element: place,
    draw,
    offer(ids) {
      if (ids.length === 0) return
      offered = { node: model.read?.desk?.id ?? '', ids }
      draw()
      undo.focus()
    },
  }
}

Object.assign(Resilience.sidebar, { lettersFoot })
