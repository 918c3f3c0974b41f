/**
 * How a page asks the gateway: one question at a time, and once more for all that has changed
 * meanwhile. What is asked, and what becomes of the answer, is the page's own matter.
 */

{
  const inTurn: SidebarParts['inTurn'] = (host, read) => {
    let isAsking = false
    let isStale = false
    const ask = async () => {
      isAsking = true
      try {
        while (isStale) {
          isStale = false
          await read()
        }
      } catch (refusal) {
        isStale = false
        host.sayRefusal(refusal)
      } finally {
        isAsking = false
      }
    }
    return {
      changed: () => {
        isStale = true
        if (!isAsking) void ask()
      },
      rest: () => {
        isStale = false
      },
    }
  }

  Object.assign(Resilience.sidebar, { inTurn })
}
