import { useQuery } from '@tanstack/react-query'
import { useApi } from './server.tsx'

/** So many of each are known by name, by one request; whatever is beyond them goes by its id. */
const knownMax = 200

const staleMs = 60_000

/** What accounts, projects and tokens are called, for lists that know them by their ids; `undefined` where it is not known. */
export function useNames(): (id: string) => string | undefined {
  const api = useApi()
  const names = useQuery({
    queryKey: ['names'],
    queryFn: async ({ signal }) => {
      const asked = { limit: knownMax }
      const [accounts, projects, tokens] = await Promise.all([
        api.accounts.page(asked, { signal }),
        api.projects.page(asked, { signal }),
        api.tokens.page(asked, { signal }),
      ])
      return new Map([
        ...accounts.data.map(({ id, username }) => [id, username] as const),
        ...projects.data.map(({ id, name }) => [id, name] as const),
        ...tokens.data.filter(({ label }) => label !== '').map(({ id, label }) => [id, label] as const),
      ])
    },
    staleTime: staleMs,
  })
  return (id) => names.data?.get(id)
}
