/**
 * Properties of errors that exist without being enumerable: read and set, so that an error comes
 * back from the disk as it was.
 */

/** What the language keeps in an error without showing it. */
export const hiddenKeys = ['cause', 'errors'] as const

export function hiddenIn(error: Error): Array<[string, PropertyDescriptor]> {
  return hiddenKeys.flatMap((key): Array<[string, PropertyDescriptor]> => {
    const property = Object.getOwnPropertyDescriptor(error, key)
    return property === undefined || property.enumerable ? [] : [[key, property]]
  })
}

export function hide(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, configurable: true, writable: true })
}
