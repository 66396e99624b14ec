import type { IncomingHttpHeaders } from 'node:http'
import { readCredential } from '@chatelaine/api/credential'
import {
  enterPortal,
  Failure,
  findSession,
  isPortalSession,
  managerQuestion,
  portalOver,
  readPortalSession,
  type Caller,
  type Peer,
  type ProjectId,
  type Question,
  type Token,
  type TokenCaller,
  type TokenId,
  type VerificationCode,
  type Verdict,
} from '@chatelaine/core'
import { tokenKinds, type TokenKind } from '@chatelaine/token'
import type { Service } from '../service.ts'
import { allowedAddress, peerOf, type Incoming } from './peer.ts'
import { HttpProblem } from './problem.ts'
import { requireSameOrigin, sessionCookieIn } from './session-cookie.ts'
import type { PreparedAnswer } from './verify-answer.ts'
import { whenKnown } from './when-known.ts'

export { readCredential }

/**
 * Who asks: the token or portal session that the request presents, or else whoever signed in on this browser, or else
 * nobody. For a remembered token the answer is there at once, without a promise.
 * @throws `conflicting-credentials`, `credential-rejected`, `address-not-allowed`, `cross-site-request` for a session
 *   that another site makes use of, `unavailable`.
 */
export function authenticate(service: Service, request: Incoming): Caller | Promise<Caller> {
  const peer = peerOf(service.settings.trustedProxies, request)
  const presented = presentedIn(request.headers)
  if (presented !== undefined) return authenticatePresented(service, request, presented, peer)
  const cookie = sessionCookieIn(service.settings, request.headers)
  return cookie === undefined ? { type: 'anonymous', peer } : authenticateSession(service, request, cookie, peer)
}

/**
 * Like `authenticate`, but whoever presents no token is nobody: for requests that any site could have a browser send.
 * @throws besides, `not-permitted` for a portal session, which is for the native API alone.
 */
export function authenticateByToken(service: Service, request: Incoming): Caller | Promise<Caller> {
  const peer = peerOf(service.settings.trustedProxies, request)
  const presented = presentedIn(request.headers)
  if (presented === undefined) return { type: 'anonymous', peer }
  return whenKnown(authenticatePresented(service, request, presented, peer), requireNoPortal)
}

function requireNoPortal(caller: Caller): Caller {
  if (caller.type !== 'portal') return caller
  throw new Failure('not-permitted', 'A portal session is for the pages of tokens alone. Send a token.')
}

/**
 * What a request presents as its token, in whichever scheme; it may be anything.
 * @throws `conflicting-credentials`.
 */
export function presentedIn(headers: IncomingHttpHeaders): string | undefined {
  const credential = readCredential(headers)
  if (credential === 'conflicting') throw conflicting()
  return credential?.presented
}

/** For a request that names two tokens, whichever of them may be good. */
export function conflicting(): HttpProblem {
  return new HttpProblem('conflicting-credentials', 'The request carries two tokens that differ. Send one of them.')
}

/**
 * To be asked before a request is looked into, since nobody learns what is wrong with one that lacks the credential.
 * @throws `credential-required`.
 */
export function requireCredential(caller: Caller): void {
  if (caller.type !== 'anonymous') return
  throw new Failure('credential-required', 'Send a token as "Authorization: Bearer …", or sign in.')
}

/**
 * The token behind what was traded for it and proved genuine, as if the token had been presented: whoever comes with the
 * one is bound by all that binds the other.
 * @throws like `authenticate`, and `not-permitted` when the token does not reach the project.
 */
export async function authenticateStandIn(
  service: Service,
  request: Incoming,
  tokenId: TokenId,
  projectId: ProjectId | undefined,
): Promise<TokenCaller> {
  const peer = peerOf(service.settings.trustedProxies, request)
  const clientIp = allowedAddress(service.settings.trustedProxies, request, peer)
  const question: Question = {
    kinds: allKinds,
    ...(clientIp === undefined ? {} : { clientIp }),
    ...(projectId === undefined ? {} : { projectId }),
  }
  const verdict = await service.verifier.verifyStandIn(tokenId, question)
  return tokenCaller(await service.spending.settle(verdict, 1, peer), question, peer)
}

const allKinds = Object.keys(tokenKinds) as TokenKind[]

function authenticatePresented(
  service: Service,
  request: Incoming,
  presented: string,
  peer: Peer,
): Caller | Promise<Caller> {
  return isPortalSession(presented)
    ? authenticatePortal(service, presented, peer)
    : authenticateToken(service, request, presented, peer)
}

/**
 * Each call is taken from what bounds the manager token, which is asked about anew.
 * @throws `credential-rejected` whatever ended it, `too-many-attempts`, `unavailable`.
 */
