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
  /** Height of the editor's window in pixels. */
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
    height: 900,
    async play(stage) {
      await brokenDown(stage)
      await opened(stage, 'overview')
    },
    shows: '.resilience-tabs, #resilience-page-overview',
    margin: 4,
  },
  {
    name: 'timeline',
    flow: example('02 Protect a slow PLC'),
    height: 900,
    async play(stage) {
      await brokenDown(stage)
      await stage.nodeRed.inject('plc-well')
      await stage.status('plc-breaker', /^closed/)
      await opened(stage, 'timeline')
    },
    shows: '.resilience-tabs, #resilience-page-timeline',
    margin: 4,
  },
  {
    name: 'letters',
    flow: example('03 Retry, dead-letter, redrive'),
    height: 900,
    async play(stage) {
      await stage.nodeRed.inject('redrive-poison')
      await stage.status('redrive-letters', /^1 dead/)
      await opened(stage, 'letters')
      await stage.page.locator('#resilience-page-letters').getByText('sick machine').click()
      await passed(1000)
    },
    shows: '.resilience-tabs, #resilience-page-letters',
    margin: 4,
  },
]

/** The PLC is down, the breaker has opened and orders wait. */
async function brokenDown(stage: Stage): Promise<void> {
  await stage.nodeRed.inject('plc-down')
  await stage.nodeRed.inject('plc-send')
  await stage.status('plc-breaker', /^open/)
  await stage.status('plc-queue', /^held by/)
}

/** A page of the sidebar, with the figures of a moment. */
async function opened({ page }: Stage, name: string): Promise<void> {
  await page.evaluate("RED.sidebar.show('resilience')")
  await page.locator(`#resilience-tab-${name}`).click()
  await passed(2500)
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
