import { problems } from '@chatelaine/api'
import {
  connectIdentity,
  Failure,
  handoffLifetimeMs,
  readOwnAccount,
  requireUnconnected,
  signInVouched,
  type Caller,
} from '@chatelaine/core'
import { randomBase62 } from '@chatelaine/token'
import type { Service } from '../service.ts'
import type { SignOnChecks } from '../single-sign-on.ts'
import { consolePath } from './console.ts'
import { formPage, html, type Html } from './html.ts'
import { originFor } from './origin.ts'
import type { Incoming } from './peer.ts'
import { explain, HttpProblem } from './problem.ts'
import { noSignOnCookie, sessionCookie, signOnCookie, signOnCookieIn } from './session-cookie.ts'
import { Visit, type PageRequest } from './visit.ts'

/** Where single sign-on begins. */
const startPath = '/auth/oidc/start'
/** Where the provider sends the browser back to. */
const callbackPath = '/auth/oidc/callback'

/** Where a person comes back to who has connected it. */
const profilePath = `${consolePath}/profile`

/** The link that begins single sign-on; `undefined` where there is none. */
export function signOnPath({ singleSignOn }: Service): string | undefined {
  return singleSignOn === undefined ? undefined : startPath
}

/** The link that begins single sign-on and comes back to this page; `undefined` also where the page is too long for it. */
export function signOnButton(service: Service, here: string): Html | undefined {
  const path = signOnPath(service)
  if (path === undefined || here.length > returnToLengthMax) return undefined
  const link = `${path}?${new URLSearchParams({ return_to: here }).toString()}`
  return html`<a class="button" href="${link}">Continue with single sign-on</a>`
}

/** The pages of single sign-on, by path. Each answers GET; there are none unless there is a provider. */
export function signOnPages(service: Service): ReadonlyMap<string, (asked: PageRequest) => Promise<Response>> {
  const answering = (page: typeof start) => (asked: PageRequest) =>
    page(service, asked).catch((error: unknown) => faultPage(service, error, asked))
  if (service.singleSignOn === undefined) return new Map()
  return new Map([
    [startPath, answering(start)],
    [callbackPath, answering(finish)],
  ])
}

/** It is in a cookie, and browsers keep none that is much longer. */
const returnToLengthMax = 2_048
/** 43 characters are what RFC 7636 §4.1 asks for at least; for the others it is more than enough. */
const checkLength = 43

/** What this browser set out with: kept in a cookie of it, so that nobody else can bring the answer back. */
interface Outset extends SignOnChecks {
  readonly returnTo: string
  /** The session in which a person asked to connect what the provider says; `null`: somebody signs in. */
  readonly connectsIn: string | null
  readonly at: number
}

/** A browser on its way to the provider: where it goes, and what it takes along. */
interface SetOut {
  readonly location: string
  /** `Set-Cookie`. */
  readonly cookie: string
}

async function start(service: Service, { request, incoming }: PageRequest): Promise<Response> {
  const returnTo = requireOwnPage(new URL(request.url).searchParams, originFor(service.settings, incoming))
  const { location, cookie } = await setOut(service, incoming, { returnTo, connectsIn: null })
  return new Response(null, { status: 303, headers: { location, 'set-cookie': cookie } })
}

/**
 * Begins to connect single sign-on to the account of a person. Not by a link: whoever has made a browser sign in to the
 * provider as themselves must not be able to lead it here too.
 * @throws `not-permitted` where there is no provider, for all but a person in a session, and for an account that is
 *   connected already; `unavailable` when the provider does not answer.
 */
export async function beginConnecting(service: Service, caller: Caller, incoming: Incoming): Promise<SetOut> {
  if (service.singleSignOn === undefined) throw new Failure('not-permitted', 'There is no single sign-on here.')
  if (caller.type !== 'session' || caller.sessionId === null) {
    throw new Failure('not-permitted', 'Only a person can connect single sign-on. Sign in on a browser first.')
  }
  requireUnconnected(await readOwnAccount(service.ports, caller))
  return setOut(service, incoming, { returnTo: profilePath, connectsIn: caller.sessionId })
}

