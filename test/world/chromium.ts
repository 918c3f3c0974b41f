/**
 * The Chromium that tests of dialogs use, and how it and Node-RED are kept from the network. It
 * starts nothing.
 */

import { existsSync } from 'node:fs'

export const executablePath = process.env['HOLDFAST_CHROMIUM'] || '/usr/bin/chromium'
export const isThere = existsSync(executablePath)

export const quiet = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
]

/** Nothing is fetched from elsewhere, and the lighter code editor is quicker to load. */
export const offline = {
  editorTheme: {
    tours: false,
    projects: { enabled: false },
    palette: { catalogues: [] },
    codeEditor: { lib: 'ace' },
  },
}
