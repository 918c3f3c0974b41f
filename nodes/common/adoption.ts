/**
 * What a room can take over from directories that no node owns any more, and that it hears of it
 * afterwards. It moves nothing itself.
 */

import type { Adoption } from '../../src/store/adoption.js'
import type { OrphanKind } from './orphan-kinds.js'

export interface Adopting {
  readonly kinds: readonly OrphanKind[]
  /** As `adopt` of the store. */
  adopt(directory: string): Promise<Adoption>
}

/** `adopted`: something may be there now that was not. */
export function adopting(
  into: Pick<Adopting, 'adopt'>,
  kinds: readonly OrphanKind[],
  adopted: () => void,
): Adopting {
  return {
    kinds,
    adopt: async (directory) => {
      const adoption = await into.adopt(directory)
      adopted()
      return adoption
    },
  }
}
