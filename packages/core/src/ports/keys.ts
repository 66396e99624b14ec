/** What the domain needs of the keys. `named` values carry the id of their master key. */
export interface Keys {
  digest(token: string): string
  /** Constant time; `false` for an unknown key, after the same work. */
  digestMatches(token: string, digest: string): boolean
  /** Whether a named value was made under the current master key. */
  isCurrent(named: string): boolean
  mac(purpose: MacPurpose, text: string): string
  macMatches(purpose: MacPurpose, text: string, mac: string): boolean
}

/**
 * What a keyed hash is made for; one that was made for another purpose never matches. Each text for `bearer` begins with a
 * word for what it is, so that a code is worth nothing as something else.
 */
export type MacPurpose = 'session' | 'idempotency' | 'setup' | 'cursor' | 'bearer'
