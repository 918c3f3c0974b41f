/**
 * Elements of the page: made, kept and written in place, so that a list that is read again and
 * again never takes the focus from under a person's hands. Nothing here knows what it shows, and
 * no text ever becomes markup.
 */

{
  const element: SidebarParts['element'] = (name, attributes = {}, ...children) => {
    const made = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === 'function') made.addEventListener(key, value)
      else if (value === true) made.setAttribute(key, '')
      else if (value !== undefined && value !== false) made.setAttribute(key, String(value))
    }
    made.append(...children.filter((child) => child !== undefined))
    return made
  }

  const write: SidebarParts['write'] = (place, text) => {
    if (place.textContent !== text) place.textContent = text
  }

  const keys = new WeakMap<Element, string>()

  const each: SidebarParts['each'] = (parent, items, { keyOf, build, update }) => {
    const known = new Map<string, HTMLElement>()
    for (const child of parent.children) {
      const key = keys.get(child)
      if (key !== undefined && child instanceof HTMLElement) known.set(key, child)
    }
    const wanted = items.map((item) => {
      const key = keyOf(item)
      const found = known.get(key) ?? build(item)
      keys.set(found, key)
      update(found, item)
      return found
    })
    const isWanted = new Set<Element>(wanted)
    for (const child of [...parent.children]) if (!isWanted.has(child)) child.remove()
    arrange(parent, wanted)
  }

  /** Moves what stands in the wrong place only: an element that is moved loses the focus. */
  function arrange(parent: Element, wanted: readonly HTMLElement[]): void {
    const focused = document.activeElement
    wanted.forEach((child, at) => {
      if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null)
    })
    const isLost = focused instanceof HTMLElement && parent.contains(focused)
    if (isLost && document.activeElement !== focused) focused.focus({ preventScroll: true })
  }

  /** Covers a closed sidebar, another tab of it, and another window. */
  const attend: SidebarParts['attend'] = (watched, heard) => {
    let isInView = false
    let wasLookedAt = false
    const look = () => {
      const isLookedAt = isInView && document.visibilityState === 'visible'
      if (isLookedAt === wasLookedAt) return
      wasLookedAt = isLookedAt
      heard(isLookedAt)
    }
    new IntersectionObserver((entries) => {
      isInView = entries.at(-1)?.isIntersecting === true
      look()
    }).observe(watched)
    document.addEventListener('visibilitychange', look)
  }

  Object.assign(Resilience.sidebar, { element, write, each, attend })
}
