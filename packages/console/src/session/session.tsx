import { isProblem, type Account, type Client } from '@chatelaine/sdk'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Activity, useEffect, useState, type ReactNode } from 'react'
import { hold, sessionKey } from '../queries.ts'
import { useApi } from '../server.tsx'
import { Problem, Waiting } from '../ui/waiting.tsx'
import { PersonContext } from './person.tsx'
import { SignIn } from './sign-in.tsx'

/** How often it is asked whether the session and the server are still there. */
const watchEveryMs = 15_000
const watchWhileAwayMs = 2_000

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

/**
 * What a person who is signed in sees; everybody else is asked to sign in, and then goes on where they were. A page whose
 * session ends is kept out of sight as it stands, with what was filled in, until the same person has signed in again.
 */
export function SignedIn({ children }: { children: ReactNode }) {
  const api = useApi()
  const queries = useQueryClient()
  const session = useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => readSession(api, signal),
    refetchInterval: ({ state }) => (state.status === 'error' ? watchWhileAwayMs : watchEveryMs),
  })
  const [last, setLast] = useState<Account>()
  if (session.data && session.data !== last) setLast(session.data)
  const isOver = session.data === null
  useEffect(() => (isOver ? hold(queries) : undefined), [queries, isOver])
  if (session.data === undefined) {
    if (session.isError) return <Problem error={session.error} onRetry={() => void session.refetch()} />
    return <Waiting />
  }
  const person = session.data ?? last
  return (
    <>
      {isOver && (
        <SignIn
          isAgain={last !== undefined}
          onSignedIn={(again) => {
            // What somebody else saw before is nobody's business now.
            if (again.id !== last?.id) {
              queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] })
            }
            queries.setQueryData(sessionKey, again)
            void queries.invalidateQueries()
          }}
        />
      )}
      {person !== undefined && (
        <Activity mode={isOver ? 'hidden' : 'visible'} key={person.id}>
          <PersonContext value={person}>{children}</PersonContext>
        </Activity>
      )}
    </>
  )
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
