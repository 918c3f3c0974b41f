/**
 * The sidebar in the editor, as a person uses it: finds rows and buttons by what stands on them,
 * walks by keyboard, sets the size that an editor gives to it. It judges nothing but what axe-core
 * calls serious.
 */

import type { Locator, Page } from 'playwright-core'

export class SidebarPage {
  readonly page: Page
  readonly element: Locator

  constructor(page: Page) {
    this.page = page
    this.element = page.locator('.resilience-sidebar')
  }

  async show(): Promise<void> {
    await this.page.evaluate("RED.sidebar.show('resilience')")
    await this.element.waitFor()
  }

  async turnTo(name: 'overview' | 'letters' | 'timeline'): Promise<void> {
    await this.page.click(`#resilience-tab-${name}`)
    await this.page.locator(`#resilience-page-${name}`).waitFor()
  }

  /** Reads again, without taking the focus from where it is. */
  async readAgain(): Promise<void> {
    await this.page.evaluate(`document.querySelector('.resilience-strip .resilience-icon').click()`)
  }

  row(id: string): Locator {
    return this.element.locator(`[data-node="${id}"]`)
  }

  /** Waits until these words stand in the row of a node. */
  async says(id: string, words: string): Promise<void> {
    await this.row(id).filter({ hasText: words }).waitFor()
  }

  /** A button on the row itself. */
  direct(id: string, command: string): Locator {
    return this.row(id).locator(`.resilience-direct [data-command="${command}"]`)
  }

  async openMenu(id: string): Promise<void> {
    await this.row(id).locator('.resilience-line .resilience-icon').click()
  }

  inMenu(id: string, command: string): Locator {
    return this.row(id).locator(`.resilience-buttons [data-command="${command}"]`)
  }

  /** '' gives the size back to the editor. */
  async resize(width: number | '', height: number | '' = ''): Promise<void> {
    const [w, h] = [width, height].map((px) => (px === '' ? '' : `${px}px`))
    await this.page.evaluate(`Object.assign(document.querySelector('.resilience-sidebar').style,
      { width: '${w}', height: '${h}' })`)
  }

  /** As Node-RED 5 does; 4.1 has no dark colours of its own. */
  async darken(isDark: boolean): Promise<void> {
    await this.page.evaluate(
      `document.documentElement.classList.toggle('nr-theme-dark', ${isDark})`,
    )
  }

  async isFocused(target: Locator): Promise<boolean> {
    return (await target.and(this.page.locator(':focus')).count()) === 1
  }

  /** Tabs on until this is focused. */
  async walkTo(target: Locator): Promise<void> {
    for (let steps = 0; steps < 200; steps++) {
      if (await this.isFocused(target)) return
      await this.page.keyboard.press('Tab')
    }
    throw new Error(`not reached by keyboard: ${target}`)
  }

  /** What axe-core calls serious or critical: its rule, and where. */
  async violations(): Promise<readonly string[]> {
    const isThere = await this.page.evaluate("typeof axe === 'object'")
    if (!isThere) await this.page.addScriptTag({ path: require.resolve('axe-core/axe.min.js') })
    return this.page.evaluate(`axe
      .run('.resilience-sidebar', { resultTypes: ['violations'] })
      .then(({ violations }) => violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`)
  }
}
