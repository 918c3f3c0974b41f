/**
 * `npm run pictures [-- <name>…]`: takes the pictures of the README anew, from a real Node-RED in a
 * real browser, in each theme that its editor has. It changes files in pictures/ and nothing else;
 * HOLDFAST_NODE_RED and HOLDFAST_NODE name the Node-RED, 5.0 for dark ones too.
 */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { checkout } from '../common/user-dir.js'
import { type Scene, scenes } from './scenes.js'
import { Stage } from './stage.js'

const directory = join(checkout, 'pictures')

async function take(scene: Scene): Promise<void> {
  const stage = await Stage.open(scene.flow, scene.height)
  try {
    await scene.play(stage)
    for (const theme of await stage.themes()) {
      await stage.wear(theme)
      const path = join(directory, `${scene.name}-${theme}.png`)
      await stage.page.screenshot({ path, clip: await frame(stage, scene) })
      console.log(path)
    }
  } finally {
    await stage.close()
  }
}

/** The smallest part of the page that holds all that is shown. */
async function frame({ page }: Stage, { shows, margin }: Scene) {
  const boxes = await Promise.all(
    (await page.locator(shows).all()).map((each) => each.boundingBox()),
  )
  const found = boxes.filter((box) => box !== null)
  if (found.length === 0) throw new Error(`the page has no ${shows}`)
  const x = Math.max(0, Math.min(...found.map((box) => box.x)) - margin)
  const y = Math.max(0, Math.min(...found.map((box) => box.y)) - margin)
  const right = Math.max(...found.map((box) => box.x + box.width)) + margin
  const bottom = Math.max(...found.map((box) => box.y + box.height)) + margin
  return { x, y, width: right - x, height: bottom - y }
}

async function takeAll(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !scenes.some((scene) => scene.name === name))
  const known = scenes.map(({ name }) => name).join(', ')
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: write ${known}`)
  mkdirSync(directory, { recursive: true })
  for (const scene of scenes) {
    if (names.length === 0 || names.includes(scene.name)) await take(scene)
  }
}

takeAll(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
