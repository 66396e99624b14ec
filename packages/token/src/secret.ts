const redacted = '[redacted]'

/**
 * A string that must not be seen: a token, a password, a key. Printing it, turning it into JSON, putting it into a
 * template and inspecting it all give `[redacted]`; `reveal` is the only way out, so searching for `reveal` is the audit.
 *
 * It guards against accidents, not against code that wants the value: it is an ordinary string in memory.
 *
 * @example
 * const password = new Secret('correct horse battery staple')
 * `${password}` // → '[redacted]'
 * JSON.stringify({ password }) // → '{"password":"[redacted]"}'
 * password.reveal() // → 'correct horse battery staple'
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself. The caller answers for where it goes. */
  reveal(): string {
    return this.#value
  }

  /**
   * Whether both hold the same string. The time depends on this secret's length and on nothing else, so that answering
   * slower or faster does not tell how much of a guess was right.
   */
  equals(other: Secret): boolean {
    const mine = this.#value
    const theirs = other.#value
    let difference = mine.length ^ theirs.length
    for (let i = 0; i < mine.length; i++) {
      // Beyond the other's end charCodeAt gives NaN, which counts as 0 here; the lengths differ by then anyway.
      difference |= mine.charCodeAt(i) ^ theirs.charCodeAt(i)
    }
    return difference === 0
  }

  toString(): string {
    return redacted
  }

  toJSON(): string {
    return redacted
  }

  // What Node's console.log and util.inspect ask for, by the name that needs no import from Node.
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return redacted
  }
}
