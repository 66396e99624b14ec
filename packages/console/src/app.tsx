import { createClient } from '@chatelaine/sdk'
import { QueryClientProvider } from '@tanstack/react-query'
import { Suspense } from 'react'
import { Link, Redirect, Route, Router, Switch, useLocation, type AroundNavHandler } from 'wouter'
import { lazyPage } from './lazy-page.ts'
import { newQueries } from './queries.ts'
import { ServerContext, type Server } from './server.tsx'
import { usePerson } from './session/person.tsx'
import { SignedIn, useSignOut } from './session/session.tsx'
import { OwnedTokens } from './tokens/owned-tokens.tsx'
import { TokensPage } from './tokens/tokens-page.tsx'
import { Button } from './ui/button.tsx'
import { ErrorBoundary } from './ui/error-boundary.tsx'
import { Page } from './ui/page.tsx'
import { Shell, type Section } from './ui/shell.tsx'
import { useIsOffline, useReadingAnew } from './ui/offline.ts'
import { Waiting } from './ui/waiting.tsx'
import { words } from './words/words.ts'

const queries = newQueries()
/** The session of whoever is signed in speaks, where the page comes from. */
const server: Server = { api: createClient({ url: '' }), origin: location.origin }

const TokenPage = lazyPage(server.api, async () => (await import('./tokens/token-page.tsx')).TokenPage)
const AccountsPage = lazyPage(server.api, async () => (await import('./accounts/accounts-page.tsx')).AccountsPage)
const AccountPage = lazyPage(server.api, async () => (await import('./accounts/account-page.tsx')).AccountPage)
const AllTokensPage = lazyPage(server.api, async () => (await import('./tokens/all-tokens-page.tsx')).AllTokensPage)
const AuditPage = lazyPage(server.api, async () => (await import('./audit/audit-page.tsx')).AuditPage)
const OverviewPage = lazyPage(server.api, async () => (await import('./overview/overview-page.tsx')).OverviewPage)
const SettingsPage = lazyPage(server.api, async () => (await import('./settings/settings-page.tsx')).SettingsPage)
const ScopeChoice = lazyPage(server.api, async () => (await import('./tokens/scope-choice.tsx')).ScopeChoice)
const ProfilePage = lazyPage(server.api, async () => (await import('./profile/profile-page.tsx')).ProfilePage)
const ProjectsPage = lazyPage(server.api, async () => (await import('./projects/projects-page.tsx')).ProjectsPage)
const ProjectPage = lazyPage(server.api, async () => (await import('./projects/project-page.tsx')).ProjectPage)
const CreatePage = lazyPage(server.api, async () => (await import('./tokens/create-page.tsx')).CreatePage)

/** The console: its route table is what there is. */
export function App() {
  return (
    <ServerContext value={server}>
      <QueryClientProvider client={queries}>
        <Router base="/console" aroundNav={navigateToTop}>
          <SignedIn>
            <Frame />
          </SignedIn>
        </Router>
      </QueryClientProvider>
    </ServerContext>
  )
}

/** A page that somebody goes to begins at its top; the way back leads to where one was. */
const navigateToTop: AroundNavHandler = (navigate, to, options) => {
  navigate(to, options)
  if (options?.replace !== true) scrollTo(0, 0)
}

const ofEverybody: readonly Section[] = [
  { href: '/tokens', name: words.nav.tokens },
  { href: '/projects', name: words.nav.projects },
]

const ofAdministrators: readonly Section[] = [
  { href: '/overview', name: words.nav.overview },
  { href: '/accounts', name: words.nav.accounts },
  { href: '/all-tokens', name: words.nav.allTokens },
  { href: '/audit', name: words.nav.audit },
  { href: '/settings', name: words.nav.settings },
]

function Frame() {
  const person = usePerson()
  const signOut = useSignOut()
  const [location] = useLocation()
  const isOffline = useIsOffline()
  useReadingAnew(isOffline)
  return (
    <Shell
      sections={person.role === 'admin' ? [...ofEverybody, ...ofAdministrators] : ofEverybody}
      isOffline={isOffline}
      person={
        <>
          <Link href="/profile">{person.name === '' ? person.username : person.name}</Link>
          <Button look="quiet" onClick={() => void signOut()}>
            {words.nav.signOut}
          </Button>
        </>
      }
    >
      <ErrorBoundary at={location}>
        <Suspense fallback={<Waiting />}>
          <Switch>
            <Route path="/">
              <Redirect to="/tokens" />
            </Route>
            <Route path="/tokens" component={TokensPage} />
            <Route path="/tokens/new" component={CreatePage} />
            <Route path="/tokens/:id" component={TokenPage} />
            <Route path="/projects" component={ProjectsPage} />
            <Route path="/projects/:id">
              <ProjectPage
                tokensOf={({ id, status }) => (
                  <OwnedTokens
                    owner={{ project_id: id }}
                    {...(status === 'archived' ? {} : { createHref: `/tokens/new?project=${id}` })}
                  />
                )}
              />
            </Route>
            <Route path="/accounts" component={AccountsPage} />
            <Route path="/accounts/:id">
              <AccountPage tokensOf={(id) => <OwnedTokens owner={{ account_id: id }} />} />
            </Route>
            <Route path="/all-tokens" component={AllTokensPage} />
            <Route path="/overview" component={OverviewPage} />
            <Route path="/audit" component={AuditPage} />
            <Route path="/settings">
              <SettingsPage drawChoice={(choice) => <ScopeChoice {...choice} />} />
            </Route>
            <Route path="/profile" component={ProfilePage} />
            <Route component={NotFoundPage} />
          </Switch>
        </Suspense>
      </ErrorBoundary>
    </Shell>
  )
}

function NotFoundPage() {
  return (
    <Page title={words.app.notFound} isNarrow>
      <p>{words.app.notFoundText}</p>
      <Link href="/tokens">{words.app.home}</Link>
    </Page>
  )
}
