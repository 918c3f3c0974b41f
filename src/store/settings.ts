/** What a journal is opened with: the ground it stands on and the few figures that shape it. */

import type { Emit } from '../base/event.js'
import type { Fault } from '../base/fault.js'
import type { World } from '../base/ports.js'
import type { Spans } from '../base/tally.js'
import type { Bytes } from '../base/units.js'
import type { Budget } from './budget.js'
import type { Durability } from './syncer.js'

export type StoreWorld = Pick<World, 'clock' | 'disk' | 'machine' | 'random'>

export interface JournalSettings {
  readonly directory: string
  /** Names the queue in message ids; what the directory was made with wins. */
  readonly queueId: string
  readonly durability: Durability
  /** A new file is begun beyond this; 4 MB by default. */
  readonly segmentBytes?: Bytes
  /** Kept in reserve for draining a full disk; 256 KB by default. */
  readonly ballastBytes?: Bytes
}

export interface Ground {
  readonly world: StoreWorld
  readonly budget: Budget
  readonly emit: Emit
  /** Called at most once: nothing is accepted from then on until the journal is opened again. */
  readonly failed: (fault: Fault) => void
  /** Where each sync of a segment is counted. */
  readonly syncs?: Spans
}
