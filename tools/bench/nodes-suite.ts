/** What following messages costs a flow: one that has nothing to do with it, and one that has. */

import { join } from 'node:path'
import type { Bench } from './bench.js'
import { NodesScene } from './nodes-scene.js'
import { interleaved } from './rounds.js'
import { type Measured, type Row, rowOf } from './row.js'

export async function* nodesSuite(bench: Bench): AsyncGenerator<Row> {
  for await (const measured of cases(bench)) yield rowOf('nodes', measured)
}

/** Processes that do the same differ from each other by more than what is looked for. */
const crew = 2

/**
 * Crews of Node-REDs take turns: one never follows anybody; another never does so either, and shows
 * by how much crews differ. The others did something before the measuring begins, and have rested
 * since: followed every message; had 10,000 traces open; had hooks that do nothing; held as much
 * heap. The last two show what Node-RED's own hooks and a heap leave behind. One more Node-RED
 * follows again and again.
 */
async function* cases({ directory, rounds, isQuick, note }: Bench): AsyncGenerator<Measured> {
  const messages = isQuick ? 2_000 : 20_000
  note(
    `Ten nodes that pass on and a sink, ${messages} messages a round, 100 at once; processor time.`,
  )
  const open: NodesScene[] = []
  const scene = async (name: string) => {
    const opened = await NodesScene.open(join(directory, name))
    open.push(opened)
    return opened
  }
  const crewOf = async (name: string) => {
    const members: NodesScene[] = []
    while (members.length < crew) members.push(await scene(`${name}-${members.length}`))
    return members
  }
  try {
    const untouched = await crewOf('untouched')
    const control = await crewOf('control')
    const rested = await crewOf('rested')
    const crowded = await crewOf('crowded')
    const hooked = await crewOf('hooked')
    const holding = await crewOf('holding')
    const following = await scene('following')
    for (const each of rested) await each.measure('traced', messages)
    for (const each of crowded) await each.measure('many-open', messages)
    for (const each of hooked) await each.measure('empty-hooks', messages)
    for (const each of holding) await each.measure('held', messages)
    const medians = await interleaved(rounds, {
      none: () => mean(untouched, messages),
      control: () => mean(control, messages),
      detached: () => mean(rested, messages),
      crowded: () => mean(crowded, messages),
      empty: () => mean(hooked, messages),
      held: () => mean(holding, messages),
      between: () => following.measure('plain', messages),
      attached: () => following.measure('attached', messages),
      one: () => following.measure('one-open', messages),
      many: () => following.measure('many-open', messages),
      traced: () => following.measure('traced', messages),
    })
    const reference = medians.get('none')
    const row = (name: string, key: string, atMost?: number): Measured => ({
      ...{ case: name, ours: medians.get(key) ?? Number.NaN, reference, unit: 'ns/delivery' },
      ...(atMost === undefined ? {} : { budget: { of: 'ratio', atMost } }),
    })
    yield row('other Node-REDs that follow nobody: the noise', 'control')
    yield row('a flow beside ours, hooks detached', 'detached', 1.05)
    yield row('a flow beside ours, hooks detached after 10,000 traces', 'crowded', 1.05)
    yield row('the same after empty hooks of nobody, without ours', 'empty')
    yield row('the same after as much heap was held for a while, without ours', 'held')
    yield row('a flow beside ours, between two times of following', 'between')
    yield row('a flow beside ours, attached, nothing open', 'attached')
    yield row('a flow beside ours, 1 trace open elsewhere', 'one')
    yield row('a flow beside ours, 10,000 traces open elsewhere', 'many', 2.2)
    yield row('every message followed', 'traced')
    const bytes = await following.measure('memory', messages)
    yield { case: 'heap per open trace, message included', ours: bytes, unit: 'B' }
  } finally {
    await Promise.all(open.map((each) => each.close()))
  }
}

async function mean(members: readonly NodesScene[], messages: number): Promise<number> {
  let sum = 0
  for (const each of members) sum += await each.measure('plain', messages)
  return sum / members.length
}
