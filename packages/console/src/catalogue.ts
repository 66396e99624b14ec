import { useQuery } from '@tanstack/react-query'
import { useApi } from './server.tsx'

/** The platform's scopes with their words, read once for all who ask. */
export function useCatalogue() {
  const api = useApi()
  return useQuery({ queryKey: ['scopes'], queryFn: ({ signal }) => api.settings.listScopes({ signal }) })
}
