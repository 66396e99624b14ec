import { isProblem } from '@chatelaine/sdk'
import { QueryClient } from '@tanstack/react-query'

/** Remembers what was read. What failed because the server was away is read again; a refusal stands. */
export function newQueries(): QueryClient {
  return new QueryClient({
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
}
