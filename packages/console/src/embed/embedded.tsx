import { QueryClientProvider } from '@tanstack/react-query'
import { Activity, useEffect, useLayoutEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { Router } from 'wouter'
import { memoryLocation } from 'wouter/memory-location'
import { hold, newQueries } from '../queries.ts'
import { ServerContext, type Server } from '../server.tsx'
import { TokenNewsContext, type TokenNews } from '../tokens/news.ts'
import { Notice } from '../ui/notice.tsx'
import { SurroundingsContext, type Surroundings } from '../ui/surroundings.tsx'
import { Waiting } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { Misuse } from './misuse.tsx'
import { OfPerson } from './of-person.tsx'
import { Pages } from './pages.tsx'
import { Portal } from './portal.ts'

const text = words.embed

/** What the host page says in the element's attributes and properties. */
export interface Given {
  readonly server: string | null
  readonly session: string | undefined
}

interface Around {
  /** Where questions are drawn. */
  readonly layers: HTMLElement
  readonly tell: (event: 'session-ended' | 'token-created' | 'token-deleted', detail?: object) => void
}

/** The tokens of the account that the session is for, from the server that the page names. */
export function Embedded({ server, session, layers, tell }: Given & Around) {
  const [person, setPerson] = useState(0)
  const origin = addressOf(server)
  if (origin === undefined) return <Misuse>{text.noServer}</Misuse>
  // With a session that is taken back goes all that it has shown: somebody may have signed out of the page.
  if (session === undefined) return <Waiting />
  return (
    <OfServer
      // Neither another server nor another person finds anything of what was there before.
      key={`${origin} ${person}`}
      origin={origin}
      session={session}
      layers={layers}
      tell={tell}
      onOtherPerson={() => setPerson(person + 1)}
    />
  )
}

/** Such as `https://tokens.example.org`, without a slash at its end; `undefined` where it is no such address. */
function addressOf(server: string | null): string | undefined {
  const url = URL.parse(server ?? '')
  const isPlain = url !== null && url.username + url.password + url.search + url.hash === ''
  return isPlain && /^https?:$/.test(url.protocol) ? url.href.replace(/\/+$/, '') : undefined
}

function OfServer({
  origin,
  session,
  layers,
  tell,
  onOtherPerson,
}: { origin: string; session: string; onOtherPerson: () => void } & Around) {
  const [portal] = useState(() => new Portal(origin, () => tell('session-ended')))
  const [queries] = useState(newQueries)
  // The address of the host page is not ours: where one is in the element is known to nobody else.
  const [place] = useState(() => memoryLocation({ path: '/tokens' }))
  const [keptCount, setKeptCount] = useState(0)
  const { is: state, turn } = useSyncExternalStore(portal.subscribe, portal.standing)
  useLayoutEffect(() => portal.renew(session), [portal, session])
  useEffect(() => () => queries.clear(), [queries])
  useEffect(() => (state === 'ended' ? hold(queries) : undefined), [queries, state])
  const server = useMemo<Server>(() => ({ api: portal.api, origin }), [portal, origin])
  const surroundings = useMemo<Surroundings>(
    () => ({
      ownsWindow: false,
      hasPage: (href) => href.startsWith('/tokens'),
      layers,
      keepInSight: () => {
        setKeptCount((count) => count + 1)
        return () => setKeptCount((count) => count - 1)
      },
    }),
    [layers],
  )
  const news = useMemo<TokenNews>(
    () => ({
      created: (id) => tell('token-created', { id }),
      deleted: (id) => tell('token-deleted', { id }),
    }),
    [tell],
  )
  if (state === 'awaited') return <Waiting />
  return (
    <ServerContext value={server}>
      <SurroundingsContext value={surroundings}>
        <TokenNewsContext value={news}>
          <QueryClientProvider client={queries}>
            {state === 'ended' && <Notice>{text.ended}</Notice>}
            {/* Out of sight everything stands still, and stays as it is until the session is renewed. */}
            <Activity mode={state === 'ended' && keptCount === 0 ? 'hidden' : 'visible'}>
              {/* Opened in a window of its own, a page is that of the console. */}
              <Router hook={place.hook} searchHook={place.searchHook} hrefs={(path) => `${origin}/console${path}`}>
                <OfPerson turn={turn} onOther={onOtherPerson}>
                  <Pages />
                </OfPerson>
              </Router>
            </Activity>
          </QueryClientProvider>
        </TokenNewsContext>
      </SurroundingsContext>
    </ServerContext>
  )
}
