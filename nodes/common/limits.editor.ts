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
  const store = fieldIn(form, 'store')
  showInherited(form)
  if (store !== undefined) $(store).on('change', () => showInherited(form))
  prepareDurability(form)
}

/** What is in force for the fields that are left empty, and where it comes from. */
function inheritedBy(form: HTMLFormElement) {
  const id = fieldIn(form, 'store')?.value ?? ''
  const store = id === '' ? undefined : RED.nodes.node(id)
  const inForce = (name: Inherited): string => {
    const value: unknown = store ? Reflect.get(store, name) : undefined
    return typeof value === 'string' && value !== '' ? value : builtIn[name]
  }
  const told = (value: string): string =>
    store
      ? Resilience.say('inheritedFrom', { value, store: store.name || store.id })
      : Resilience.say('inherited', { value })
  return { inForce, told }
}

function showInherited(form: HTMLFormElement): void {
  const { inForce, told } = inheritedBy(form)
  for (const name of Object.keys(builtIn) as Inherited[]) {
    const field = fieldIn(form, name)
    if (field instanceof HTMLInputElement) field.placeholder = told(inForce(name))
  }
  for (const name of ['overflow', 'durability'] as const) {
    const option = form.querySelector<HTMLOptionElement>(`option[data-inherits="${name}"]`)
    const value = inForce(name)
    const isWord = ['each', 'system'].includes(value) || name === 'overflow'
    const choice = isWord ? Resilience.say(`option.${name}.${value}`) : value
    if (option !== null) option.text = told(choice)
  }
}

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
  const { inForce } = inheritedBy(form)
  const force = (name: Inherited): string => {
    const field = fieldIn(form, name)
    const isWrong = document.getElementById(`${field?.id}-wrong`) !== null
    return field === undefined || field.value === '' || isWrong ? inForce(name) : field.value
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
