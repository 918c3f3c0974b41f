/**
 * The head of the page of dead letters: which node, how many letters in how many causes, a filter
 * that can be unfolded, and what is done seldom behind a button of its own.
 */

import type { Desk } from './letter-shapes.js'

const lettersHead: SidebarParts['lettersHead'] = (model, menu) => {
  const { element, listOf, write, word, lettersFilter } = Resilience.sidebar
  const { sumText } = Resilience.letterTexts
  const nodes = element('select', {
    'aria-label': word('letters.node'),
    change: () => model.pick(nodes.value),
  })
  const fill = listOf<Desk>(nodes, ({ id }) => id, deskOption)
  const sum = element('span', { class: 'resilience-sum' })
  const filter = lettersFilter(model)
  filter.element.hidden = true
  filter.element.id = 'resilience-letters-filter'
  const find = element(
    'button',
    {
      ...{ type: 'button', class: 'resilience-icon', title: word('letters.filter.show') },
      ...{ 'aria-label': word('letters.filter.show'), 'aria-controls': filter.element.id },
      ...{ 'aria-expanded': 'false' },
      click: () => {
        filter.element.hidden = !filter.element.hidden
        find.setAttribute('aria-expanded', String(!filter.element.hidden))
        if (filter.element.hidden) model.narrow(Resilience.letterPaths.unfiltered)
        else filter.element.querySelector('input')?.focus()
      },
    },
    element('i', { class: 'fa fa-search', 'aria-hidden': 'true' }),
  )
  const head = element('div', { class: 'resilience-letters-head' }, nodes, sum, find, menu)
  return {
    element: element('div', {}, head, filter.element),
    draw() {
      const { desks = [], desk } = model.read ?? {}
      head.hidden = desk === undefined
      if (desk === undefined) return
      fill(desks)
      nodes.value = desk.id
      write(sum, sumText(desk, word))
      filter.draw()
    },
  }
}

function deskOption(): LettersRow<Desk> {
  const { element, write } = Resilience.sidebar
  const option = element('option')
  return {
    element: option,
    draw({ id, name, fresh }) {
      option.value = id
      const news = fresh > 0 ? Resilience.sidebar.word('letters.fresh', { count: fresh }) : ''
      write(option, [name || id, news].filter((text) => text !== '').join(' · '))
    },
  }
}

const lettersFilter: SidebarParts['lettersFilter'] = (model) => {
  const { element, word } = Resilience.sidebar
  const text = element('input', {
    ...{ type: 'search', 'aria-label': word('letters.filter.text') },
    ...{ placeholder: word('letters.filter.text'), maxlength: 200 },
    input: () => model.narrow({ text: text.value.trim() }),
  })
  const givenUp = element('input', {
    type: 'checkbox',
    change: () => model.narrow({ isGivenUp: givenUp.checked, isDeleted: false }),
  })
  const deleted = element('input', {
    type: 'checkbox',
    change: () => model.narrow({ isDeleted: deleted.checked, isGivenUp: false }),
  })
  return {
    element: element(
      'div',
      { class: 'resilience-filter' },
      text,
      element('label', {}, givenUp, ` ${word('letters.givenUp')}`),
      element('label', {}, deleted, ` ${word('letters.filter.deleted')}`),
    ),
    draw() {
      const { wantedFilter: filter } = model
      if (document.activeElement !== text) text.value = filter.text
      givenUp.checked = filter.isGivenUp
      deleted.checked = filter.isDeleted
    },
  }
}

Object.assign(Resilience.sidebar, { lettersHead, lettersFilter })
