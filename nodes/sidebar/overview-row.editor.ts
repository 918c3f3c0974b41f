/**
 * One node in the overview: its sign and its words, figures and plot below, buttons for those who
 * may use them, and the rest when it is opened. Written in place: nothing that did not change
 * moves, so that focus and an open row survive every reading.
 */

import type { NodeRow } from './overview-rows.js'

const { element, each, write, word, said } = Resilience.sidebar

let rowsMade = 0

class Row implements OverviewRow {
  readonly element: HTMLElement
  readonly #open: HTMLButtonElement
  readonly #sign = element('span', { class: 'resilience-sign', 'aria-hidden': 'true' })
  readonly #mood = element('span', { class: 'resilience-read' })
  readonly #name = element('span', { class: 'resilience-name' })
  readonly #state = element('span', { class: 'resilience-state' })
  readonly #plot = element('span', { class: 'resilience-plot-place' })
  readonly #facts = element('span', { class: 'resilience-facts' })
  readonly #trip = element('div', { class: 'resilience-more', hidden: true })
  readonly #job = element('div', { class: 'resilience-job', hidden: true })
  readonly #more: HTMLElement
  readonly #place: HTMLElement
  readonly #commands: RowCommands
  readonly #detail: RowDetail
  readonly #host: SidebarHost
  #row: NodeRow
  #isFollowing = false

  constructor(host: SidebarHost, row: NodeRow) {
    this.#host = host
    this.#row = row
    rowsMade += 1
    const id = `resilience-detail-${rowsMade}`
    this.#open = element(
      'button',
      {
        ...{ type: 'button', class: 'resilience-open', 'aria-expanded': 'false' },
        ...{ 'aria-controls': id, click: () => this.#unfold(this.#place.hidden === true) },
      },
      ...[this.#sign, this.#mood],
      element('span', { class: 'resilience-words' }, this.#name, this.#state),
    )
    this.#detail = Resilience.sidebar.rowDetail(host)
    this.#commands = Resilience.sidebar.rowCommands(host, (answer) => {
      this.#unfold(true)
      this.#detail.answer(answer)
    })
    const reveal = element(
      'button',
      {
        ...{ type: 'button', class: 'resilience-button', 'data-command': 'reveal' },
        click: () => host.reveal(this.#row.id),
      },
      word('reveal'),
    )
    const { opener, menu, direct } = this.#commands
    this.#more = element('div', { class: 'resilience-more' }, this.#plot, this.#facts, direct)
    this.#place = element(
      'div',
      { class: 'resilience-detail', id, hidden: true },
      ...[reveal, this.#detail.element],
    )
    const line = element('div', { class: 'resilience-line' }, this.#open, opener)
    this.element = element(
      'li',
      { class: 'resilience-item', 'data-node': row.id },
      ...[line, this.#trip, this.#more, this.#job, menu, this.#place],
    )
  }

  update(row: NodeRow): void {
    this.#row = row
    const { moodOf, signs, titleOf, factsOf } = Resilience.overviewRows
    const mood = moodOf(row)
    this.element.dataset['mood'] = mood
    write(this.#sign, signs[mood])
    write(this.#mood, word(`mood.${mood}`))
    write(this.#name, titleOf(row))
    write(this.#state, row.status?.text ?? word('notOpen'))
    this.#open.title = `${titleOf(row)} · ${row.flow}`
    const facts = factsOf(row, Resilience.sidebar.now(), Resilience.sidebar.texts)
    write(this.#facts, facts.map(said).join(' · '))
    this.#draw(row)
    this.#commands.update(row)
    if (row.type === 'dlq') this.#follow(row)
    if (row.type === 'circuit-breaker') this.#showTrip(row, mood === 'stopped')
    this.#more.hidden =
      facts.length === 0 && this.#plot.hidden && this.#commands.direct.childElementCount === 0
    if (!this.#place.hidden) this.#detail.read(row)
  }

  #draw(row: NodeRow): void {
    const made = Resilience.sidebar.plot(row.plot)
    this.#plot.hidden = made.hidden
    if (this.#plot.innerHTML !== made.outerHTML) this.#plot.replaceChildren(made)
  }

  #unfold(isOpen: boolean): void {
    this.#place.hidden = !isOpen
    this.#open.setAttribute('aria-expanded', String(isOpen))
    if (isOpen) this.#detail.read(this.#row)
  }

  /** Why it is open: asked for each time it opens, until it has told. */
  #showTrip({ id }: NodeRow, isOpen: boolean): void {
    if (isOpen !== this.#trip.hidden) return
    this.#trip.hidden = !isOpen
    this.#trip.textContent = ''
    if (!isOpen) return
    void Resilience.sidebar.nodeReport(this.#host, id).then((answer) => {
      if (answer === undefined) this.#trip.hidden = true
      else this.#tellTrip(answer.report)
    })
  }

  #tellTrip(report: unknown): void {
    const trip = Resilience.overviewRows.lastTripIn(report)
    if (trip === undefined) return
    const cause = word(`cause.${trip.cause}`)
    const code = Resilience.sidebar.codeText(trip.last)
    this.#trip.textContent = word('trip', { calls: trip.calls, cause, code })
  }

  /** Only a node that is at work may have letters under way. */
  #follow({ id, status }: NodeRow): void {
    if (status?.fill !== 'blue') this.#job.hidden = true
    if (status?.fill !== 'blue' || this.#isFollowing) return
    this.#isFollowing = true
    void Resilience.sidebar.nodeReport(this.#host, id).then((answer) => {
      this.#isFollowing = false
      if (answer !== undefined) this.#showJob(answer.report)
    })
  }

  #showJob(report: unknown): void {
    const job = Resilience.overviewRows.jobIn(report)
    this.#job.hidden = job === undefined
    if (job === undefined) return
    const { total, done, failed } = job
    const values = { total, done, failed }
    const text = word('job', values)
    const names = ['bar', 'words'] as const
    each(this.#job, names, {
      keyOf: (name) => name,
      build: (name) => element(name === 'bar' ? 'progress' : 'span', {}),
      update: (place) => {
        if (place instanceof HTMLProgressElement) {
          place.max = Math.max(1, total)
          place.value = done
          place.setAttribute('aria-label', text)
        } else write(place, text)
      },
    })
  }
}

const overviewRow: SidebarParts['overviewRow'] = (host, row) => new Row(host, row)

Object.assign(Resilience.sidebar, { overviewRow })
