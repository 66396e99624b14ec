/** What an operator may want to know of a database. */
export interface DatabaseFacts {
  readonly kind: 'sqlite' | 'postgresql'
  /** As it names it itself. */
  readonly version: string
  readonly sizeBytes: number
}
