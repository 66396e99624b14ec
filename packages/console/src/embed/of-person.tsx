import { isProblem, type Account } from '@chatelaine/sdk'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState, type ReactNode } from 'react'
import { useApi, useServer } from '../server.tsx'
import { PersonContext } from '../session/person.tsx'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { useIsOffline } from '../ui/offline.ts'
import { Problem, Waiting } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { Misuse } from './misuse.tsx'

const text = words.embed

/** Finds out whom the session is for. Each session is asked anew, since a page may be taken over by somebody else. */
export function OfPerson({ turn, onOther, children }: { turn: number; onOther: () => void; children: ReactNode }) {
  const api = useApi()
  const isOffline = useIsOffline()
  // Until it is known to be somebody else's, the page stays, whatever becomes of the asking.
  const [person, setPerson] = useState<Account>()
  const { data, error, refetch } = useQuery({
    queryKey: ['person', turn],
    queryFn: ({ signal }) => api.accounts.getOwn({ signal }),
    staleTime: Infinity,
    // The client has tried more than once, and what is wrong may be how the element is used.
    retry: false,
  })
  useEffect(() => {
    if (data === undefined) return
    if (person === undefined) setPerson(data)
    else if (data.id !== person.id) onOther()
  }, [data, person, onOther])
  if (person !== undefined) {
    return (
      <PersonContext value={person}>
        {isOffline && <Notice kind="warning">{words.app.offline}</Notice>}
        {children}
      </PersonContext>
    )
  }
  if (error === null) return <Waiting />
  const onRetry = () => void refetch()
  return isProblem(error, 'unavailable') ? <Unreached onRetry={onRetry} /> : <Problem error={error} onRetry={onRetry} />
}

/** The browser does not say why it got no answer. The one file that every page may read tells whether the server is there. */
function Unreached({ onRetry }: { onRetry: () => void }) {
  const { origin } = useServer()
  const found = useQuery({
    queryKey: ['server', origin],
    queryFn: ({ signal }) => isThere(origin, signal),
  })
  if (found.data === undefined) return <Waiting />
  return (
    <Misuse action={<Button onClick={onRetry}>{words.app.retry}</Button>}>
      {found.data ? text.refused(origin, location.origin) : text.unreachable(origin)}
    </Misuse>
  )
}

async function isThere(origin: string, signal: AbortSignal): Promise<boolean> {
  try {
    await fetch(`${origin}/console/embed.js`, { method: 'HEAD', credentials: 'omit', cache: 'no-store', signal })
    return true
  } catch {
    return false
  }
}
