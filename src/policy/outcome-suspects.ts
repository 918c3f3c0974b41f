/**
 * Nodes for which completion does not mean finished: those that send or fail after they were done,
 * and those that never complete. They are counted and named once each; no outcome depends on a
 * count but that nothing is concluded from silence behind a known late sender.
 */

import type { NodeRef, Suspicion } from './outcome.js'

/** Time-outs in a row with this node alone still open (design.md 9.14). */
const timeoutsToName = 3
/** More nodes than a flow has; the newest are not counted beyond. */
const nodesMax = 1_000

interface Count {
  readonly node: NodeRef
  readonly source: NodeRef
  count: number
}

export class Suspects {
  readonly #late = new Map<string, Count>()
  readonly #silent = new Map<string, Count>()
  #isHalted = false
  #news: Suspicion[] = []

  isLate(nodeId: string): boolean {
    return this.#late.has(nodeId)
  }

  late(node: NodeRef, source: NodeRef): void {
    const known = this.#counted(this.#late, node, source)
    if (known?.count === 1) this.#news.push({ kind: 'late-sender', ...known })
  }

  /** A message timed out with these nodes at work. */
  timedOut(open: readonly NodeRef[], source: NodeRef): void {
    const [only] = open
    if (only === undefined || open.length > 1) return
    const known = this.#counted(this.#silent, only, source)
    if (known?.count === timeoutsToName) this.#news.push({ kind: 'never-completes', ...known })
  }

  /** The only message still open never arrived here. Named once. */
  halted(node: NodeRef, source: NodeRef): void {
    if (!this.#isHalted) this.#news.push({ kind: 'halted', node, source, count: 1 })
    this.#isHalted = true
  }

  completed(nodeId: string): void {
    if (this.#silent.size > 0) this.#silent.delete(nodeId)
  }

  /** For the sidebar. */
  list(): Suspicion[] {
    const named = [...this.#silent.values()].filter(({ count }) => count >= timeoutsToName)
    return [
      ...[...this.#late.values()].map((each) => ({ kind: 'late-sender' as const, ...each })),
      ...named.map((each) => ({ kind: 'never-completes' as const, ...each })),
    ]
  }

  /** What was named since the last call. */
  takeNews(): readonly Suspicion[] {
    if (this.#news.length === 0) return []
    const news = this.#news
    this.#news = []
    return news
  }

  #counted(counts: Map<string, Count>, node: NodeRef, source: NodeRef): Count | undefined {
    const known = counts.get(node.id)
    if (known !== undefined) known.count++
    else if (counts.size < nodesMax) counts.set(node.id, { node, source, count: 1 })
    return counts.get(node.id)
  }
}
