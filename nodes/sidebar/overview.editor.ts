/**
 * The page Overview: the balance of all nodes, every node of ours in its group, and what no node
 * owns.
 */

import type { Balance } from '../../src/base/tally.js'
import type { Group, NodeRow, Overview } from './overview-rows.js'

const { element, each, write, word, figures } = Resilience.sidebar

class OverviewPage implements SidebarView {
  readonly element: HTMLElement
  readonly #balance = element('div', { class: 'resilience-balance', hidden: true })
  readonly #line = element('button', { type: 'button', class: 'resilience-open' })
  readonly #parts = element('div', { class: 'resilience-detail', hidden: true })
  readonly #groups = element('div', {})
  readonly #empty = element('p', { class: 'resilience-empty', hidden: true }, word('empty'))
  readonly #orphans: OrphanList
  readonly #host: SidebarHost
  readonly #rows = new WeakMap<HTMLElement, OverviewRow>()
  readonly #reading: ReturnType<SidebarParts['inTurn']>

  constructor(host: SidebarHost) {
    this.#host = host
    this.#reading = Resilience.sidebar.inTurn(host, async () => {
      this.#draw(await host.get<Overview>('status'))
    })
    this.#orphans = Resilience.sidebar.orphans(host)
    this.#line.setAttribute('aria-expanded', 'false')
    this.#line.addEventListener('click', () => {
      this.#parts.hidden = !this.#parts.hidden
      this.#line.setAttribute('aria-expanded', String(!this.#parts.hidden))
    })
    this.#balance.append(this.#line, this.#parts)
    this.element = element(
      'div',
      { class: 'resilience-overview' },
      ...[this.#balance, this.#empty, this.#groups, this.#orphans.element],
    )
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

  #draw({ nodes: found, balance, orphans }: Overview): void {
    const nodes = found.map((row) => ({ ...row, name: Resilience.sidebar.nameOf(row) }))
    this.#empty.hidden = nodes.length > 0
    this.#balance.hidden = balance === null || balance.accepted === 0
    if (balance !== null) this.#drawBalance(balance)
    const fresh = nodes.reduce((sum, { tally }) => sum + (tally.letters?.fresh ?? 0), 0)
    this.#host.badge(fresh, 'letters')
    each(this.#groups, Resilience.overviewRows.groupsOf(nodes), {
      keyOf: ({ name }) => name,
      build: ({ name }) => groupPart(name),
      update: (place, group) => this.#drawGroup(place, group),
    })
    this.#orphans.read(orphans, nodes)
  }

  #drawBalance(balance: Balance): void {
    const { balanceLine, balanceParts, differenceOf } = Resilience.overviewRows
    const line = balanceLine(balance, Resilience.sidebar.texts)
    write(this.#line, Resilience.sidebar.said(line))
    this.#balance.classList.toggle('resilience-trouble', differenceOf(balance) !== 0)
    const made = figures(balanceParts(balance))
    if (this.#parts.textContent !== made.textContent) this.#parts.replaceChildren(made)
  }

  #drawGroup(place: HTMLElement, { name, rows, troubled }: Group): void {
    const [title, list] = place.children
    if (title === undefined || list === undefined) return
    const sign = troubled === 0 ? '' : ` · ⚠ ${troubled}`
    write(title, `${word(`group.${name}`)}${sign}`)
    each(list, rows, {
      keyOf: ({ id }) => id,
      build: (row) => this.#build(row),
      update: (line, row) => this.#rows.get(line)?.update(row),
    })
  }

  #build(row: NodeRow): HTMLElement {
    const made = Resilience.sidebar.overviewRow(this.#host, row)
    this.#rows.set(made.element, made)
    return made.element
  }
}

function groupPart(name: string): HTMLElement {
  const id = `resilience-group-${name}`
  const title = element('h3', { id })
  return element('section', {}, title, element('ul', { 'aria-labelledby': id }))
}

const overview: BuildPage = (host) => new OverviewPage(host)

Object.assign(Resilience.pages, { overview })
