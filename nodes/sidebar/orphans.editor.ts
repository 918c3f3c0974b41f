/**
 * What no node owns any more: messages and letters of deleted nodes, each with what can be done
 * about it. Adopting moves them into a node that a person chooses; purging is asked back; nothing
 * here ever goes away by itself.
 */

import type { OrphanReport } from '../common/orphans.js'
import type { NodeRow } from './overview-rows.js'

const { element, each, write, word } = Resilience.sidebar
const listedMax = 100

interface Moved {
  readonly messages: number
  /** Why the rest stays where it is. */
  readonly stopped?: { readonly text: string } | null
}

class Orphans implements OrphanList {
  readonly element: HTMLElement
  readonly #title = element('h3', { id: 'resilience-group-orphans' })
  readonly #list = element('ul', { 'aria-labelledby': 'resilience-group-orphans' })
  readonly #host: SidebarHost
  #nodes: readonly NodeRow[] = []
  #isAsking = false

  constructor(host: SidebarHost) {
    this.#host = host
    this.element = element('section', { hidden: true }, this.#title, this.#list)
  }

  read(count: number, nodes: readonly NodeRow[]): void {
    this.#nodes = nodes
    this.element.hidden = count === 0
    if (count === 0) this.#list.replaceChildren()
    else if (!this.#isAsking) void this.#read(count)
  }

  async #read(count: number): Promise<void> {
    this.#isAsking = true
    try {
      const { items } = await this.#host.get<{ items: readonly OrphanReport[] }>(
        `orphans?limit=${listedMax}`,
      )
      write(this.#title, word('orphan.title', { count }))
      each(this.#list, items, {
        keyOf: ({ id }) => id,
        build: (orphan) => this.#row(orphan),
        update: (row, orphan) => {
          const line = row.querySelector('.resilience-name')
          if (line !== null) write(line, lineOf(orphan))
        },
      })
    } catch (refusal) {
      this.#host.sayRefusal(refusal)
    } finally {
      this.#isAsking = false
    }
  }

  #row(orphan: OrphanReport): HTMLElement {
    const form = element('div', { class: 'resilience-form' })
    const button = (name: string, click: () => void) =>
      element('button', { type: 'button', class: 'resilience-button', click }, word(name))
    const moving = [
      button('orphan.adopt', () => this.#adopt(orphan, form)),
      button('orphan.export', () => this.#export(orphan)),
    ]
    const purging = button('orphan.purge', () => this.#purge(orphan, form))
    const buttons = [...(Resilience.orphanRows.hasMessages(orphan) ? moving : []), purging]
    return element(
      'li',
      { class: 'resilience-item', 'data-orphan': orphan.id },
      element('span', { class: 'resilience-name', title: orphan.directory }, lineOf(orphan)),
      element('span', { class: 'resilience-direct' }, ...(this.#host.mayWrite ? buttons : [])),
      form,
    )
  }

  #adopt(orphan: OrphanReport, form: HTMLElement): void {
    const { titleOf } = Resilience.overviewRows
    const options = Resilience.orphanRows
      .adoptersOf(orphan, this.#nodes)
      .map((node) => element('option', { value: node.id }, `${titleOf(node)} · ${node.flow}`))
    const select = element('select', { 'aria-label': word('orphan.into') }, ...options)
    if (options.length === 0) {
      form.replaceChildren(element('p', {}, word('orphan.nobody')))
      return
    }
    this.#ask(form, { question: word('orphan.into'), sure: 'orphan.adopt', select }, () =>
      this.#act(orphan, 'adopt', { node: select.value }),
    )
    select.focus()
  }

  #purge(orphan: OrphanReport, form: HTMLElement): void {
    const question = word('orphan.ask', { what: lineOf(orphan) })
    this.#ask(form, { question, sure: 'orphan.sure' }, () =>
      this.#act(orphan, 'purge', { confirm: true }),
    )
    // What is grave is not to be done by the key that opened it.
    form.querySelector<HTMLElement>('button[type="button"]')?.focus()
  }

  #ask(
    form: HTMLElement,
    asked: { readonly question: string; readonly sure: string; readonly select?: HTMLElement },
    act: () => Promise<void>,
  ): void {
    const submit = (event: Event) => {
      event.preventDefault()
      form.replaceChildren()
      void act()
    }
    const made = element(
      'form',
      { submit },
      element('p', {}, asked.question),
      asked.select,
      element('button', { type: 'submit', class: 'resilience-button' }, word(asked.sure)),
      element(
        'button',
        { type: 'button', class: 'resilience-button', click: () => form.replaceChildren() },
        word('keep'),
      ),
    )
    form.replaceChildren(made)
  }

  #export({ id, node }: OrphanReport): void {
    const path = `orphans/${encodeURIComponent(id)}/export`
    this.#host
      .download(path, `orphan-${node}.ndjson`)
      .catch((refusal: unknown) => this.#host.sayRefusal(refusal))
  }

  async #act({ id }: OrphanReport, what: 'adopt' | 'purge', body: object): Promise<void> {
    try {
      const path = `orphans/${encodeURIComponent(id)}/${what}`
      const { messages, stopped } = await this.#host.send<Moved>('POST', path, body)
      const done = word(`orphan.done.${what}`, { count: messages })
      this.#host.say(stopped ? `${done} ${stopped.text}` : done, Boolean(stopped))
    } catch (refusal) {
      this.#host.sayRefusal(refusal)
    }
  }
}

const lineOf = (orphan: OrphanReport): string =>
  Resilience.sidebar.said(Resilience.orphanRows.orphanLine(orphan))

const orphans: SidebarParts['orphans'] = (host) => new Orphans(host)

Object.assign(Resilience.sidebar, { orphans })
