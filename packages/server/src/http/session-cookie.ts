import type { IncomingHttpHeaders } from 'node:http'
import { sessionCookieName } from '@chatelaine/api'
import { sessionLifetimeMs } from '@chatelaine/core'
import type { Secret } from '@chatelaine/token'
import type { Settings } from '../config.ts'
import { originFor } from './origin.ts'
import type { Incoming } from './peer.ts'
import { HttpProblem } from './problem.ts'

const browserCookieName = 'chatelaine_browser'
const signOnCookieName = 'chatelaine_sign_on'

type Public = Pick<Settings, 'publicUrl'>

/** The value of the session cookie in a request, whatever it is worth. */
export function sessionCookieIn(settings: Public, headers: IncomingHttpHeaders): string | undefined {
  return cookieIn(settings, headers, sessionCookieName)
}

/** What a browser without a session has forms bound to, whatever it is worth. */
export function browserCookieIn(settings: Public, headers: IncomingHttpHeaders): string | undefined {
  return cookieIn(settings, headers, browserCookieName)
}

/** What a browser that comes back from single sign-on set out with, whatever it is worth. */
export function signOnCookieIn(settings: Public, headers: IncomingHttpHeaders): string | undefined {
  return cookieIn(settings, headers, signOnCookieName)
}

function cookieIn(settings: Public, { cookie }: IncomingHttpHeaders, name: string): string | undefined {
  if (cookie === undefined) return undefined
  const start = `${cookieName(settings, name)}=`
  const pairs = cookie.split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(start))?.slice(start.length)
}

/** `Set-Cookie` for a browser that has just signed in. */
export function sessionCookie(settings: Public, value: Secret): string {
  return setCookie(settings, sessionCookieName, value.reveal(), Math.floor(sessionLifetimeMs / 1_000))
}

/** `Set-Cookie` that takes the cookie back. */
export function noSessionCookie(settings: Public): string {
  return setCookie(settings, sessionCookieName, '', 0)
}

/** `Set-Cookie` for a browser that is shown its first form. It is worth nothing but to tell this browser from others. */
export function browserCookie(settings: Public, value: string): string {
  return setCookie(settings, browserCookieName, value, Math.floor(sessionLifetimeMs / 1_000))
}

/** `Set-Cookie` for a browser that is sent to the provider of single sign-on. */
export function signOnCookie(settings: Public, value: string, maxAgeSeconds: number): string {
  return setCookie(settings, signOnCookieName, value, maxAgeSeconds)
}

/** `Set-Cookie` that takes it back: what it holds is good for one answer. */
export function noSignOnCookie(settings: Public): string {
  return setCookie(settings, signOnCookieName, '', 0)
}

/**
 * Lets a request act for whoever signed in on this browser only if it comes from our own pages, as the browser says:
 * `Sec-Fetch-Site`, or `Origin` from browsers that do not send it. `same-site` is refused like `cross-site`, since a
 * neighbouring host is not ours, and so is a request that says nothing of where it comes from. Reading is let pass:
 * no other site can see the answer.
 * @throws `cross-site-request`.
 */
export function requireSameOrigin(settings: Public, request: Incoming): void {
  if (isReading(request) || isSameOrigin(settings, request) === true) return
  throw crossSite()
}

/**
 * Like `requireSameOrigin` for requests that carry no session yet: those of programs, which say nothing of an origin,
 * are let pass.
 * @throws `cross-site-request`.
 */
export function refuseCrossSite(settings: Public, request: Incoming): void {
  if (isSameOrigin(settings, request) === false) throw crossSite()
}

/** `undefined` when the request does not say. */
function isSameOrigin(settings: Public, request: Incoming): boolean | undefined {
  const { headers } = request
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  if (headers.origin === undefined) return undefined
  return headers.origin === originFor(settings, request)
}

function isReading({ method }: Incoming): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

function crossSite(): HttpProblem {
  return new HttpProblem(
    'cross-site-request',
    'A session counts only for requests from our own pages. Send a token in the Authorization header instead.',
  )
}

/** `__Host-` makes a browser hold the cookie to https, to this host and to the whole of it (RFC 6265bis §4.1.3.2). */
function cookieName(settings: Public, name: string): string {
  return isHttps(settings) ? `__Host-${name}` : name
}

function setCookie(settings: Public, name: string, value: string, maxAgeSeconds: number): string {
  const attributes = `Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${isHttps(settings) ? '; Secure' : ''}`
  return `${cookieName(settings, name)}=${value}; ${attributes}`
}

function isHttps({ publicUrl }: Public): boolean {
  return publicUrl?.startsWith('https:') === true
}
