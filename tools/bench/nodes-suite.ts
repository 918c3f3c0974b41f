/** What following messages costs a flow: one that has nothing to do with it, and one that has. */

import { join } from 'node:path'
import type { Bench } from './bench.js'
import { NodesScene } from './nodes-scene.js'
import { interleaved } from './rounds.js'
import { type Measured, type Row, rowOf } from './row.js'

export async function* nodesSuite(bench: Bench): AsyncGenerator<Row> {
  for await (const measured of cases(bench)) yield rowOf('nodes', measured)
}

/**
 * One Node-RED never follows anybody, another does in turns: they are measured alternately. A third
 * never does so either: how far it is from the first is what two processes differ by themselves.
 */
async function* cases({ directory, rounds, isQuick, note }: Bench): AsyncGenerator<Measured> {
  const messages = isQuick ? 2_000 : 20_000
  note(
    `Ten nodes that pass on and a sink, ${messages} messages a round, 100 at once; processor time.`,
  )
  const untouched = await NodesScene.open(join(directory, 'untouched'))
  const control = await NodesScene.open(join(directory, 'control'))
  const following = await NodesScene.open(join(directory, 'following'))
  try {
    // From here on the second one has followed somebody: what stays of that is to be seen.
    await following.measure('traced', messages)
    const medians = await interleaved(rounds, {
      none: () => untouched.measure('plain', messages),
      control: () => control.measure('plain', messages),
      detached: () => following.measure('plain', messages),
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
    yield row('another Node-RED that follows nobody: the noise', 'control')
    yield row('a flow beside ours, hooks detached', 'detached', 1.05)
    yield row('a flow beside ours, attached, nothing open', 'attached')
    yield row('a flow beside ours, 1 trace open elsewhere', 'one')
    yield row('a flow beside ours, 10,000 traces open elsewhere', 'many', 2.2)
    yield row('every message followed', 'traced')
    const bytes = await following.measure('memory', messages)
    yield { case: 'heap per open trace, message included', ours: bytes, unit: 'B' }
  } finally {
    await Promise.all([untouched.close(), control.close(), following.close()])
  }
}
