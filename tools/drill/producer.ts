/**
 * Where the messages come from: started inside Node-RED, or, where Node-RED itself is being
 * redeployed, posted from here batch by batch. A batch is sent when it was answered; what got no
 * answer is offered again under new numbers, because nobody promised anything about the old ones.
 */

import { type Scene, sleep } from './scene.js'

export interface Load {
  readonly messages: number
  readonly messagesPerSecond: number
}

const tickMs = 5
const answerWithinMs = 5000
const pauseMs = 50
const batchMax = 500

/** Starts the producer in the flow; resolves when it has begun. */
export async function produceInside(scene: Scene, load: Load): Promise<void> {
  const path = `/drill/start?count=${load.messages}&rate=${load.messagesPerSecond}`
  const answer = await scene.nodeRed.fetch(path)
  if (!answer.ok) throw new Error(`the producer answered ${answer.status}`)
}

/** Resolves when core was handed, and our node has accepted, as many as asked for. */
export async function produceOutside(scene: Scene, load: Load): Promise<void> {
  const core = new Numbers()
  const resilient = new Numbers()
  const startedAt = Date.now()
  for (;;) {
    const due = Math.floor(((Date.now() - startedAt) * load.messagesPerSecond) / 1000)
    const upTo = Math.min(load.messages, due)
    const batch = {
      core: core.next(upTo - scene.handed.size),
      resilient: resilient.next(upTo - scene.accepted.size),
    }
    if (batch.core.length + batch.resilient.length > 0) await offer(scene, batch)
    else if (upTo === load.messages) return
    else await sleep(tickMs)
  }
}

type Batch = { readonly core: number[]; readonly resilient: number[] }

async function offer(scene: Scene, batch: Batch): Promise<void> {
  try {
    const answer = await scene.nodeRed.fetch('/drill/batch', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(batch),
      signal: AbortSignal.timeout(answerWithinMs),
    })
    await answer.text()
    if (!answer.ok) await sleep(pauseMs)
  } catch (error) {
    // No answer: fetch says so with these two, anything else is a mistake of ours.
    if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error
    await sleep(pauseMs)
  }
  await reportsOf(scene, batch)
}

/**
 * The answer and the reports travel on different roads: what was answered has also been reported.
 */
async function reportsOf(scene: Scene, batch: Batch): Promise<void> {
  const deadline = Date.now() + 200
  const missing = () =>
    batch.core.some((n) => !scene.handed.has(n)) ||
    batch.resilient.some((n) => !scene.accepted.has(n))
  while (missing() && Date.now() < deadline) await sleep(1)
}

/** Hands out each number once. */
class Numbers {
  #last = 0

  next(count: number): number[] {
    const numbers: number[] = []
    while (numbers.length < Math.min(count, batchMax)) numbers.push(++this.#last)
    return numbers
  }
}
