import { problems } from '@chatelaine/api'
import { handoffLifetimeMs, signInVouched } from '@chatelaine/core'
import { randomBase62 } from '@chatelaine/token'
import type { Service } from '../service.ts'
import type { SignOnChecks } from '../single-sign-on.ts'
import { consolePath } from './console.ts'
import { formPage, html, type Html } from './html.ts'
import { originFor } from './origin.ts'
import { explain, HttpProblem } from './problem.ts'
import { noSignOnCookie, sessionCookie, signOnCookie, signOnCookieIn } from './session-cookie.ts'
import { Visit, type PageRequest } from './visit.ts'

/** Where single sign-on begins. */
const startPath = '/auth/oidc/start'
/** Where the provider sends the browser back to. */
const callbackPath = '/auth/oidc/callback'

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
    page(service, asked).catch((error: unknown) => faultPage(service, error, asked.requestId))
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
  readonly at: number
}

async function start(service: Service, { request, incoming }: PageRequest): Promise<Response> {
  const origin = originFor(service.settings, incoming)
  const check = () => randomBase62(checkLength, service.ports.random)
  const outset: Outset = {
    state: check(),
    nonce: check(),
    codeVerifier: check(),
    returnTo: requireOwnPage(new URL(request.url).searchParams, origin),
    at: service.ports.clock.now(),
  }
  const url = await service.singleSignOn!.begin(origin + callbackPath, outset)
  const maxAgeSeconds = handoffLifetimeMs / 1_000
  const cookie = signOnCookie(service.settings, sealOutset(service, outset), maxAgeSeconds)
  return new Response(null, { status: 303, headers: { location: url.href, 'set-cookie': cookie } })
}

async function finish(service: Service, asked: PageRequest): Promise<Response> {
  const { settings, ports, singleSignOn } = service
  const outset = openOutset(service, signOnCookieIn(settings, asked.incoming.headers) ?? '')
  if (outset === undefined) {
    throw new HttpProblem('bad-request', 'This sign-in was begun elsewhere, or more than ten minutes ago. Begin again.')
  }
  const visit = await Visit.open(service, asked, callbackPath)
  const callback = new URL(callbackPath + new URL(asked.request.url).search, originFor(settings, asked.incoming))
  const { cookie } = await signInVouched(ports, visit.peer, () => singleSignOn!.finish(callback, outset), {
    mayCreate: singleSignOn!.mayCreateAccounts,
  })
  await visit.signOut()
  const headers = new Headers({ location: outset.returnTo })
  headers.append('set-cookie', sessionCookie(settings, cookie))
  headers.append('set-cookie', noSignOnCookie(settings))
  return new Response(null, { status: 303, headers })
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

function faultPage(service: Service, error: unknown, requestId: string): Response {
  const { key, detail, headers } = explain(service, error, requestId)
  return formPage({
    title: `Sign in · ${service.settings.platformName}`,
    body: html`<h1>You are not signed in</h1>
      <p>${detail}</p>
      <p><a href="${consolePath}/">Sign in</a></p>`,
    status: problems[key].status,
    headers: { ...headers, 'set-cookie': noSignOnCookie(service.settings) },
  })
}
