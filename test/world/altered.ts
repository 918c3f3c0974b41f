/**
 * An object of which some calls are replaced, for a test that steps in between two operations. The
 * rest goes to the object itself, private fields and all.
 */
export function altered<T extends object>(object: T, calls: Partial<T>): T {
  return new Proxy(object, {
    get(target, name) {
      const call: unknown = Reflect.get(name in calls ? calls : target, name)
      return typeof call === 'function' && !(name in calls) ? call.bind(target) : call
    },
  })
}
