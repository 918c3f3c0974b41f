/**
 * One orphan in the overview: what lies there, and what this person may do about it now. Adopting
 * moves it into a node that a person chooses, purging is asked back. Written in place: a button
 * that stays keeps the focus, and what is no longer offered takes its open question with it.
 */

import type { OrphanOrder } from './orphan-rows.js'

const { element, each, write, word } = Resilience.sidebar

interface Moved {
  readonly messages: number
  /** Why the rest stays where it is. */
  readonly stopped?: { readonly text: string } | null
}

class Row implements OrphanRow {
  readonly element: HTMLElement
  readonly #name = element('span', { class: 'resilience-name' })
  readonly #buttons = element('span', { class: 'resilience-direct' })
  readonly #form = element('div', { class: 'resilience-form' })
  readonly #question = element('p', {})
  readonly #host: SidebarHost
  readonly #nodes: () => readonly OverviewNode[]
  #orphan: Orphan
  /** What the open form is for. */
  #asked: OrphanOrder = 'purge'

  constructor(host: SidebarHost, orphan: Orphan, nodes: () => readonly OverviewNode[]) {
    this.#host = host
    this.#orphan = orphan
    this.#nodes = nodes
    const parts = [this.#name, this.#buttons, this.#form]
    this.element = element('li', { class: 'resilience-item', 'data-orphan': orphan.id }, ...parts)
  }

  draw(orphan: Orphan): void {
    this.#orphan = orphan
    this.#name.title = orphan.directory
    write(this.#name, lineOf(orphan))
    const orders = this.#host.mayWrite ? Resilience.orphanRows.ordersOf(orphan) : []
    // Among these only: never to a button of an open form, which would do it at the next key.
    Resilience.sidebar.keepFocus(this.#buttons, () => this.#offer(orders))
    if (!orders.includes(this.#asked)) this.#form.replaceChildren()
    if (this.#asked === 'purge') write(this.#question, this.#purgeText())
  }

  #offer(orders: readonly OrphanOrder[]): void {
    each(this.#buttons, orders, {
      keyOf: (order) => order,
      build: (order) =>
        element('button', {
          ...{ type: 'button', class: 'resilience-button', 'data-command': order },
          click: () => this.#order(order),
        }),
      update: (button, order) => write(button, word(`orphan.${order}`)),
    })
  }

  #order(order: OrphanOrder): void {
    if (order !== 'export') this.#asked = order
    if (order === 'adopt') this.#adopt()
    else if (order === 'purge') this.#purge()
    else this.#export()
  }

  #adopt(): void {
    const { titleOf } = Resilience.overviewRows
    const options = Resilience.orphanRows
      .adoptersOf(this.#orphan, this.#nodes())
      .map((node) => element('option', { value: node.id }, `${titleOf(node)} · ${node.flow}`))
    const select = element('select', { 'aria-label': word('orphan.into') }, ...options)
    if (options.length === 0) {
      this.#form.replaceChildren(element('p', {}, word('orphan.nobody')))
      return
    }
    this.#ask({ question: word('orphan.into'), sure: 'orphan.adopt', select }, () =>
      this.#act('adopt', { node: select.value }),
    )
    select.focus()
  }

  #purge(): void {
    this.#ask({ question: this.#purgeText(), sure: 'orphan.sure' }, () =>
      this.#act('purge', { confirm: true }),
    )
    // What is grave is not to be done by the key that opened it.
    this.#form.querySelector<HTMLElement>('button[type="button"]')?.focus()
  }

  #purgeText(): string {
    return word('orphan.ask', { what: lineOf(this.#orphan) })
  }

  #ask(
    asked: { readonly question: string; readonly sure: string; readonly select?: HTMLElement },
    act: () => Promise<void>,
  ): void {
    const submit = (event: Event) => {
      event.preventDefault()
      this.#form.replaceChildren()
      void act()
    }
    write(this.#question, asked.question)
    const made = element(
      'form',
      { submit },
      this.#question,
      asked.select,
      element('button', { type: 'submit', class: 'resilience-button' }, word(asked.sure)),
      element(
        'button',
        { type: 'button', class: 'resilience-button', click: () => this.#form.replaceChildren() },
        word('keep'),
      ),
    )
    this.#form.replaceChildren(made)
  }

  #export(): void {
    const { id, node } = this.#orphan
    const path = `orphans/${encodeURIComponent(id)}/export`
    this.#host
      .download(path, `orphan-${node}.ndjson`)
      .catch((refusal: unknown) => this.#host.sayRefusal(refusal))
  }

  async #act(what: 'adopt' | 'purge', body: object): Promise<void> {
    try {
      const path = `orphans/${encodeURIComponent(this.#orphan.id)}/${what}`
      const { messages, stopped } = await this.#host.send<Moved>('POST', path, body)
      const done = word(`orphan.done.${what}`, { count: messages })
      this.#host.say(stopped ? `${done} ${stopped.text}` : done, Boolean(stopped))
    } catch (refusal) {
      this.#host.sayRefusal(refusal)
    }
  }
}

const lineOf = (orphan: Orphan): string =>
  Resilience.sidebar.said(Resilience.orphanRows.orphanLine(orphan))

const orphanRow: SidebarParts['orphanRow'] = (host, orphan, nodes) => new Row(host, orphan, nodes)

Object.assign(Resilience.sidebar, { orphanRow })
