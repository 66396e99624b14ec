import { isProblem } from '@chatelaine/sdk'
import { MutationCache, QueryCache, QueryClient, QueryObserver } from '@tanstack/react-query'

/** Under which the session of whoever looks on is remembered. */
export const sessionKey = ['session'] as const

/** Remembers what was read. What failed because the server was away is read again; a refusal stands. */
export function newQueries(): QueryClient {
  /** Whether the session is over or the server away is worth a question of its own, which does not wait for its time. */
  const onError = (error: Error) => {
    if (isProblem(error, 'credential-required', 'credential-rejected', 'unavailable')) {
      void queries.refetchQueries({ queryKey: sessionKey }, { cancelRefetch: false })
    }
  }
  const queries = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey }) => {
        if (queryKey[0] !== sessionKey[0]) onError(error)
      },
    }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < 2 && isProblem(error, 'unavailable'),
        // The client repeats what is safe, and the browser's own idea of being online is wrong for a server next door.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })
  return queries
}

/** Lets nothing of what is remembered now be forgotten, although nobody looks at it. Returns how to let go. */
export function hold(queries: QueryClient): () => void {
  const letGo = queries
    .getQueryCache()
    .getAll()
    .map(({ queryKey }) => new QueryObserver(queries, { queryKey, enabled: false }).subscribe(() => undefined))
  return () => {
    for (const one of letGo) one()
  }
}
