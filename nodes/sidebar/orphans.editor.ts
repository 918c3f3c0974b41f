/**
 * What no node owns any more: messages and letters of deleted nodes, a row for each. The list is
 * read again whenever the overview is; nothing here ever goes away by itself.
 */

import type { NodeRow } from './overview-rows.js'

const { element, write, word } = Resilience.sidebar
const listedMax = 100

class Orphans implements OrphanList {
  readonly element: HTMLElement
  readonly #title = element('h3', { id: 'resilience-group-orphans' })
  readonly #fill: (orphans: readonly Orphan[]) => void
  readonly #host: SidebarHost
  #nodes: readonly NodeRow[] = []
  #isAsking = false

  constructor(host: SidebarHost) {
    this.#host = host
    const list = element('ul', { 'aria-labelledby': 'resilience-group-orphans' })
    this.#fill = Resilience.sidebar.listOf<Orphan>(
      list,
      ({ id }) => id,
      (orphan) => Resilience.sidebar.orphanRow(host, orphan, () => this.#nodes),
    )
    this.element = element('section', { hidden: true }, this.#title, list)
  }

  read(count: number, nodes: readonly NodeRow[]): void {
    this.#nodes = nodes
    this.element.hidden = count === 0
    if (count === 0) this.#fill([])
    else if (!this.#isAsking) void this.#read(count)
  }

  async #read(count: number): Promise<void> {
    this.#isAsking = true
    try {
      const { items } = await this.#host.get<{ items: readonly Orphan[] }>(
        `orphans?limit=${listedMax}`,
      )
      write(this.#title, word('orphan.title', { count }))
      this.#fill(items)
    } catch (refusal) {
      this.#host.sayRefusal(refusal)
    } finally {
      this.#isAsking = false
    }
  }
}

const orphans: SidebarParts['orphans'] = (host) => new Orphans(host)

Object.assign(Resilience.sidebar, { orphans })
