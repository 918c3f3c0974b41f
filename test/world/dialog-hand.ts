/**
 * The hand of a person in one open dialog: writes, chooses, ticks and adds rows through the
 * controls that are shown, and reads back what they show. It sets no field behind the dialog's
 * back, and judges nothing.
 */

import type { Locator, Page } from 'playwright-core'

/** What a dialog is to save, by field, in the order in which it is filled. */
export type Filling = Readonly<Record<string, unknown>>

type Row = Readonly<Record<string, unknown>>

/** How the editor names the kinds of a typed input. */
const kindWords: Readonly<Record<string, string>> = { msg: 'msg.', jsonata: 'expression' }

/** Of the typed input there. The list slides in: a click meanwhile may go beside it. */
export async function chooseKind(page: Page, place: Locator, kind: string): Promise<void> {
  await place.locator('.red-ui-typedInput-type-select').click()
  const option = page.locator('.red-ui-typedInput-options:visible a', { hasText: kind })
  await option.waitFor()
  await page.waitForFunction("!$('.red-ui-typedInput-options').is(':animated')")
  await option.click()
}

export class DialogHand {
  readonly #page: Page
  readonly #dialog: 'node' | 'node-config'
  /** Fields and cells that are lists of options. */
  #lists: readonly string[] = []

  constructor(page: Page, dialog: 'node' | 'node-config') {
    this.#page = page
    this.#dialog = dialog
  }

  /** Once its credentials have arrived, the editor fills a dialog and has every field checked. */
  async isReady(): Promise<void> {
    await this.#field('name').and(this.#page.locator('[aria-invalid]')).waitFor()
    await this.#page.evaluate(`document.querySelectorAll('.resilience-section')
      .forEach((section) => { section.open = true })`)
    const ids = `^(${this.#dialog}-input|resilience-pick)-`
    this.#lists = await this.#page.evaluate(`[...document.querySelectorAll('select')]
      .map(({ id, dataset }) => dataset.name ?? id.replace(new RegExp('${ids}'), ''))`)
  }

  async fill(filling: Filling): Promise<void> {
    for (const [field, value] of Object.entries(filling)) {
      const kind = filling[`${field}Type`]
      if (typeof kind === 'string') await this.#fillTyped(this.#rowOf(field), kind, String(value))
      else if (!this.#isWrittenByAnother(field, filling)) await this.#fillOne(field, value)
    }
  }

  /** By the button; returns when the dialog is gone. */
  async press(button: 'ok' | 'cancel'): Promise<void> {
    await this.#page.click(`#${this.#dialog}-dialog-${button}`)
    await this.#field('name').waitFor({ state: 'detached' })
  }

  /** What the controls of these fields show, in the form in which it is saved. */
  shown(fields: readonly string[]): Promise<Filling> {
    return this.#page.evaluate(`Object.fromEntries(${JSON.stringify(fields)}.map((field) => {
      const ids = ['${this.#dialog}-input-' + field, 'resilience-pick-' + field]
      const [found] = ids.flatMap((id) => document.getElementById(id) ?? [])
      const shown = () => {
        const kinds = document.getElementById('resilience-' + field)
        if (kinds !== null) return [...kinds.selectedOptions].map(({ value }) => value)
        const tree = $('#node-input-' + field + '-tree')
        if (tree.length > 0) return tree.treeList('selected').map(({ node }) => node.id)
        if (found.type === 'checkbox') return found.checked
        return found.dataset.list || field === 'outputs' ? JSON.parse(found.value) : found.value
      }
      return [field, shown()]
    }))`)
  }

  async #fillOne(field: string, value: unknown): Promise<void> {
    if (field === 'watchNodes') return this.#tick(value)
    if (field === 'durability') return this.#fillDurability(String(value))
    const kinds = this.#page.locator(`#resilience-${field}`)
    if ((await kinds.count()) > 0) await kinds.selectOption(list(value).map(String))
    else if (typeof value === 'object') await this.#fillRows(field, list(value))
    else await this.#put(field, this.#field(field), value)
  }

  async #fillRows(field: string, rows: readonly unknown[]): Promise<void> {
    const items = this.#page.locator(`#${this.#dialog}-input-${field}-list > li`)
    const add = this.#page.locator(`.resilience-list:has(#${this.#dialog}-input-${field})`)
    for (const [at, row] of rows.entries()) {
      const item = items.nth(at)
      if ((await items.count()) <= at) await add.locator('.red-ui-editableList-addButton').click()
      await this.#fillRow(item, row as Row)
    }
  }

  /** The kind of a row comes first: it says which cells are there. */
  async #fillRow(item: Locator, row: Row): Promise<void> {
    for (const [name, value] of Object.entries(row)) {
      const cell = item.locator(`[data-name="${name}"]`)
      const kind = row[`${name}Type`]
      if (typeof kind === 'string') await this.#fillTyped(item, kind, String(value))
      else if (!(name.endsWith('Type') && name.slice(0, -4) in row))
        await this.#put(name, cell, value)
      if (name === 'kind') await openMore(item)
    }
  }

  async #fillTyped(place: Locator, kind: string, value: string): Promise<void> {
    await chooseKind(this.#page, place, kindWords[kind] ?? kind)
    await place.locator('input.red-ui-typedInput-input').fill(value)
  }

  async #fillDurability(time: string): Promise<void> {
    await this.#page.selectOption(`#${this.#dialog}-input-durability-choice`, 'interval')
    await this.#page.fill(`#${this.#dialog}-input-durability-every`, time)
  }

  /** In the tree each node stands by its name, which is its id here. */
  async #tick(ids: unknown): Promise<void> {
    for (const id of list(ids)) {
      const label = this.#page.getByText(String(id), { exact: true })
      const tree = this.#page.locator('#node-input-watchNodes-tree .red-ui-treeList-label')
      await tree.filter({ has: label }).locator('input[type="checkbox"]').check()
    }
  }

  /** The control is left when the hand goes to the next one. */
  async #put(name: string, control: Locator, value: unknown): Promise<void> {
    if (typeof value === 'boolean') await control.setChecked(value)
    else if (this.#lists.includes(name)) await control.selectOption(String(value))
    else await control.fill(String(value))
  }

  #field(field: string): Locator {
    return this.#page.locator(`#${this.#dialog}-input-${field}, #resilience-pick-${field}`)
  }

  #rowOf(field: string): Locator {
    return this.#page.locator('.resilience-row', { has: this.#field(field) })
  }

  /** The kind of a value by its typed input, the outputs by what they tell. */
  #isWrittenByAnother(field: string, filling: Filling): boolean {
    return field === 'outputs' || (field.endsWith('Type') && field.slice(0, -4) in filling)
  }
}

/** One row alone is saved as itself. */
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

async function openMore(item: Locator): Promise<void> {
  const summary = item.locator('details:not([open]) > summary')
  if (await summary.isVisible()) await summary.click()
}
