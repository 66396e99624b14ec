import { isProblem, type Account } from '@chatelaine/sdk'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, useContext, type ReactNode } from 'react'
import { api } from '../api.ts'
import { Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { SignIn } from './sign-in.tsx'

const sessionKey = ['session']

const Person = createContext<Account | undefined>(undefined)

/** Whoever is signed in. Only below `SignedIn`. */
export function usePerson(): Account {
  const person = useContext(Person)
  if (person === undefined) throw new Error('nobody is signed in here')
  return person
}

/** Ends the session here and at the server, or all of them on every browser. */
export function useSignOut(): (how?: { everywhere: boolean }) => Promise<void> {
  const queries = useQueryClient()
  return async (how = { everywhere: false }) => {
    await api.session.signOut(how)
    queries.clear()
    location.assign('/console/')
  }
}

/** What a person who is signed in sees; everybody else is asked to sign in, and then goes on where they were. */
export function SignedIn({ children }: { children: ReactNode }) {
  const queries = useQueryClient()
  const session = useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => readSession(signal),
    refetchInterval: 60_000,
  })
  if (session.data === undefined) {
    if (session.isError) return <Problem error={session.error} onRetry={() => void session.refetch()} />
    return (
      <p className="muted" role="status">
        {words.app.loading}
      </p>
    )
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
  return <Person value={session.data}>{children}</Person>
}

/** `null` when nobody is signed in. */
async function readSession(signal: AbortSignal): Promise<Account | null> {
  try {
    return (await api.session.get({ signal })).account
  } catch (error) {
    if (isProblem(error, 'credential-required', 'credential-rejected')) return null
    throw error
  }
}
