/**
 * Loaded before anything else by a Node-RED whose wall clock is set while it runs: the file that
 * HOLDFAST_CLOCK names says by how many ms it is off, and is read at the start and at SIGWINCH,
 * which Node-RED does not listen to.
 */

import { readFileSync } from 'node:fs'

const file = process.env['HOLDFAST_CLOCK']

if (file !== undefined) {
  const RealDate = Date
  let offsetMs = 0
  const read = () => {
    offsetMs = Number(readFileSync(file, 'utf8'))
  }
  const now = () => RealDate.now() + offsetMs
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: []) => (args.length > 0 ? new target(...args) : new target(now())),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  })
  read()
  process.on('SIGWINCH', () => {
    read()
    process.stdout.write('@jumped\n')
  })
}
