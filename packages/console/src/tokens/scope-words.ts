import { useQuery } from '@tanstack/react-query'
import { useApi } from '../server.tsx'

/** What the platform calls a scope; the scope itself where it has no words for it, or they are not there yet. */
export function useScopeWords(): (scope: string) => string {
  const api = useApi()
  const catalogue = useQuery({ queryKey: ['scopes'], queryFn: ({ signal }) => api.settings.listScopes({ signal }) })
  const known = new Map(catalogue.data?.map(({ name, description }) => [name, description]))
  return (scope) => known.get(scope) || scope
}
