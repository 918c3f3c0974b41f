/**
 * The five accidents of the drill, each told as a person would tell it. They act on the broker
 * and on Node-RED only, at shares of the messages handed over, and count nothing.
 */

import type { ScenarioName } from './options.js'
import { type Load, produceInside, produceOutside } from './producer.js'
import { type Scene, sleep } from './scene.js'

interface Scenario {
  readonly told: string
  /** Node-RED lives through it, so every message handed over must be accepted in the end. */
  readonly survives: boolean
  play(scene: Scene, load: Load): Promise<void>
}

const silenceMs = 20_000
/** Between the last message and the end of Node-RED. */
const afterLastMs = 1000

export const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  outage: {
    told: 'broker away from 25 % to 75 % of the messages',
    survives: true,
    async play(scene, load) {
      await produceInside(scene, load)
      await handed(scene, load, 0.25)
      await scene.broker.cut()
      await handed(scene, load, 0.75)
      await scene.broker.bringBack()
      await handed(scene, load, 1)
    },
  },
  kill: {
    told: 'broker away from 25 % on, kill -9 of Node-RED 1 s after the last, restart, broker back',
    survives: false,
    play: (scene, load) => endedWhileAway(scene, load, () => scene.nodeRed.kill()),
  },
  term: {
    told: 'the same with SIGTERM',
    survives: false,
    play: (scene, load) => endedWhileAway(scene, load, () => scene.nodeRed.stop()),
  },
  hang: {
    told: 'broker connected but silent for 20 s from 25 % on, then cut, then back',
    survives: true,
    async play(scene, load) {
      await produceInside(scene, load)
      await handed(scene, load, 0.25)
      scene.broker.fallSilent()
      await sleep(silenceMs)
      await scene.broker.cut()
      await scene.broker.bringBack()
      await handed(scene, load, 1)
    },
  },
  deploy: {
    told: 'broker away from 25 % to 75 %, full deploy at 50 %, producer outside Node-RED',
    survives: true,
    async play(scene, load) {
      const produced = produceOutside(scene, load)
      await Promise.all([produced, cutDeployBringBack(scene, load)])
    },
  },
}

async function endedWhileAway(scene: Scene, load: Load, end: () => Promise<unknown>) {
  await produceInside(scene, load)
  await handed(scene, load, 0.25)
  await scene.broker.cut()
  await handed(scene, load, 1)
  await sleep(afterLastMs)
  await end()
  await scene.startNodeRed()
  await scene.broker.bringBack()
}

async function cutDeployBringBack(scene: Scene, load: Load): Promise<void> {
  await handed(scene, load, 0.25)
  await scene.broker.cut()
  await handed(scene, load, 0.5)
  await scene.nodeRed.deploy(scene.flow)
  await handed(scene, load, 0.75)
  await scene.broker.bringBack()
}

function handed(scene: Scene, load: Load, share: number): Promise<void> {
  const number = Math.ceil(load.messages * share)
  const withinMs = 60_000 + (2000 * load.messages) / load.messagesPerSecond
  return scene.until(`message ${number}`, withinMs, () => scene.handed.size >= number)
}
