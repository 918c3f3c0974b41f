/**
 * Where a running scenario stands: one line that rewrites itself on a terminal, one line every
 * few seconds elsewhere. Written to standard error, so that the results stay clean.
 */

import type { Scene } from './scene.js'
import { grouped } from './table.js'

const terminalMs = 200
const logMs = 3000

/** Returns the call that ends it. */
export function follow(name: string, scene: Scene): () => void {
  const screen = process.stderr
  const show = () => {
    const text = `  ${name}: ${standing(scene)}`
    screen.write(screen.isTTY ? `\r\x1b[K${text}` : `${text}\n`)
  }
  const timer = setInterval(show, screen.isTTY ? terminalMs : logMs)
  return () => {
    clearInterval(timer)
    if (screen.isTTY) screen.write('\r\x1b[K')
  }
}

function standing(scene: Scene): string {
  const { core, resilient } = scene.arrived
  const handed = grouped(scene.handed.size)
  const broker = scene.broker.isAway ? 'broker away' : 'broker there'
  return `${handed} handed over, arrived: core ${grouped(core)}, resilient ${grouped(resilient)}, ${broker}`
}
