import type { CallOptions } from '@chatelaine/sdk'
import { useInfiniteQuery, type InfiniteData, type UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { words } from '../words/words.ts'
import { Button } from './button.tsx'
import { Sheet } from './page.tsx'
import { Problem, Waiting } from './waiting.tsx'

/** A page of a list, as the API answers it. */
interface PageOf<T> {
  readonly data: readonly T[]
  readonly next_cursor: string | null
}

/** A list as far as it has been read. */
export type Pages<T> = UseInfiniteQueryResult<readonly T[]>

/**
 * A list that is read page by page. With `watchEveryMs` its beginning is asked for again and again, for as long as
 * nobody has read further: what stands before a reader's eyes does not move.
 */
export function usePages<T>(
  queryKey: readonly unknown[],
  read: (cursor: { readonly cursor?: string }, options: CallOptions) => Promise<PageOf<T>>,
  { watchEveryMs }: { watchEveryMs?: number } = {},
): Pages<T> {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam: cursor, signal }) => read(cursor === undefined ? {} : { cursor }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor: next }) => next ?? undefined,
    select: itemsOf<T>,
    placeholderData: (before) => before,
    refetchInterval: ({ state }) =>
      watchEveryMs === undefined || (state.data?.pages.length ?? 0) > 1 ? false : watchEveryMs,
  })
}

function itemsOf<T>({ pages }: InfiniteData<PageOf<T>>): readonly T[] {
  return pages.flatMap(({ data }) => data)
}

/** That a list is on its way, or failed. That what is there could not be read anew is for the whole window to say. */
export function Arriving({ list }: { list: Pages<unknown> }) {
  if (list.isPending) return <Waiting />
  if (!list.isError || (list.data !== undefined && !list.isFetchNextPageError)) return null
  return <Problem error={list.error} onRetry={() => void list.refetch()} />
}

/** A list in each of its states: on its way, failed, empty, or there, with the way to more of it. */
export function Paged<T>({
  list,
  title,
  empty,
  children,
}: {
  list: Pages<T>
  /** Above the list, also where it is empty. */
  title?: string
  /** What is said where there is nothing. */
  empty: string
  children: (items: readonly T[]) => ReactNode
}) {
  const items = list.data ?? []
  return (
    <>
      <Arriving list={list} />
      {list.data !== undefined &&
        items.length === 0 &&
        (title === undefined ? (
          <p>{empty}</p>
        ) : (
          <Sheet title={title}>
            <p>{empty}</p>
          </Sheet>
        ))}
      {items.length > 0 && (
        <Sheet {...(title === undefined ? {} : { title })}>
          {children(items)}
          {list.hasNextPage && (
            <div>
              <Button isBusy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                {words.app.more}
              </Button>
            </div>
          )}
        </Sheet>
      )}
    </>
  )
}
