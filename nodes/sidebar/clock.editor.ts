/**
 * Time in the browser: the only place of the editor's half that looks at a clock or sets a timer.
 * What is to happen, and how often, others say.
 */

{
  const now = (): number => Date.now()

  const later: SidebarParts['later'] = (delayMs, heard) => {
    const timer = setTimeout(heard, delayMs)
    return () => clearTimeout(timer)
  }

  const paced: SidebarParts['paced'] = (everyMs, heard) => {
    let isWaiting = false
    let isStale = false
    const call = () => {
      isWaiting = true
      isStale = false
      later(everyMs, () => {
        isWaiting = false
        if (isStale) call()
      })
      heard()
    }
    return () => {
      if (isWaiting) isStale = true
      else call()
    }
  }

  Object.assign(Resilience.sidebar, { now, later, paced })
}