async function setOut(
  service: Service,
  incoming: Incoming,
  aim: Pick<Outset, 'returnTo' | 'connectsIn'>,
): Promise<SetOut> {
  const check = () => randomBase62(checkLength, service.ports.random)
  const checks = { state: check(), nonce: check(), codeVerifier: check() }
  const { href } = await service.singleSignOn!.begin(originFor(service.settings, incoming) + callbackPath, checks)
  const outset: Outset = { ...checks, ...aim, at: service.ports.clock.now() }
  const maxAgeSeconds = handoffLifetimeMs / 1_000
  return { location: href, cookie: signOnCookie(service.settings, sealOutset(service, outset), maxAgeSeconds) }
}

async function finish(service: Service, asked: PageRequest): Promise<Response> {
  const { settings, ports, singleSignOn } = service
  const outset = openOutset(service, signOnCookieIn(settings, asked.incoming.headers) ?? '')
  if (outset === undefined) {
    throw new HttpProblem('bad-request', 'This sign-in was begun elsewhere, or more than ten minutes ago. Begin again.')
  }
  const visit = await Visit.open(service, asked, callbackPath)
  const callback = new URL(callbackPath + new URL(asked.request.url).search, originFor(settings, asked.incoming))
  const vouch = () => singleSignOn!.finish(callback, outset)
  const headers = new Headers({ location: outset.returnTo })
  headers.append('set-cookie', noSignOnCookie(settings))
  if (outset.connectsIn === null) {
    const { cookie } = await signInVouched(ports, visit.peer, vouch, { mayCreate: singleSignOn!.mayCreateAccounts })
    await visit.signOut()
    headers.append('set-cookie', sessionCookie(settings, cookie))
  } else {
    await connectIdentity(ports, requirePerson(visit, outset.connectsIn), vouch)
  }
  return new Response(null, { status: 303, headers })
}

/** Whoever set out, in the same session. @throws `bad-request`. */
function requirePerson({ person }: Visit, sessionId: string): NonNullable<Visit['person']> {
  if (person?.sessionId === sessionId) return person
  throw new HttpProblem('bad-request', 'You are no longer signed in as when you set out. Sign in, and begin again.')
}

/** The pages on which people can come to sign in. */
const returnPages = /^\/(?:console|oauth\/authorize|device|app)(?:\/|$)/

/** The page to come back to, which is one of our own however it is spelled. @throws `bad-request`. */
function requireOwnPage(parameters: URLSearchParams, origin: string): string {
  const [asked = `${consolePath}/`, ...more] = parameters.getAll('return_to')
  const url = asked.length > returnToLengthMax ? null : URL.parse(asked, origin)
  const isOwn = url !== null && url.origin === new URL(origin).origin && returnPages.test(url.pathname)
  if (isOwn && more.length === 0) return url.pathname + url.search
  throw new HttpProblem('bad-request', 'The link that led here does not say properly which page to come back to.')
}

/** Signed, so that a cookie that a neighbouring host has set is worth nothing. */
function sealOutset({ ports }: Service, outset: Outset): string {
  const text = Buffer.from(JSON.stringify(outset)).toString('base64url')
  return `${text}.${ports.keys.mac('bearer', `sign-on ${text}`)}`
}

/** `undefined` for what we did not write, or not within the last ten minutes. */
function openOutset({ ports }: Service, sealed: string): Outset | undefined {
  const [text = '', mac = '', ...rest] = sealed.split('.')
  if (rest.length > 0 || !ports.keys.macMatches('bearer', `sign-on ${text}`, mac)) return undefined
  const outset = JSON.parse(Buffer.from(text, 'base64url').toString()) as Outset
  return ports.clock.now() < outset.at + handoffLifetimeMs ? outset : undefined
}

function faultPage(service: Service, error: unknown, { requestId, incoming }: PageRequest): Response {
  const { key, detail, headers } = explain(service, error, requestId)
  const outset = openOutset(service, signOnCookieIn(service.settings, incoming.headers) ?? '')
  const isConnecting = outset !== undefined && outset.connectsIn !== null
  const way = isConnecting ? { href: profilePath, name: 'Your profile' } : { href: `${consolePath}/`, name: 'Sign in' }
  const { platformName } = service.settings
  return formPage({
    platformName,
    title: `Sign in · ${platformName}`,
    body: html`<h1>${isConnecting ? 'Single sign-on is not connected' : 'You are not signed in'}</h1>
      <p>${detail}</p>
      <a class="button button-primary" href="${way.href}">${way.name}</a>`,
    status: problems[key].status,
    headers: { ...headers, 'set-cookie': noSignOnCookie(service.settings) },
  })
}
