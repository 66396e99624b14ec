import { useQuery } from '@tanstack/react-query'
import { useApi } from '../server.tsx'

/** In which ways people sign in here besides name and password, as far as that is known. */
export function useSignInMethods() {
  const api = useApi()
  return useQuery({ queryKey: ['sign-in-methods'], queryFn: ({ signal }) => api.session.methods({ signal }) }).data
}
