/**
 * A flow with a machine that is sick, held or well as it is told over HTTP, and a dead letter node
 * behind it; and the page of dead letters in the editor, as a person uses it. They judge nothing.
 */

import type { Locator } from 'playwright-core'
import type { NodeRedProcess } from '../../tools/common/node-red-process.js'
import type { Flow } from '../../tools/common/user-dir.js'
import type { SidebarPage } from './sidebar-page.js'

const place = { z: 'tab', x: 200 }
const code = { ...place, type: 'function', outputs: 1, libs: [], wires: [[]] }

/** Held, it lets the first of each order through and keeps the others until it is well. */
const machine = `while (flow.get('is') === 'held' && msg.payload.order >= 20) {
  await new Promise((go) => setTimeout(go, 5))
}
if (flow.get('is') !== 'sick') return msg
if (msg.kind === 'late') throw new TypeError('no answer in time')
throw new Error('the PLC does not know this order')`

const orders = `const { count, kind } = msg.req.query
for (let order = 0; order < Number(count); order++) {
  const about = { order, when: new Date(0), raw: Buffer.from('hello') }
  node.send([{ topic: 'order ' + order, kind, payload: about }, null])
}
return [null, { req: msg.req, res: msg.res, payload: 'sent' }]`

export const letterFlow: Flow = [
  { id: 'tab', type: 'tab', label: 'Plant' },
  { ...place, id: 'is', type: 'http in', url: '/is/:how', method: 'post', wires: [['be']], y: 40 },
  {
    ...{ ...code, id: 'be', wires: [['ok']], y: 80 },
    func: "flow.set('is', msg.req.params.how)\nreturn msg",
  },
  { ...place, id: 'go', type: 'http in', url: '/go', method: 'post', wires: [['make']], y: 120 },
  { ...code, id: 'make', outputs: 2, func: orders, wires: [['machine'], ['ok']], y: 160 },
  { ...place, id: 'ask', type: 'http in', url: '/got', method: 'get', wires: [['got']], y: 200 },
  {
    ...{ ...code, id: 'got', wires: [['ok']], y: 240 },
    func: "msg.payload = flow.get('got') ?? {}\nreturn msg",
  },
  { ...place, id: 'ok', type: 'http response', wires: [], y: 280 },
  { ...code, id: 'machine', name: 'write PLC', func: machine, wires: [['works']], y: 320 },
  { ...code, id: 'works', func: "flow.set('got', msg.payload)", y: 360 },
  { ...place, id: 'catch', type: 'catch', scope: ['machine'], wires: [['letters']], y: 400 },
  {
    ...{ ...place, id: 'letters', type: 'dlq', name: 'Orders', y: 440, wires: [['machine'], []] },
    ...{ redriveSchedule: 'off', rateLimit: '1000/s', attempts: '1' },
  },
  { ...place, id: 'spare', type: 'dlq', name: 'Spare', y: 480, wires: [[], []] },
]

export interface Figures {
  readonly waiting: number
  readonly givenUp: number
  readonly deleted: number
  readonly fresh: number
}

export class LetterPlant {
  readonly #nodeRed: NodeRedProcess
  readonly #headers: Readonly<Record<string, string>>

  constructor(nodeRed: NodeRedProcess, headers: Readonly<Record<string, string>> = {}) {
    this.#nodeRed = nodeRed
    this.#headers = headers
  }

  async be(how: 'well' | 'sick' | 'held'): Promise<void> {
    await this.#nodeRed.fetch(`/is/${how}`, { method: 'POST' })
  }

  async send(count: number, kind = 'unknown'): Promise<void> {
    await this.#nodeRed.fetch(`/go?count=${count}&kind=${kind}`, { method: 'POST' })
  }

  /** The payload that came through last. */
  async got(): Promise<object> {
    return (await this.#nodeRed.fetch('/got')).json() as Promise<object>
  }

  async figures(): Promise<Figures> {
    const { headers } = { headers: this.#headers }
    return (
      await this.#nodeRed.fetch('/resilience/dlq/letters', { headers })
    ).json() as Promise<Figures>
  }
}

export class LetterPage {
  readonly sidebar: SidebarPage
  readonly element: Locator

  constructor(sidebar: SidebarPage) {
    this.sidebar = sidebar
    this.element = sidebar.page.locator('.resilience-letters')
  }

  cause(words: string): Locator {
    return this.element.locator('.resilience-cause', { hasText: words })
  }

  /** Waits until these words are to be read there, e.g. how many there are. */
  async says(words: string): Promise<void> {
    const shown = "document.querySelector('.resilience-letters').innerText.replace(/\\s+/g, ' ')"
    await this.sidebar.page.waitForFunction(`${shown}.includes(${JSON.stringify(words)})`)
  }

  /** Waits for a line at the top. */
  async told(words: string): Promise<void> {
    await this.sidebar.element.locator('.resilience-said', { hasText: words }).waitFor()
  }

  /** The line of a cause, or of a letter inside one. */
  line(of: Locator): Locator {
    return of.locator('.resilience-open').first()
  }

  letters(words: string): Locator {
    return this.element.locator('.resilience-cause li', { hasText: words })
  }

  async unfold(of: Locator): Promise<void> {
    if ((await this.line(of).getAttribute('aria-expanded')) === 'false') await this.line(of).click()
    await of.locator('[aria-expanded="true"]').first().waitFor()
  }

  async tick(of: Locator): Promise<void> {
    await of.locator('input[type="checkbox"]').first().click()
  }

  /** A button by the words on it. */
  button(words: string | RegExp): Locator {
    return this.element.getByRole('button', { name: words })
  }
}
