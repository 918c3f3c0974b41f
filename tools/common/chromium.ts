/**
 * The Chromium of this computer for tests and pictures of the editor: where it is, and how it is
 * started so that it asks nobody and fetches nothing by itself. It opens no page.
 */

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

export const chromiumPath = process.env['HOLDFAST_CHROMIUM'] || '/usr/bin/chromium'

export const hasChromium = (): boolean => existsSync(chromiumPath)

const quiet = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
]

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath, args: quiet })
}

/** Settings of an editor that fetches nothing from elsewhere, with the quicker code editor. */
export const offlineEditor = {
  editorTheme: {
    tours: false,
    projects: { enabled: false },
    palette: { catalogues: [] },
    codeEditor: { lib: 'ace' },
  },
}
