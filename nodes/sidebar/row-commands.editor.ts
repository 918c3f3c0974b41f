/**
 * What a person may order of a node from its row: some buttons on the row, all commands in a menu
 * below it, and the small form of those that need something filled in or asked back. What a
 * command does, the node knows; pressed twice while it is under way, it is sent once.
 */

import type { CommandForm } from './row-commands.js'

const { element, each, write, word } = Resilience.sidebar
const { formOf, isAsked, filledIn, isTelling, menuOf } = Resilience.rowCommands

class Orders implements RowCommands {
  readonly direct: HTMLElement
  readonly opener: HTMLButtonElement
  readonly menu: HTMLElement
  readonly #buttons: HTMLElement
  readonly #form: HTMLElement
  readonly #host: SidebarHost
  readonly #answered: (answer: unknown) => void
  #row: OverviewNode | undefined
  readonly #underWay = new Set<string>()

  constructor(host: SidebarHost, answered: (answer: unknown) => void) {
    this.#host = host
    this.#answered = answered
    this.direct = element('span', { class: 'resilience-direct' })
    this.#buttons = element('div', { class: 'resilience-buttons' })
    this.#form = element('div', { class: 'resilience-form' })
    const keydown = (event: Event) => this.#leave(event)
    this.menu = element(
      'div',
      { class: 'resilience-commands', role: 'group', hidden: true, keydown },
      ...[this.#buttons, this.#form],
    )
    this.opener = element(
      'button',
      { type: 'button', class: 'resilience-icon', 'aria-expanded': 'false' },
      element('span', { 'aria-hidden': 'true' }, '⋮'),
    )
    this.opener.addEventListener('click', () => this.#open(this.menu.hidden === true))
  }

  update(row: OverviewNode): void {
    this.#row = row
    const name = Resilience.overviewRows.titleOf(row)
    const label = word('commandsOf', { name })
    this.menu.setAttribute('aria-label', label)
    this.opener.setAttribute('aria-label', label)
    this.opener.title = label
    const { mayWrite } = this.#host
    this.opener.toggleAttribute('hidden', row.commands.length === 0 || !mayWrite)
    if (row.commands.length === 0 || !mayWrite) this.#open(false)
    const direct = mayWrite ? Resilience.overviewRows.directCommands(row) : []
    this.#list(this.direct, direct)
    this.#list(this.#buttons, mayWrite ? menuOf(row.commands, row.type) : [])
  }

  #list(place: HTMLElement, commands: readonly string[]): void {
    each(place, commands, {
      // A button that has become its opposite is still under the same finger.
      keyOf: (command) => (place === this.direct && isSwitch(command) ? 'switch' : command),
      build: () => {
        const made = element('button', { type: 'button', class: 'resilience-button' })
        made.addEventListener('click', () => this.#order(made.dataset['command'] ?? ''))
        return made
      },
      update: (button, command) => {
        button.dataset['command'] = command
        button.title = word(`commandTip.${command}`)
        write(button, word(`command.${command}`))
      },
    })
  }

  #open(isOpen: boolean): void {
    this.menu.hidden = !isOpen
    this.opener.setAttribute('aria-expanded', String(isOpen))
    if (!isOpen) this.#form.replaceChildren()
  }

  #leave(event: Event): void {
    if (!(event instanceof KeyboardEvent) || event.key !== 'Escape') return
    event.stopPropagation()
    this.#open(false)
    this.opener.focus()
  }

  #order(command: string): void {
    const form = formOf(command, this.#row?.type ?? '')
    this.#form.replaceChildren()
    if (isAsked(form)) this.#ask(command, form)
    else void this.#send(command, form.fixed)
  }

  #ask(command: string, form: CommandForm): void {
    const name = this.#row === undefined ? '' : Resilience.overviewRows.titleOf(this.#row)
    const inputs = form.fields.map((field) => {
      const isCount = field.kind === 'count'
      const attributes = { value: field.initial, name: field.name, required: true }
      const kind = isCount ? { type: 'number', min: 1, step: 1 } : { type: 'text', maxlength: 128 }
      return element('input', { ...attributes, ...kind })
    })
    const labels = inputs.map((input) =>
      element('label', {}, word(`commandField.${input.name}`), ' ', input),
    )
    const question = form.isGrave ? word(`commandAsk.${command}`, { name }) : undefined
    const go = element(
      'button',
      { type: 'submit', class: 'resilience-button', 'data-go': command },
      word(form.isGrave ? `commandSure.${command}` : `command.${command}`),
    )
    const close = () => {
      this.#form.replaceChildren()
      this.#buttons.querySelector<HTMLElement>(`[data-command="${command}"]`)?.focus()
    }
    const submit = (event: Event) => {
      event.preventDefault()
      const written = Object.fromEntries(inputs.map((input) => [input.name, input.value]))
      const fields = filledIn(form, written)
      if (fields === undefined) return
      close()
      void this.#send(command, fields)
    }
    const cancel = element(
      'button',
      { type: 'button', class: 'resilience-button', click: close },
      word('keep'),
    )
    const made = element(
      'form',
      { submit },
      question === undefined ? undefined : element('p', {}, question),
      ...labels,
      ...[go, cancel],
    )
    this.#form.replaceChildren(made)
    // What is grave is not to be done by the key that opened it.
    const first = inputs[0] ?? cancel
    first.focus()
  }

  async #send(command: string, fields: object): Promise<void> {
    const row = this.#row
    if (row === undefined || this.#underWay.has(command)) return
    const host = this.#host
    const values = {
      name: Resilience.overviewRows.titleOf(row),
      command: word(`command.${command}`),
    }
    this.#underWay.add(command)
    this.#showBusy()
    host.say(word('underWay', values))
    try {
      const path = `nodes/${encodeURIComponent(row.id)}/command`
      const { answer } = await host.send<{ answer: unknown }>('POST', path, { command, ...fields })
      host.say(doneText(answer, values))
      if (isTelling(command)) this.#answered(resultOf(answer))
    } catch (refusal) {
      host.sayRefusal(refusal)
    } finally {
      this.#underWay.delete(command)
      this.#showBusy()
    }
  }

  #showBusy(): void {
    const isUnderWay = this.#underWay.size > 0
    for (const place of [this.direct, this.menu]) {
      place.setAttribute('aria-busy', String(isUnderWay))
    }
  }
}

const isSwitch = (command: string): boolean => command === 'pause' || command === 'resume'

/** An answer brings back the command with its result. */
function resultOf(answer: unknown): unknown {
  const isObject = typeof answer === 'object' && answer !== null
  return isObject && 'result' in answer ? answer.result : answer
}

/** How many it was done to, where it tells. */
function doneText(answer: unknown, values: Readonly<Record<string, string>>): string {
  const dropped = Reflect.get(Object(resultOf(answer) ?? {}), 'dropped')
  if (typeof dropped !== 'number') return word('done', values)
  return word('doneTo', { ...values, count: dropped })
}

const rowCommands: SidebarParts['rowCommands'] = (host, answered) => new Orders(host, answered)

Object.assign(Resilience.sidebar, { rowCommands })
