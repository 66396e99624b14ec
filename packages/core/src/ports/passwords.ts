/** Hashes passwords with argon2id; bounded, so that many sign-ins cannot exhaust the machine. */
export interface Passwords {
  /** A PHC string. */
  hash(password: string): Promise<string>
  /** With `null` it does the same work and answers `false`, so that unknown names cost what known ones cost. */
  matches(password: string, hash: string | null): Promise<boolean>
}
