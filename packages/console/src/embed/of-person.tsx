import { isProblem } from '@chatelaine/sdk'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, type ReactNode } from 'react'
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
  const first = useRef<string>(undefined)
  const isOffline = useIsOffline()
  const person = useQuery({
    queryKey: ['person', turn],
    queryFn: ({ signal }) => api.accounts.getOwn({ signal }),
    staleTime: Infinity,
    placeholderData: (before) => before,
  })
  const id = person.data?.id
  useEffect(() => {
    first.current ??= id
    if (id !== first.current) onOther()
  }, [id, onOther])
  if (person.data !== undefined) {
    return (
      <PersonContext value={person.data}>
        {isOffline && <Notice kind="warning">{words.app.offline}</Notice>}
        {children}
      </PersonContext>
    )
  }
  const ask = () => void person.refetch()
  if (!person.isError) return <Waiting />
  if (isProblem(person.error, 'unavailable')) return <Unreached onRetry={ask} />
  return <Problem error={person.error} onRetry={ask} />
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
