export interface Page<T> {
  readonly items: readonly T[]
  /** Where to go on; `undefined` at the end. */
  readonly next: PagePosition | undefined
}

/** Where a page ended: the value that the list is sorted by, and the serial, which settles ties. */
export interface PagePosition {
  readonly value: string | number | null
  readonly serial: number
}
