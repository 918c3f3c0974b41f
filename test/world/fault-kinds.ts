/**
 * The faults that a disk may show at one operation, or from one operation on, and which operations
 * can show them at all. A kind only orders; what the failure does is the memory disk's.
 */

import type { MemoryDisk } from './memory-disk.js'
import type { Operation, OperationKind } from './memory-disk-faults.js'

export interface FaultKind {
  readonly name: string
  /** Whether an operation of this kind can fail like this. */
  readonly strikes: (kind: OperationKind) => boolean
  /** Orders it from the disk, at the operation of this number. */
  readonly order: (disk: MemoryDisk, number: number) => void
  /** It fails until it is healed. */
  readonly lasts: boolean
}

const taking: readonly OperationKind[] = [
  'create',
  'write',
  'sync',
  'makeDirectory',
  'rename',
  'syncDirectory',
]
const opening: readonly OperationKind[] = ['open', 'create', 'list']
const naming: readonly OperationKind[] = [
  ...opening,
  'makeDirectory',
  'rename',
  'remove',
  'touch',
  'modifiedAt',
  'space',
]

const codes: ReadonlyArray<readonly [code: string, strikes: FaultKind['strikes']]> = [
  ['EIO', () => true],
  ['ENOSPC', (kind) => taking.includes(kind)],
  ['EMFILE', (kind) => opening.includes(kind)],
  ['EACCES', (kind) => naming.includes(kind)],
]

export const faultKinds: readonly FaultKind[] = [
  ...codes.flatMap(([code, strikes]): FaultKind[] => [
    {
      name: `${code} once`,
      strikes,
      lasts: false,
      order: (disk, number) => disk.failNext(number, code),
    },
    {
      name: `${code} from then on`,
      strikes,
      lasts: true,
      order: (disk, number) =>
        disk.failNext(since(number, strikes), code, Number.POSITIVE_INFINITY),
    },
  ]),
  {
    name: 'a short write',
    strikes: (kind) => kind === 'write',
    lasts: false,
    order: shorten,
  },
  ...['ENOSPC', 'EIO'].map(
    (code): FaultKind => ({
      name: `a short write, then ${code}`,
      strikes: (kind) => kind === 'write',
      lasts: false,
      order: (disk, number) => {
        shorten(disk, number)
        disk.failNext(number + 1, code)
      },
    }),
  ),
]

const since =
  (number: number, strikes: FaultKind['strikes']) =>
  (operation: Operation): boolean =>
    operation.number >= number && strikes(operation.kind)

/** Only the write of that number stops short, in its middle. */
function shorten(disk: MemoryDisk, number: number): void {
  disk.shortWrites = {
    fraction: () => (disk.operations === number ? 0.5 : 0),
    bytes: (count) => new Uint8Array(count),
  }
}
