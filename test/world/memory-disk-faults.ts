/**
 * Faults that a test orders from the memory disk: the nth operation, or the next of a kind, fails
 * with the system's code. It decides when, not what the failure does to the disk.
 */

export type OperationKind =
  | 'open'
  | 'create'
  | 'read'
  | 'write'
  | 'sync'
  | 'truncate'
  | 'length'
  | 'close'
  | 'list'
  | 'makeDirectory'
  | 'syncDirectory'
  | 'rename'
  | 'remove'
  | 'removeDirectory'
  | 'touch'
  | 'modifiedAt'
  | 'space'
  | 'fileSystem'

/** One call to the disk, counted from 1. */
export interface Operation {
  readonly number: number
  readonly kind: OperationKind
  readonly path: string
  /** Where a read or write begins; the new length of a truncate. */
  readonly position?: number
  readonly bytes?: number
}

export type Which = (operation: Operation) => boolean

interface Order {
  readonly which: Which
  readonly code: string
  left: number
}

/** After these the disk holds something else than before. */
const changing: readonly OperationKind[] = [
  'create',
  'write',
  'sync',
  'truncate',
  'makeDirectory',
  'syncDirectory',
  'rename',
  'remove',
  'removeDirectory',
]

export const changesDisk = ({ kind }: Operation): boolean => changing.includes(kind)

export const describeOperation = ({ number, kind, path, position, bytes }: Operation): string =>
  [
    `#${number} ${kind} ${path}`,
    position === undefined ? '' : ` at ${position}`,
    bytes === undefined ? '' : `, ${bytes} B`,
  ].join('')

export class Faults {
  #orders: Order[] = []

  add(which: number | Which, code: string, times: number): void {
    const matches = typeof which === 'number' ? (o: Operation) => o.number === which : which
    this.#orders.push({ which: matches, code, left: times })
  }

  clear(): void {
    this.#orders = []
  }

  get areOrdered(): boolean {
    return this.#orders.length > 0
  }

  /** The error with which this operation must fail, if any. */
  take(operation: Operation): Error | undefined {
    const order = this.#orders.find(({ left, which }) => left > 0 && which(operation))
    if (order === undefined) return undefined
    order.left--
    return systemError(order.code, operation.kind, operation.path)
  }
}

/**
 * An error as the system's calls give them. Without a stack, as those have none worth reading, and
 * writing one down takes longer than the rest of the operation.
 */
export function systemError(code: string, call: string, path: string): Error {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const error = new Error(`${code}: ${call} '${path}'`)
  Error.stackTraceLimit = stackTraceLimit
  return Object.assign(error, { code, syscall: call, path })
}

/** What an effect gives or throws, as the promise of a call. */
export function outcomeOf<T>(effect: () => T): Promise<T> {
  try {
    return Promise.resolve(effect())
  } catch (error) {
    return Promise.reject(error)
  }
}
