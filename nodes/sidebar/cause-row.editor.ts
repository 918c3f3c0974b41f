/**
 * The letters that failed alike, on one line: how many, how and where they failed, how long ago.
 * Unfolded it tells what is known of the cause, shows what a person noted about it, and lists the
 * letters, a piece at a time. While filtered, one such row holds all letters that pass.
 */

import type { Cause, Line } from './letter-shapes.js'

const causeRow: SidebarParts['causeRow'] = (model, { cause }) => {
  const { element, write, listOf, letterRow, lettersMore } = Resilience.sidebar
  const { word } = model.host
  const isAll = cause === Resilience.letterPaths.matching
  const insideId = `resilience-cause-${isAll ? 'all' : cause}`
  const parts = {
    count: element('span', { class: 'resilience-count' }),
    what: element('span', { class: 'resilience-told' }),
    age: element('span', { class: 'resilience-time' }),
  }
  const row = element(
    'button',
    {
      ...{ type: 'button', class: 'resilience-open', 'aria-controls': insideId },
      ...{ click: () => model.fold(cause), disabled: isAll },
    },
    ...[parts.count, ' ', parts.what, ' ', parts.age],
  )
  const box = Resilience.sidebar.tickBox('', (isTicked) => {
    model.choice.tickList(cause, isTicked)
    model.draw()
  })
  const facts = element('p', { class: 'resilience-facts' })
  const example = element('p', { class: 'resilience-example' })
  const note = Resilience.sidebar.causeNote(model, cause)
  const letters = element('ul', { class: 'resilience-list' })
  const fill = listOf<Line>(
    letters,
    ({ id }) => id,
    (line) => letterRow(model, cause, line),
  )
  const more = lettersMore(() => model.more(cause))
  const inside = element(
    'div',
    { id: insideId, class: 'resilience-inside' },
    ...(isAll ? [] : [example, facts, note.element]),
    ...[letters, more.element],
  )
  const draw = (shown: Cause) => {
    const title = drawHead(model, shown, parts)
    drawBox(model, shown, box, title)
    const list = model.list(cause)
    row.setAttribute('aria-expanded', String(list !== undefined))
    inside.hidden = list === undefined
    if (list === undefined) return
    const { failure } = shown.example
    write(example, failure === null ? '' : Resilience.letterTexts.failureText(failure))
    write(facts, factsText(shown, word))
    note.draw(shown)
    fill(list?.items ?? [])
    more.draw({ shown: list?.items.length ?? 0, total: list?.total ?? 0 })
  }
  const head = element('div', { class: 'resilience-line' }, box, row)
  return { element: element('li', { class: 'resilience-cause' }, head, inside), draw }
}

interface Head {
  readonly count: HTMLElement
  readonly what: HTMLElement
  readonly age: HTMLElement
}

/** Answers what the cause is called. */
function drawHead(model: LettersModel, shown: Cause, { count, what, age }: Head): string {
  const { write, now, texts } = Resilience.sidebar
  const { word } = model.host
  const isAll = shown.cause === Resilience.letterPaths.matching
  const { isDeleted } = model.filter
  const all = word(isDeleted ? 'letters.deleted' : 'letters.matching')
  const title = isAll ? all : Resilience.letterTexts.causeText(shown.example.failure, word)
  write(count, texts.exactText(shown.count))
  write(what, model.isGone(shown.cause) ? word('letters.goneCause', { what: title }) : title)
  write(age, isAll ? '' : Resilience.letterTexts.ageText(shown.lastAt, now(), spanText))
  return title
}

const spanText = (span: number): string => Resilience.figureTexts.spanText(span)

function drawBox(model: LettersModel, shown: Cause, box: HTMLInputElement, title: string): void {
  const { choice, host } = model
  const ticked = choice.ofList(shown.cause)
  box.hidden = !host.mayWrite
  box.checked = ticked === 'all'
  box.indeterminate = ticked === 'some'
  const { countedText } = Resilience.letterTexts
  const what = `${title}, ${countedText('letters.count', shown.count, host.word)}`
  box.setAttribute('aria-label', host.word('letters.tick', { what }))
}

function factsText(shown: Cause, word: SidebarHost['word']): string {
  const { whenText } = Resilience.letterTexts
  const [first, last] = [shown.firstAt, shown.lastAt].map((at) =>
    whenText(at, Resilience.sidebar.now()),
  )
  return [
    word('letters.between', { first: first ?? '', last: last ?? '' }),
    ...(shown.givenUp > 0 ? [word('letters.givenUpCount', { count: shown.givenUp })] : []),
    ...(shown.poison > 0 ? [word('letters.poisonCount', { count: shown.poison })] : []),
  ].join(' · ')
}

Object.assign(Resilience.sidebar, { causeRow })
