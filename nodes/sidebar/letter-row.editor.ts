/**
 * One dead letter on one line: when it failed, what tells it from the others, how often it was
 * tried. The line is a button that unfolds its story; a box beside it ticks it.
 */

import type { Line } from './letter-shapes.js'

const letterRow: SidebarParts['letterRow'] = (model, list, { id }) => {
  const { element, tickBox, write, now } = Resilience.sidebar
  const { word } = model.host
  const { whenText, lineText, lineMarks, causeText } = Resilience.letterTexts
  const storyId = `resilience-letter-${id}`
  const when = element('span', { class: 'resilience-time' })
  const what = element('span', { class: 'resilience-told' })
  const marks = element('span', { class: 'resilience-marks' })
  const row = element(
    'button',
    {
      ...{ type: 'button', class: 'resilience-open', 'aria-controls': storyId },
      click: () => model.foldLetter(id),
    },
    ...[when, ' ', what, ' ', marks],
  )
  const box = tickBox('', (isTicked) => {
    const shown = model.list(list)?.items ?? []
    model.choice.tick(
      { id, list },
      isTicked,
      shown.map((each) => each.id),
    )
    model.draw()
  })
  const story = Resilience.sidebar.letterStory(model, id)
  story.element.id = storyId
  const draw = (line: Line) => {
    const title = lineText(line)
    const isFiltered = list === Resilience.letterPaths.matching
    const cause = isFiltered ? [causeText(line.failure, word)] : []
    write(when, whenText(line.lastAt, now()))
    write(what, title)
    write(marks, [...cause, ...lineMarks(line, word)].join(' · '))
    box.hidden = !model.host.mayWrite
    box.checked = model.choice.has({ id, list })
    box.setAttribute('aria-label', word('letters.tick', { what: `${title} ${when.textContent}` }))
    const unfolded = model.story(id)
    row.setAttribute('aria-expanded', String(unfolded !== undefined))
    story.element.hidden = unfolded === undefined
    story.draw(unfolded ?? null)
  }
  const head = element('div', { class: 'resilience-line' }, box, row)
  return { element: element('li', {}, head, story.element), draw }
}

Object.assign(Resilience.sidebar, { letterRow })
