/**
 * A message as a tree to unfold, part by part. Only what is unfolded is made, a hundred parts at a
 * time, so that a large message costs no more than what is seen of it. It changes nothing.
 */

import type { Part } from './letter-preview.js'

const partsAtOnce = 100

type Kinds = Readonly<Record<string, string>>

const messageTree: SidebarParts['messageTree'] = (msg, kinds) => {
  const tree = Resilience.sidebar.element('div', { class: 'resilience-tree' })
  addParts(tree, msg, '', kinds)
  const payload = tree.querySelector('details[data-path="payload"]')
  if (payload instanceof HTMLDetailsElement) payload.open = true
  return tree
}

/** Of a list or an object, from `at` on. */
function addParts(place: HTMLElement, value: object, path: string, kinds: Kinds, at = 0): void {
  const { button, word } = Resilience.sidebar
  const { partsOf, sizeOf } = Resilience.letterPreview
  const between = (name: string) => (Array.isArray(value) ? `[${name}]` : `.${name}`)
  for (const part of partsOf(value, at, partsAtOnce)) {
    const below = path === '' ? part.name : path + between(part.name)
    place.append(line(part, below, kinds))
  }
  const left = sizeOf(value) - at - partsAtOnce
  if (left <= 0) return
  const more = button(word('letters.moreParts', { count: left }), () => {
    more.remove()
    addParts(place, value, path, kinds, at + partsAtOnce)
  })
  place.append(more)
}

function line({ name, value }: Part, path: string, kinds: Kinds): HTMLElement {
  const { element } = Resilience.sidebar
  const { previewOf, isOpenable, bufferOf, fullText } = Resilience.letterPreview
  const kind = kinds[path] === undefined || kinds[path] === 'Buffer' ? '' : ` (${kinds[path]})`
  const short = previewOf(value)
  const head = [
    element('span', { class: 'resilience-part' }, name),
    element('span', {}, `${kind} ${short}`),
  ]
  const text = fullText(value)
  const isLong = typeof value === 'string' && text !== short.slice(1, -1)
  const isOpen = isOpenable(value) && bufferOf(value) === undefined
  if (!isOpen && !isLong) return element('div', { class: 'resilience-leaf' }, ...head)
  const details = element('details', { 'data-path': path }, element('summary', {}, ...head))
  const place = element('div', { class: 'resilience-below' })
  details.addEventListener('toggle', () => {
    if (!details.open || place.isConnected) return
    details.append(place)
    if (isOpen) addParts(place, value, path, kinds)
    else place.append(element('pre', {}, text))
  })
  return details
}

Object.assign(Resilience.sidebar, { messageTree })
