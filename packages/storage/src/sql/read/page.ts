import type { Page, PagePosition } from '@chatelaine/core'
import { together, type Steps } from '../steps.ts'
import type { Reads } from './reads.ts'

/**
 * A page of a walk.
 * @param open reads the record at a place; `undefined` for a row that is damaged, which is passed over
 */
export async function pageOf<T>(
  reads: Reads,
  places: AsyncGenerator<PagePosition>,
  limit: number,
  open: (serial: number) => Steps<T | undefined>,
): Promise<Page<T>> {
  const items: T[] = []
  let last: PagePosition | undefined
  while (items.length < limit) {
    const some = await take(places, limit - items.length)
    if (some.length === 0) return { items, next: undefined }
    const opened = await reads.read(together(some.map(({ serial }) => open(serial))))
    items.push(...opened.filter((item) => item !== undefined))
    last = some.at(-1)
  }
  const isMore = !(await places.next()).done
  return { items, next: isMore ? last : undefined }
}

async function take(places: AsyncGenerator<PagePosition>, count: number): Promise<PagePosition[]> {
  const taken: PagePosition[] = []
  while (taken.length < count) {
    const place = await places.next()
    if (place.done) break
    taken.push(place.value)
  }
  return taken
}
