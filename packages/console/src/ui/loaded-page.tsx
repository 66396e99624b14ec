import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Page } from './page.tsx'
import { Loaded } from './waiting.tsx'

/** A page that has its name from what is asked for; until that is there, and where it is not to be had, it has `title`. */
export function LoadedPage<T>({
  query,
  title,
  children,
}: {
  query: UseQueryResult<T>
  title: string
  children: (data: T) => ReactNode
}) {
  if (query.data !== undefined) return children(query.data)
  return (
    <Page title={title} isPassing={query.isPending}>
      <Loaded query={query}>{children}</Loaded>
    </Page>
  )
}