async function authenticatePortal(
  { ports, verifier, spending }: Service,
  presented: string,
  peer: Peer,
): Promise<Caller> {
  const session = readPortalSession(ports, presented)
  if (session === undefined) throw portalOver()
  const verdict = await verifier.verifyStandIn(session.managerTokenId, managerQuestion, session.secretOf)
  // Nobody has presented the manager token here, so that a refusal is none of its own.
  if (verdict.known === undefined || verdict.decision.code !== 'valid') throw portalOver()
  const caller = await enterPortal(ports, session, verdict.known, peer)
  const { decision } = await spending.settle(verdict, 1, portalUse)
  if (decision.code === 'valid') return caller
  throw decision.code === 'rate_limited' ? refusalOf({ ...verdict, decision }, managerQuestion) : portalOver()
}

/** How the manager token's last use is told: it was at its backend that it was used, and not where the browser is. */
const portalUse: Peer = { ip: null, client: 'portal-session' }

function authenticateToken(
  service: Service,
  request: Incoming,
  presented: string,
  peer: Peer,
): Caller | Promise<Caller> {
  const clientIp = allowedAddress(service.settings.trustedProxies, request, peer)
  const question = clientIp === undefined ? { kinds: allKinds } : { kinds: allKinds, clientIp }
  const settled = whenKnown(service.verifier.verify(presented, question), (verdict) =>
    service.spending.settle(verdict, 1, peer),
  )
  return whenKnown(settled, (verdict) => tokenCaller(verdict, question, peer))
}

function tokenCaller(verdict: Verdict<PreparedAnswer>, question: Question, peer: Peer): TokenCaller {
  const { decision, known } = verdict
  if (decision.code !== 'valid' || known === undefined) throw refusalOf(verdict, question)
  return { type: 'token', token: known.token, secret: known.secret, peer, rate: decision.rate }
}

/** Why a token is not accepted, in words for whoever presented it. A token that is good but not for this is no 401. */
export function refusalOf({ decision, known }: Verdict<unknown>, { scopes = [], clientIp }: Question): Failure {
  switch (decision.code) {
    case 'ip_not_allowed':
      return new Failure('address-not-allowed', forbiddenAddress(clientIp))
    case 'wrong_kind':
      return new Failure('not-permitted', 'A token of this kind is not welcome here. Use one of another kind.')
    case 'wrong_project':
      return new Failure('not-permitted', 'This token does not reach the project. Use one that does.')
    case 'insufficient_scope': {
      const missing = decision.missingScopes.join(', ')
      return new Failure('scope-missing', `This token lacks ${missing}. Use one that has it.`, { scopesNeeded: scopes })
    }
    case 'rate_limited': {
      const { retryAfterSeconds, rate } = decision
      if (retryAfterSeconds === null)
        return new Failure('too-many-attempts', 'This token may never do so much.', { rate })
      const message = `This token is used too often. Come back in ${retryAfterSeconds} s.`
      return new Failure('too-many-attempts', message, { retryAfterSeconds, rate })
    }
    default:
      return new Failure('credential-rejected', rejectionOf(decision.code, known?.token))
  }
}

function forbiddenAddress(clientIp: string | undefined): string {
  if (clientIp !== undefined) return `This token may not be used from ${clientIp}.`
  return 'This token may be used from some addresses only, and it is not known from where it came: a proxy that passes requests on has to be trusted by this server.'
}

function rejectionOf(code: VerificationCode, token: Token | undefined): string {
  // The token itself lives: what was revoked is the secret alone.
  if (code === 'revoked' && token?.revokedAt === null) {
    return 'This secret of the token was replaced by a newer one, and its time is over. Use the newer one.'
  }
  return rejections[code] ?? 'This token is not good here.'
}

/** Why a credential is dead. */
const rejections: Partial<Record<VerificationCode, string>> = {
  malformed: 'What was sent is no token: it is mistyped or cut short. Copy it again, whole.',
  unknown: 'This server does not know this token. Check that it was made here and is copied whole.',
  revoked: 'This token is revoked, which is final. Make a new one.',
  suspended: 'This token is suspended. Whoever suspended it can resume it.',
  owner_disabled: 'The account that owns this token is disabled. Ask an administrator.',
  expired: 'This token has expired. Make a new one.',
  uses_exceeded: 'This token was good for a number of uses, and they are used up. Make a new one.',
  not_yet_valid: 'The time from which on this token may be used has not come yet.',
}

async function authenticateSession(service: Service, request: Incoming, cookie: string, peer: Peer): Promise<Caller> {
  const found = await findSession(service.ports, cookie)
  if (found === undefined) return { type: 'anonymous', peer }
  requireSameOrigin(service.settings, request)
  return { type: 'session', account: found.account, sessionId: found.session.id, peer }
}
