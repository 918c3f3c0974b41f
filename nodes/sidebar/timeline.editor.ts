/**
 * The page Timeline: the last 500 events of all nodes, newest first, as far as the filters let
 * them pass. New ones come in at the top and take neither focus nor place from what is being read;
 * only what is new is asked for.
 */

import type { EventFilter, ToldEvent } from './told-events.js'

const { element, each, write, word } = Resilience.sidebar
const pieceMax = 100

interface Piece {
  readonly items: readonly ToldEvent[]
  readonly next: string | null
}

class TimelinePage implements SidebarView {
  readonly element: HTMLElement
  readonly #family: HTMLSelectElement
  readonly #node: HTMLSelectElement
  readonly #severity: HTMLSelectElement
  readonly #list: HTMLElement
  readonly #empty = element('p', { class: 'resilience-empty', hidden: true })
  readonly #host: SidebarHost
  #events: readonly ToldEvent[] = []
  readonly #reading: ReturnType<SidebarParts['inTurn']>

  constructor(host: SidebarHost) {
    this.#host = host
    this.#reading = Resilience.sidebar.inTurn(host, async () => {
      await this.#readNew()
      this.#draw()
    })
    const draw = () => this.#draw()
    const families = Object.keys(Resilience.toldEvents.families)
    this.#family = choice('filter.family', draw, [
      ['', word('filter.allKinds')],
      ...families.map((name) => [name, word(`family.${name}`)] as const),
    ])
    this.#node = choice('filter.node', draw, [['', word('filter.allNodes')]])
    this.#severity = choice('filter.severity', draw, [
      ['', word('filter.allSeverities')],
      ['warning', word('filter.warning')],
      ['error', word('filter.error')],
    ])
    const filters = element(
      'div',
      { class: 'resilience-filters', role: 'group', 'aria-label': word('filters') },
      ...[this.#family, this.#node, this.#severity],
    )
    this.#list = element('ul', { class: 'resilience-events', 'aria-label': word('page.timeline') })
    this.element = element('div', {}, filters, this.#empty, this.#list)
  }

  show(): void {
    this.#reading.changed()
  }

  hide(): void {
    this.#reading.rest()
  }

  changed(): void {
    this.#reading.changed()
  }

  /** Piece by piece until what is read meets what is known. */
  async #readNew(): Promise<void> {
    const { merged, eventsMax } = Resilience.toldEvents
    const read: ToldEvent[] = []
    let after = ''
    for (let asked = 0; asked < eventsMax; asked += pieceMax) {
      const { items, next } = await this.#host.get<Piece>(`events?limit=${pieceMax}${after}`)
      read.push(...items)
      const whole = merged(this.#events, read, next === null || read.length >= eventsMax)
      if (whole !== undefined) this.#events = whole
      if (whole !== undefined || next === null) return
      after = `&after=${encodeURIComponent(next)}`
    }
  }

  #filter(): EventFilter {
    const severity = this.#severity.value
    return {
      ...{ family: this.#family.value, node: this.#node.value },
      severity: severity === 'warning' || severity === 'error' ? severity : '',
    }
  }

  #draw(): void {
    const { passes, keyOf } = Resilience.toldEvents
    this.#drawNodes()
    const filter = this.#filter()
    const shown = this.#events.filter((event) => passes(event, filter))
    this.#empty.hidden = shown.length > 0
    write(this.#empty, word(this.#events.length === 0 ? 'noEvents' : 'noneOfThese'))
    each(this.#list, withDays(shown, Resilience.sidebar.now()), {
      keyOf: (line) => (line.is === 'day' ? `day ${line.day}` : keyOf(line.event)),
      build: (line) =>
        line.is === 'day'
          ? element('li', { class: 'resilience-day' }, line.title)
          : Resilience.sidebar.timelineEvent(this.#host, line.event),
      update: (place, line) => {
        if (line.is === 'day') write(place, line.title)
      },
    })
  }

  /** Only those that some event tells of; the chosen one stays, even when its events have gone. */
  #drawNodes(): void {
    const chosen = this.#node.value
    const found = Resilience.toldEvents.nodesIn(this.#events)
    const options = found.map((node) => [node.id, Resilience.sidebar.nameOf(node)] as const)
    const isThere = chosen === '' || options.some(([id]) => id === chosen)
    const gone = this.#node.selectedOptions[0]?.text ?? chosen
    const all = [
      ['', word('filter.allNodes')] as const,
      ...options,
      ...(isThere ? [] : [[chosen, gone] as const]),
    ]
    each(this.#node, all, {
      keyOf: ([id]) => id,
      build: ([id, text]) => element('option', { value: id }, text),
      update: (option, [, text]) => write(option, text),
    })
    this.#node.value = chosen
  }
}

type Line =
  | { readonly is: 'day'; readonly day: string; readonly title: string }
  | { readonly is: 'event'; readonly event: ToldEvent }

const dayMs = 86_400_000

/** A line before the first event of each day that is not today. */
function withDays(events: readonly ToldEvent[], now: number): readonly Line[] {
  const { dayOf } = Resilience.toldEvents
  const [today, yesterday] = [dayOf(now), dayOf(now - dayMs)]
  let last = today
  return events.flatMap((event): Line[] => {
    const day = dayOf(event.at)
    if (day === last) return [{ is: 'event', event }]
    last = day
    const title = day === yesterday ? word('yesterday') : day === today ? word('today') : day
    return [
      { is: 'day', day, title },
      { is: 'event', event },
    ]
  })
}

function choice(
  name: string,
  change: () => void,
  options: readonly (readonly [string, string])[],
): HTMLSelectElement {
  const made = options.map(([value, text]) => element('option', { value }, text))
  return element('select', { 'aria-label': word(name), title: word(name), change }, ...made)
}

const timeline: BuildPage = (host) => new TimelinePage(host)

Object.assign(Resilience.pages, { timeline })
