/**
 * What is done with dead letters seldom: take up a file, delete all, delete those that are given
 * up. Deleting asks first. Those who may not change anything do not see it.
 */

const lettersMenu: SidebarParts['lettersMenu'] = (model, foot) => {
  const { element, button, word, letterOrders } = Resilience.sidebar
  const { countedText } = Resilience.letterTexts
  const orders = letterOrders(model)
  const file = element('input', {
    ...{ type: 'file', accept: '.ndjson,.jsonl,application/x-ndjson', hidden: true },
    ...{ 'aria-label': word('letters.menu.bring') },
    change: () => {
      const [chosen] = file.files ?? []
      if (chosen !== undefined) void orders.bring(chosen)
      file.value = ''
    },
  })
  const clear = (isGivenUp: boolean) => () => {
    const { waiting = 0, givenUp = 0 } = model.read?.desk ?? {}
    const count = isGivenUp ? givenUp : waiting + givenUp
    const what = countedText(isGivenUp ? 'letters.countGivenUp' : 'letters.count', count, word)
    const words = word('letters.remove')
    foot.confirm(word('letters.menu.ask', { what }), words, () => void orders.clear(isGivenUp))
  }
  const choices = [
    button(word('letters.menu.bring'), () => file.click()),
    button(word('letters.menu.clearGivenUp'), clear(true)),
    button(word('letters.menu.clear'), clear(false)),
  ]
  const title = element(
    'summary',
    { 'aria-label': word('letters.menu.title'), title: word('letters.menu.title') },
    '⋮',
  )
  const menu = element(
    'details',
    {
      class: 'resilience-menu',
      click: (event) => {
        if (event.target instanceof HTMLButtonElement) menu.open = false
      },
      keydown: (event) => {
        if (!(event instanceof KeyboardEvent) || event.key !== 'Escape' || !menu.open) return
        menu.open = false
        title.focus()
      },
      focusout: (event) => {
        const to = event instanceof FocusEvent ? event.relatedTarget : null
        if (to instanceof Node && !menu.contains(to)) menu.open = false
      },
    },
    title,
    element('div', { class: 'resilience-choices' }, ...choices, file),
  )
  return {
    element: menu,
    draw() {
      const { waiting = 0, givenUp = 0 } = model.read?.desk ?? {}
      menu.hidden = !model.host.mayWrite
      choices[1]?.toggleAttribute('hidden', givenUp === 0)
      choices[2]?.toggleAttribute('hidden', waiting + givenUp === 0)
    },
  }
}

Object.assign(Resilience.sidebar, { lettersMenu })
