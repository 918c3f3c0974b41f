/**
 * The frame of the sidebar: a strip with a tab for each page, one page at a time, and one line at
 * the top that says what was done or went wrong. It lets a page know when it is looked at and when
 * something may have changed; of the gateway it asks only how many letters are new, and only while
 * no page does.
 */

{
  const names: readonly PageName[] = ['overview', 'letters', 'timeline']
  const everyMs = 500
  /** Plots and ages move on without news, and news may be lost with the connection. */
  const lookAgainMs = 10_000
  const sayMs = 10_000

  interface Tab {
    readonly name: PageName
    readonly button: HTMLButtonElement
    readonly badge: HTMLElement
    readonly panel: HTMLElement
    readonly view: SidebarView
  }

  class Frame {
    readonly element: HTMLElement
    readonly #tabs: readonly Tab[]
    readonly #line: HTMLElement
    #stopSaying: (() => void) | undefined
    #stopLooking: (() => void) | undefined
    #chosen: Tab | undefined
    #isLookedAt = false
    readonly #news = Resilience.sidebar.paced(everyMs, () => this.#tell())
    readonly #fresh = Resilience.sidebar.paced(lookAgainMs, () => this.#countFresh())

    constructor() {
      const { element, word } = Resilience.sidebar
      this.#line = element('div', { class: 'resilience-said', role: 'status' })
      this.#tabs = names.flatMap((name) => {
        const build = Resilience.pages[name]
        return build === undefined ? [] : [this.#tab(name, build)]
      })
      const strip = element(
        'div',
        { class: 'resilience-tabs', role: 'tablist', 'aria-label': word('pages') },
        ...this.#tabs.map(({ button }) => button),
      )
      strip.addEventListener('keydown', (event) => this.#move(event))
      const refresh = element(
        'button',
        {
          ...{ type: 'button', class: 'resilience-icon', title: word('refresh') },
          ...{ 'aria-label': word('refresh'), click: () => this.#tell() },
        },
        element('i', { class: 'fa fa-refresh', 'aria-hidden': 'true' }),
      )
      this.element = element(
        'div',
        { class: 'resilience-sidebar' },
        element('div', { class: 'resilience-strip' }, strip, refresh),
        this.#line,
        ...this.#tabs.map(({ panel }) => panel),
      )
      this.#choose(this.#tabs[0])
      // Whatever a page throws must not reach the editor, which would lose other messages.
      RED.comms.subscribe('resilience/changed', () => queueMicrotask(() => this.#news()))
      Resilience.sidebar.attend(this.element, (isLookedAt) => this.#look(isLookedAt))
    }

    #tab(name: PageName, build: BuildPage): Tab {
      const { element, word } = Resilience.sidebar
      const [id, panelId] = [`resilience-tab-${name}`, `resilience-page-${name}`]
      const badge = element('span', { class: 'resilience-badge', hidden: true })
      const button = element(
        'button',
        {
          ...{ type: 'button', role: 'tab', id, 'aria-controls': panelId },
          ...{ click: () => this.#choose(this.#tabs.find((tab) => tab.name === name)) },
        },
        word(`page.${name}`),
        badge,
      )
      const view = build(this.#host(name))
      const panel = element(
        'div',
        {
          ...{ class: 'resilience-page', id: panelId, role: 'tabpanel', tabindex: '0' },
          ...{ 'aria-labelledby': id, hidden: true },
        },
        view.element,
      )
      return { name, button, badge, panel, view }
    }

    #host(own: PageName): SidebarHost {
      const { gateway, word } = Resilience.sidebar
      const mayWrite = () => RED.user.hasPermission('resilience.write')
      const say = (text: string, isTrouble = false) => this.#say(text, isTrouble)
      return {
        ...gateway,
        word,
        say,
        // Somebody else may log in without the page being loaded again.
        get mayWrite() {
          return mayWrite()
        },
        sayRefusal: (refusal) =>
          say(refusal instanceof Error ? refusal.message : String(refusal), true),
        badge: (count, page = own) => this.#count(count, page),
        reveal: (nodeId) => {
          if (RED.nodes.node(nodeId)) RED.view.reveal(nodeId)
          else say(word('notOnCanvas'), true)
        },
      }
    }

    #count(count: number, page: PageName): void {
      const tab = this.#tabs.find(({ name }) => name === page)
      if (tab === undefined) return
      tab.badge.hidden = count === 0
      Resilience.sidebar.write(
        tab.badge,
        count === 0 ? '' : Resilience.sidebar.texts.exactText(count),
      )
    }

    #say(text: string, isTrouble: boolean): void {
      const { write, later } = Resilience.sidebar
      this.#line.classList.toggle('resilience-trouble', isTrouble)
      write(this.#line, `${isTrouble ? '✕ ' : ''}${text}`)
      this.#stopSaying?.()
      this.#stopSaying = later(isTrouble ? 2 * sayMs : sayMs, () => write(this.#line, ''))
    }

    #choose(tab: Tab | undefined): void {
      if (tab === undefined || tab === this.#chosen) return
      if (this.#isLookedAt) this.#chosen?.view.hide()
      this.#chosen = tab
      for (const { button, panel, name } of this.#tabs) {
        const isChosen = name === tab.name
        button.setAttribute('aria-selected', String(isChosen))
        button.tabIndex = isChosen ? 0 : -1
        panel.hidden = !isChosen
      }
      if (this.#isLookedAt) tab.view.show()
    }

    /** As the pattern for tabs has it: https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ */
    #move(event: KeyboardEvent): void {
      const last = this.#tabs.length - 1
      const at = this.#tabs.findIndex(({ name }) => name === this.#chosen?.name)
      const leads: Readonly<Record<string, number>> = {
        ...{ ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1 },
        ...{ Home: 0, End: last },
      }
      const to = leads[event.key]
      if (to === undefined) return
      event.preventDefault()
      this.#choose(this.#tabs[to])
      this.#tabs[to]?.button.focus()
    }

    #look(isLookedAt: boolean): void {
      this.#isLookedAt = isLookedAt
      this.#stopLooking?.()
      if (isLookedAt) this.#chosen?.view.show()
      else this.#chosen?.view.hide()
      if (isLookedAt) this.#fresh()
      if (isLookedAt) this.#lookAgain()
    }

    #lookAgain(): void {
      this.#stopLooking = Resilience.sidebar.later(lookAgainMs, () => {
        this.#news()
        this.#lookAgain()
      })
    }

    #tell(): void {
      if (!this.#isLookedAt) return
      this.#chosen?.view.changed()
      this.#fresh()
    }

    /** The other pages count them as they are read. */
    #countFresh(): void {
      if (!this.#isLookedAt || this.#chosen?.name !== 'timeline') return
      const { gateway } = Resilience.sidebar
      gateway.get<{ items: readonly { fresh: number }[] }>('dlq?limit=500').then(
        ({ items }) =>
          this.#count(
            items.reduce((sum, { fresh }) => sum + fresh, 0),
            'letters',
          ),
        // The page that is looked at asks the same gateway, and says what is wrong with it.
        () => undefined,
      )
    }
  }

  Object.assign(Resilience.sidebar, { frame: () => new Frame().element })
}
