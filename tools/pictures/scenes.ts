/**
 * What there are pictures of: the flow, what is done before the picture is taken, and which part of
 * the page is shown. A new picture is a new entry here.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { checkout, type Flow, type FlowNode } from '../common/user-dir.js'
import type { Stage } from './stage.js'

export interface Scene {
  /** Of the files: `<name>-light.png`, `<name>-dark.png`. */
  readonly name: string
  readonly flow: (brokerPort: number, port: number) => Flow
  /** Height of the editor's window in pixels; half of it is for a page of the sidebar. */
  readonly height: number
  /** Ends when the page shows what is to be seen. */
  readonly play: (stage: Stage) => Promise<void>
  /** The parts of the page that are shown; the picture holds them all. */
  readonly shows: string
  /** Pixels around them. */
  readonly margin: number
}

const nodesAndStatuses = '.red-ui-flow-node-group'

export const scenes: readonly Scene[] = [
  {
    name: 'after-outage',
    flow: example('01 Survive a broker outage'),
    height: 720,
    async play(stage) {
      await runs(stage)
      await stage.broker.cut()
      await passed(10_000)
      await stage.broker.bringBack()
      await stage.status('outage-resilient', /^connected/)
      await stage.status('outage-compare', / · resilient 0$/)
    },
    shows: nodesAndStatuses,
    margin: 14,
  },
  {
    name: 'dialog',
    flow: example('01 Survive a broker outage'),
    height: 720,
    async play({ page }) {
      await page.evaluate("RED.editor.edit(RED.nodes.node('outage-resilient'))")
      await page.waitForSelector('#node-input-topic')
      await passed(1000)
    },
    shows: '.red-ui-tray-header, .red-ui-tray-body-wrapper, .red-ui-tray-footer',
    margin: 0,
  },
  {
    name: 'overview',
    flow: example('02 Protect a slow PLC'),
    height: 1100,
    async play(stage) {
      await breaks(stage)
      await look(stage, 'overview', 520)
    },
    shows: '.resilience-sidebar',
    margin: 0,
  },
  {
    name: 'timeline',
    flow: example('02 Protect a slow PLC'),
    height: 1100,
    async play(stage) {
      await breaks(stage)
      await look(stage, 'timeline', 640)
      await stage.page.click('[data-kind="breaker.opened"] .resilience-open')
      await stage.page.waitForSelector('[data-kind="breaker.opened"] .resilience-story')
      await stage.page.mouse.move(1000, 700)
      await passed(1000)
    },
    shows: '.resilience-sidebar',
    margin: 0,
  },
  {
    name: 'letters',
    flow: example('03 Retry, dead-letter, redrive'),
    height: 1100,
    async play(stage) {
      await stage.nodeRed.inject('redrive-poison')
      await stage.status('redrive-letters', /^1 dead/)
      await look(stage, 'letters', 520)
      await stage.page.click('.resilience-cause .resilience-open')
      await stage.page.click('.resilience-cause .resilience-list .resilience-open')
      await passed(1000)
    },
    shows: '.resilience-sidebar',
    margin: 0,
  },
]

/** The PLC works for a while, and is down when the next orders come. */
async function breaks(stage: Stage): Promise<void> {
  const { nodeRed } = stage
  for (let sent = 0; sent < 6; sent++) {
    await nodeRed.inject('plc-send')
    await passed(4000)
  }
  await nodeRed.inject('plc-down')
  await nodeRed.inject('plc-send')
  await stage.status('plc-breaker', /^open/)
  // The plot has a point every ten seconds.
  await passed(12_000)
}

/** A page of the sidebar, with more room than an editor that was never touched gives to it. */
async function look({ page }: Stage, name: string, height: number): Promise<void> {
  await page.evaluate("RED.sidebar.show('resilience')")
  await page.click(`#resilience-tab-${name}`)
  await page.evaluate(`(() => {
    const sidebar = document.querySelector('.resilience-sidebar')
    const style = { position: 'fixed', left: '0', top: '0', zIndex: '1000' }
    Object.assign(sidebar.style, style, { width: '313px', height: '${height}px' })
    document.querySelector('#red-ui-editor').append(sidebar)
  })()`)
  await passed(2000)
}

/** Both sides have sent and received for a while. */
async function runs(stage: Stage): Promise<void> {
  await stage.status('outage-resilient', /^connected/)
  await stage.status('outage-compare', /^core 0 missing · resilient 0$/)
}

/** Ports are replaced where they are used, not where they are told. */
function example(name: string): Scene['flow'] {
  const text = readFileSync(join(checkout, 'examples', `${name}.json`), 'utf8')
  const nodes: FlowNode[] = JSON.parse(text)
  return (brokerPort, port) =>
    nodes.map((node) => (node.type === 'comment' ? node : withPorts(node, brokerPort, port)))
}

function withPorts(node: FlowNode, brokerPort: number, port: number): FlowNode {
  return JSON.parse(
    JSON.stringify(node)
      .replaceAll(/(?<=127\.0\.0\.1:|"port":")1883/g, `${brokerPort}`)
      .replaceAll(/(?<=127\.0\.0\.1:)1880/g, `${port}`),
  )
}
