import type { Page, PagePosition } from '@chatelaine/core'

/**
 * A page of a walk.
 * @param open the record at a place; `undefined` for a row that is damaged, which is passed over
 */
export async function pageOf<T>(
  places: AsyncIterable<PagePosition>,
  limit: number,
  open: (serial: number) => T | undefined,
): Promise<Page<T>> {
  const items: T[] = []
  let last: PagePosition | undefined
  for await (const place of places) {
    if (items.length === limit) return { items, next: last }
    const item = open(place.serial)
    last = place
    if (item !== undefined) items.push(item)
  }
  return { items, next: undefined }
}
