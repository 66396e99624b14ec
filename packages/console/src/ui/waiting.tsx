import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { words } from '../words/words.ts'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'

/** What was asked for, in each of its states: on its way, failed, or there. */
export function Loaded<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data)
  if (query.isError) return <Problem error={query.error} onRetry={() => void query.refetch()} />
  return <Waiting />
}

/** Something is on its way. */
export function Waiting() {
  return (
    <p className="muted" role="status">
      {words.app.loading}
    </p>
  )
}

/** What went wrong, in the server's words, and the way on. */
export function Problem({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  return (
    <Notice kind="fault" action={onRetry && <Button onClick={onRetry}>{words.app.retry}</Button>}>
      {error.message}
    </Notice>
  )
}
