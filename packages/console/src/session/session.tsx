import { isProblem, type Account, type Client } from '@chatelaine/sdk'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useApi } from '../server.tsx'
import { Problem, Waiting } from '../ui/waiting.tsx'
import { PersonContext } from './person.tsx'
import { SignIn } from './sign-in.tsx'

const sessionKey = ['session']

/** Ends the session here and at the server, or all of them on every browser. */
export function useSignOut(): (how?: { everywhere: boolean }) => Promise<void> {
  const api = useApi()
  const queries = useQueryClient()
  return async (how = { everywhere: false }) => {
    await api.session.signOut(how)
    queries.clear()
    location.assign('/console/')
  }
}

/** What a person who is signed in sees; everybody else is asked to sign in, and then goes on where they were. */
export function SignedIn({ children }: { children: ReactNode }) {
  const api = useApi()
  const queries = useQueryClient()
  const session = useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => readSession(api, signal),
    refetchInterval: 60_000,
  })
  if (session.data === undefined) {
    if (session.isError) return <Problem error={session.error} onRetry={() => void session.refetch()} />
    return <Waiting />
  }
  if (session.data === null) {
    return (
      <SignIn
        onSignedIn={(person) => {
          // What somebody else saw before is nobody's business now.
          queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] })
          queries.setQueryData(sessionKey, person)
        }}
      />
    )
  }
  return <PersonContext value={session.data}>{children}</PersonContext>
}

/** `null` when nobody is signed in. */
async function readSession(api: Client, signal: AbortSignal): Promise<Account | null> {
  try {
    return (await api.session.get({ signal })).account
  } catch (error) {
    if (isProblem(error, 'credential-required', 'credential-rejected')) return null
    throw error
  }
}
