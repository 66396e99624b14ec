import { lazy, Suspense } from 'react'
import { Link, Route, Switch, useLocation } from 'wouter'
import { TokensPage } from '../tokens/tokens-page.tsx'
import { ErrorBoundary } from '../ui/error-boundary.tsx'
import { Waiting } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'

const TokenPage = lazy(async () => ({ default: (await import('../tokens/token-page.tsx')).TokenPage }))
const CreatePage = lazy(async () => ({ default: (await import('../tokens/create-page.tsx')).CreatePage }))

/** Those of the console's pages that the element shows. */
export function Pages() {
  const [here] = useLocation()
  return (
    <>
      {here !== '/tokens' && (
        <nav aria-label={words.nav.tokens}>
          <Link href="/tokens">{words.embed.back}</Link>
        </nav>
      )}
      <ErrorBoundary at={here}>
        <Suspense fallback={<Waiting />}>
          <Switch>
            <Route path="/tokens/new" component={CreatePage} />
            <Route path="/tokens/:id" component={TokenPage} />
            <Route component={TokensPage} />
          </Switch>
        </Suspense>
      </ErrorBoundary>
    </>
  )
}
