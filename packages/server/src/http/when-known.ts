/** Goes on at once with what is known already, and only otherwise waits. */
export function whenKnown<T, U>(value: T | Promise<T>, then: (known: T) => U | Promise<U>): U | Promise<U> {
  return value instanceof Promise ? value.then(then) : then(value)
}
