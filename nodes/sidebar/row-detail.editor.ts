/**
 * The rest of what is known of one node, below its row while that is open: figures, balance, where
 * it stands, for a breaker the story of its last opening. Asked for when a person opens it and
 * while it stays open; never a payload but what a command for it has answered.
 */

import type { BreakerReport } from './overview-rows.js'

const { element, word, figures } = Resilience.sidebar

/** What is shown of an answer; more would make the page slow. */
const answerMax = 20_000
const breakersMax = 50

class Detail implements RowDetail {
  readonly element: HTMLElement
  readonly #figures: HTMLElement
  readonly #report: HTMLElement
  readonly #answer: HTMLElement
  readonly #host: SidebarHost
  #isAsking = false
  /** As it was last drawn: what is the same stays, with focus and selection. */
  #drawn = ''

  constructor(host: SidebarHost) {
    this.#host = host
    this.#figures = element('div', {})
    this.#report = element('div', {})
    this.#answer = element('div', {})
    this.element = element('div', {}, this.#figures, this.#report, this.#answer)
  }

  read(row: OverviewNode): void {
    this.#show(row)
    if (this.#isAsking || row.type !== 'circuit-breaker') return
    this.#isAsking = true
    void Resilience.sidebar.nodeReport(this.#host, row.id).then((answer) => {
      this.#isAsking = false
      if (answer !== undefined) this.#tell(answer.report)
    })
  }

  answer(answer: unknown): void {
    const text = JSON.stringify(answer ?? null, null, 2)
    const shown = text.length > answerMax ? `${text.slice(0, answerMax)}\n…` : text
    const label = word('answer')
    const hide = element(
      'button',
      { type: 'button', class: 'resilience-button', click: () => this.#answer.replaceChildren() },
      word('hideAnswer'),
    )
    const place = element('pre', { tabindex: '0', role: 'region', 'aria-label': label }, shown)
    this.#answer.replaceChildren(place, hide)
  }

  #show(row: OverviewNode): void {
    const { balanceParts } = Resilience.overviewRows
    const { tally, flow, type } = row
    const kept = [tally.queue, tally.letters].flatMap((each) =>
      each === undefined ? [] : balanceParts(each.balance),
    )
    const place = { key: 'figure.place', values: { flow, type } }
    const all = [place, ...Resilience.rowFigures.figuresOf(row, Resilience.sidebar.texts), ...kept]
    const made = figures(all)
    if (this.#figures.textContent !== made.textContent) this.#figures.replaceChildren(made)
  }

  #tell(report: unknown): void {
    const written = JSON.stringify(report)
    if (written === this.#drawn) return
    this.#drawn = written
    const breakers: readonly BreakerReport[] = Array.isArray(report) ? report : []
    this.#report.replaceChildren(...breakers.slice(0, breakersMax).map(breakerPart))
  }
}

function breakerPart({ key, state, lastOpened }: BreakerReport): HTMLElement {
  const name = key === '' ? word(`breaker.${state}`) : `${key}: ${word(`breaker.${state}`)}`
  if (lastOpened === undefined) return element('p', {}, name)
  const { at, cause, lastCalls, whatIf } = lastOpened
  const time = Resilience.sidebar.texts.momentText(at)
  const why = word('lastOpened', { time, cause: word(`cause.${cause}`) })
  const story = Resilience.sidebar.story({ calls: lastCalls, whatIf })
  return element('div', {}, element('p', {}, `${name} · ${why}`), story)
}

const rowDetail: SidebarParts['rowDetail'] = (host) => new Detail(host)

Object.assign(Resilience.sidebar, { rowDetail })
