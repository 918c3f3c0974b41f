/**
 * The page of dead letters: what failed, by cause; each letter with its story and its message; and
 * what a person may do about it. It puts the parts together and draws them; what they show is read
 * by the model.
 */

import type { Cause } from './letter-shapes.js'

const buildLetters: BuildPage = (host) => {
  const { element, listOf, causeRow, keepFocus, lettersMore } = Resilience.sidebar
  const { lettersModel, lettersHead, lettersMenu, lettersFoot } = Resilience.sidebar
  const page = element('div', { class: 'resilience-letters' })
  const model = lettersModel(host, () => keepFocus(page, draw))
  const foot = lettersFoot(model)
  const menu = lettersMenu(model, foot)
  const head = lettersHead(model, menu.element)
  const none = element('p', { class: 'resilience-empty' })
  const causes = element('ul', {
    class: 'resilience-list',
    'aria-label': host.word('letters.list'),
  })
  const fill = listOf<Cause>(
    causes,
    ({ cause }) => `cause ${cause}`,
    (cause) => causeRow(model, cause),
  )
  const more = lettersMore(() => model.moreCauses())
  const list = element('div', { class: 'resilience-letters-list' }, none, causes, more.element)
  page.append(head.element, list, foot.element)
  const draw = () => {
    for (const part of [head, menu, foot]) part.draw()
    const { causes: shown = [], causesTotal = 0 } = model.read ?? {}
    none.hidden = shown.length > 0
    Resilience.sidebar.write(none, emptyText(model))
    fill(shown)
    more.draw({ shown: shown.length, total: causesTotal })
  }
  const { show, hide, changed } = bound(model)
  return { element: page, show, hide, changed }
}

const bound = (model: LettersReader): LettersReader => ({
  show: () => model.show(),
  hide: () => model.hide(),
  changed: () => model.changed(),
})

function emptyText({ read, host }: LettersModel): string {
  if (read === undefined) return host.word('letters.reading')
  return host.word(read.desk === undefined ? 'letters.noNode' : 'letters.none')
}

Object.assign(Resilience.pages, { letters: buildLetters })
