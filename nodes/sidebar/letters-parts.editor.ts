/**
 * Small parts of the page of dead letters: buttons, boxes to tick, lists of rows, and the focus,
 * which goes on from where it was when a letter under it is gone. They know nothing of letters.
 */

const button: SidebarParts['button'] = (words, pressed) =>
  Resilience.sidebar.element(
    'button',
    { type: 'button', class: 'resilience-button', click: pressed },
    words,
  )

const tickBox: SidebarParts['tickBox'] = (name, ticked) => {
  const box = Resilience.sidebar.element('input', {
    ...{ type: 'checkbox', 'aria-label': name },
    change: () => ticked(box.checked),
  })
  return box
}

function listOf<Item>(
  parent: Element,
  keyOf: (item: Item) => string,
  build: (item: Item) => LettersRow<Item>,
): (items: readonly Item[]) => void {
  const rows = new WeakMap<HTMLElement, LettersRow<Item>>()
  const how = {
    keyOf,
    build(item: Item): HTMLElement {
      const row = build(item)
      rows.set(row.element, row)
      return row.element
    },
    update: (element: HTMLElement, item: Item) => rows.get(element)?.draw(item),
  }
  return (items) => Resilience.sidebar.each(parent, items, how)
}

const keepFocus: SidebarParts['keepFocus'] = (page, draw) => {
  const focused = document.activeElement
  if (!(focused instanceof HTMLElement) || !page.contains(focused)) return draw()
  const at = tabStopsIn(page).indexOf(focused)
  draw()
  const { activeElement } = document
  const isElsewhere = activeElement !== focused && activeElement !== document.body
  if (isElsewhere || (activeElement === focused && isReachable(focused))) return
  const now = tabStopsIn(page)
  const next = now.slice(at).find(isReachable) ?? now.slice(0, at).findLast(isReachable)
  next?.focus()
}

/** Hidden ones too: to look at each would lay the page out before and after it is drawn. */
const tabStopsIn = (page: HTMLElement): HTMLElement[] => [
  ...page.querySelectorAll<HTMLElement>('button, input, select, textarea, summary'),
]

const isReachable = (element: HTMLElement): boolean =>
  element.isConnected && element.getClientRects().length > 0

Object.assign(Resilience.sidebar, { button, tickBox, listOf, keepFocus })
