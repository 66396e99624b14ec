import {
  Failure,
  findSession,
  formatInstant,
  sessionLifetimeMs,
  setUp,
  signIn,
  signOut,
  signOutEverywhere,
  type Account,
  type Session,
} from '@chatelaine/core'
import type { Service } from '../service.ts'
import { accountAsk, accountJson } from './account-json.ts'
import type { Handlers } from './handler.ts'
import type { Incoming } from './peer.ts'
import { noSessionCookie, refuseCrossSite, sessionCookie, sessionCookieIn } from './session-cookie.ts'
import { signOnPath } from './single-sign-on.ts'

type SessionRoutes = 'signIn' | 'getSignInMethods' | 'getSession' | 'signOut' | 'setUp'

/** `/api/v1/session` and `/api/v1/setup`. */
export function session(service: Service): Handlers<SessionRoutes> {
  const { ports, settings } = service

  async function current({ headers }: Incoming) {
    const cookie = sessionCookieIn(settings, headers)
    return cookie === undefined ? undefined : findSession(ports, cookie)
  }

  return {
    async signIn({ caller, body, incoming }) {
      refuseCrossSite(settings, incoming)
      const before = await current(incoming)
      const signedIn = await signIn(ports, caller.peer, body.username, body.password)
      if (before !== undefined) await signOut(ports, caller.peer, before.account, before.session)
      return {
        status: 201,
        body: sessionJson(signedIn),
        headers: { 'set-cookie': sessionCookie(settings, signedIn.cookie) },
      }
    },

    getSignInMethods: () => ({ status: 200, body: { single_sign_on: signOnPath(service) ?? null } }),

    async getSession({ caller, incoming }) {
      const found = caller.type === 'session' ? await current(incoming) : undefined
      if (found !== undefined) return { status: 200, body: sessionJson(found) }
      if (caller.type === 'token' || caller.type === 'portal') {
        throw new Failure(
          'not-permitted',
          'This shows who signed in. For a token there is /api/v1/tokens/self, for a portal session /api/v1/accounts/me.',
        )
      }
      throw new Failure('credential-required', 'Nobody is signed in here. Sign in first.')
    },

    async signOut({ caller, query, incoming }) {
      const found = caller.type === 'session' ? await current(incoming) : undefined
      if (found !== undefined && query.everywhere) await signOutEverywhere(ports, caller)
      else if (found !== undefined) await signOut(ports, caller.peer, found.account, found.session)
      return { status: 204, body: null, headers: { 'set-cookie': noSessionCookie(settings) } }
    },

    async setUp({ caller, body: { code, ...ask }, incoming }) {
      refuseCrossSite(settings, incoming)
      return { status: 201, body: accountJson(await setUp(ports, caller, code, accountAsk(ask))) }
    },
  }
}

function sessionJson({ account, session }: { account: Account; session: Session }) {
  return {
    account: accountJson(account),
    created_at: formatInstant(session.createdAt),
    expires_at: formatInstant(session.createdAt + sessionLifetimeMs),
  }
}
