/**
 * The widgets for limits and durability: placeholders show the value in force, two sentences tell
 * what survives and what happens when full, and a list with a time writes the one saved field.
 * The figures themselves are checked like all others.
 */

import type { builtIn as BuiltIn } from './figures.js'

const { builtIn } = Resilience.figures

type Inherited = keyof typeof BuiltIn

function fieldIn(form: HTMLFormElement, ending: string): Control | undefined {
  const found = form.querySelector(`[id$="-input-${ending}"]`)
  const isControl = found instanceof HTMLInputElement || found instanceof HTMLSelectElement
  return isControl ? found : undefined
}

function prepareLimits(form: HTMLFormElement): void {
  for (const [name, value] of Object.entries(builtIn)) {
    const field = fieldIn(form, name)
    if (field instanceof HTMLInputElement) field.placeholder = inherited(value)
  }
  for (const name of ['overflow', 'durability'] as const) {
    const option = form.querySelector<HTMLOptionElement>(`option[data-inherits="${name}"]`)
    const choice = Resilience.say(`option.${name}.${builtIn[name]}`)
    if (option !== null) option.text = inherited(choice)
  }
  prepareDurability(form)
}

const inherited = (value: string): string => Resilience.say('inherited', { value })

/** A list and a time that together write the one hidden field. */
function prepareDurability(form: HTMLFormElement): void {
  const field = fieldIn(form, 'durability')
  const list = fieldIn(form, 'durability-choice')
  const every = fieldIn(form, 'durability-every')
  if (field === undefined || list === undefined || every === undefined) return
  const isWord = ['', 'each', 'system'].includes(field.value)
  list.value = isWord ? field.value : 'interval'
  every.value = isWord ? '1s' : field.value
  every.hidden = isWord
  const write = () => {
    every.hidden = list.value !== 'interval'
    field.value = every.hidden ? list.value : every.value
    $(field).trigger('change')
    if (!every.hidden) every.value = field.value
  }
  $(list).on('change', write)
  $(every).on('change', write)
}

/** For the figures that are in force just now; a wrong one is not, as at run time. */
function showSentences(form: HTMLFormElement): void {
  const force = (name: Inherited): string => {
    const field = fieldIn(form, name)
    const isWrong = document.getElementById(`${field?.id}-wrong`) !== null
    return field === undefined || field.value === '' || isWrong ? builtIn[name] : field.value
  }
  const maxAge = force('maxAge')
  const values = {
    maxMessages: force('maxMessages'),
    maxSize: force('maxSize'),
    age: Resilience.say(maxAge === 'unlimited' ? 'sentence.anyAge' : 'sentence.maxAge', { maxAge }),
  }
  const safety = force('durability') === 'system' ? 'system' : 'each'
  tell(form, 'survives', Resilience.say(`sentence.survives.${safety}`, values))
  tell(form, 'full', Resilience.say(`sentence.full.${force('overflow')}`))
}

function tell(form: HTMLFormElement, what: string, words: string): void {
  const place = form.querySelector(`[data-says="${what}"]`)
  if (place !== null) place.textContent = words
}

Object.assign(Resilience, { prepareLimits, showSentences })
