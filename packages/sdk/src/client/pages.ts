import { ChatelaineProblem } from '../problem.ts'

/** A page of a list, as the API answers it. */
interface Page<Item> {
  readonly data: readonly Item[]
  readonly next_cursor: string | null
}

/** Every item of a list; the next page is asked for when the one before is used up. */
export async function* itemsOf<Item>(read: (cursor: string | undefined) => Promise<Page<Item>>): AsyncGenerator<Item> {
  let cursor: string | undefined
  for (;;) {
    const page = await read(cursor)
    yield* page.data
    if (page.next_cursor === null) return
    if (page.next_cursor === cursor) {
      throw new ChatelaineProblem('unexpected-answer', 'The list does not go on: its cursor names the same page again.')
    }
    cursor = page.next_cursor
  }
}
