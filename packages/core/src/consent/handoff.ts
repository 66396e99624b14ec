import type { Secret } from '@chatelaine/token'
import { callerGuards } from '../log/guards.ts'
import { isCatalogued } from '../domain/catalogue.ts'
import { actorOf, type Peer, type SessionCaller } from '../domain/caller.ts'
import { commit, settle } from '../log/commit.ts'
import { Failure, type FailureKey } from '../domain/failure.ts'
import { issueToken, type Life } from '../tokens/issue.ts'
import type { AccountId } from '../domain/id.ts'
import type { JsonObject } from '../domain/json.ts'
import { OnceGate, onceOf } from '../log/once.ts'
import type { Ports } from '../ports.ts'
import { revokeRepeated } from '../tokens/revoke.ts'
import { normaliseScopes, scopeFault, type Scope } from '../domain/scope.ts'
import { isSessionOver } from '../domain/session.ts'
import { minuteMs, type EpochMs } from '../domain/time.ts'
import type { Origin, Token } from '../domain/token.ts'

/** What an application asks a person for: a token of theirs. */
export interface HandoffAsk {
  /** As it calls itself: public clients are not registered, so nobody has checked it. */
  readonly client: string
  readonly label: string
  readonly scopes: readonly Scope[]
  readonly life: HandoffLife
  readonly origin: Origin
  readonly target: HandoffTarget
}

export type HandoffLife = Exclude<Life, { expiresAt: EpochMs }>

/** Where the answer goes. */
export type HandoffTarget =
  /** To a program that listens on the person's own computer, as a code for whoever knows what the challenge was made of. */
  | { readonly kind: 'loopback'; readonly redirectUri: string; readonly codeChallenge: string }
  /** To a device that asks again and again, from this address and by this client. */
  | { readonly kind: 'device'; readonly device: string; readonly ip: string | null; readonly userAgent: string | null }
  /** Along with the person's browser: the redirect to this address carries the token itself. */
  | { readonly kind: 'redirect'; readonly url: string }

/** What was asked, before it was held against what may be given. */
export interface HandoffWish extends Omit<HandoffAsk, 'scopes' | 'life'> {
  /** Everything when absent. */
  readonly scopes?: readonly Scope[]
  /** As policy has it for temporary tokens when absent. */
  readonly life?: HandoffLife
}

/**
 * Cuts a wish down to what policy and catalogue allow: scopes that nobody may hold are left out, a life that is too long
 * ends where policy ends it. `undefined` when no scope is left, or one is misspelled.
 */
export async function fitHandoff(ports: Ports, wish: HandoffWish): Promise<HandoffAsk | undefined> {
  const { policy, catalogue } = await ports.settings.read()
  const asked = wish.scopes ?? ['*']
  if (asked.some((scope) => scopeFault(scope) !== undefined)) return undefined
  const scopes = normaliseScopes(asked).filter((scope) => isCatalogued(catalogue, 'account', scope))
  if (scopes.length === 0) return undefined
  const longest = policy.longestLifetimeSeconds
  const life = wish.life ?? { lifetimeSeconds: policy.temporaryLifetimeSeconds }
  return { ...wish, scopes, life: longest === null ? life : shortened(life, longest) }
}

function shortened(life: HandoffLife, longestSeconds: number): HandoffLife {
  return { lifetimeSeconds: 'permanent' in life ? longestSeconds : Math.min(life.lifetimeSeconds, longestSeconds) }
}

/** A person's word that an application may have what it asked for. It is worth something while their session lasts. */
export interface HandoffGrant {
  readonly ask: HandoffAsk
  /** The page on which they gave it, by the nonce of its form; each gives one at most. */
  readonly page: string
  readonly accountId: AccountId
  /** `null` where the person proved who they are without one. */
  readonly sessionId: string | null
  readonly at: EpochMs
}

export type Consent = { readonly agreed: true; readonly grant: HandoffGrant } | { readonly agreed: false }

/**
 * Takes a person's answer to an application, once for each page that asked: the one use case behind every hand-off.
 * @param page the nonce of the page's form, as `consent-form.ts` reads it.
 * @throws `changed-meanwhile` when this page was answered before, `credential-rejected` when the session ended.
 */
export async function decideConsent(
  ports: Ports,
  caller: SessionCaller,
  ask: HandoffAsk,
  decision: 'agree' | 'refuse',
  page: string,
): Promise<Consent> {
  const at = ports.clock.now()
  const { account } = caller
  const key = `page ${page}`
  const once = onceOf(ports, caller, { key, request: key }, at)
  const outcome = await settle(ports, caller, (current) =>
    commit(
      ports,
      [
        {
          at,
          actor: actorOf(current),
          action: decision === 'agree' ? 'consent.given' : 'consent.refused',
          effect: 'none',
          subject: { type: 'account', id: account.id },
          details: askJson(ask),
          write: { put: 'nothing' },
          guards: callerGuards(current),
        },
      ],
      once,
    ),
  )
  if (outcome.outcome === 'repeated') {
    throw new Failure('changed-meanwhile', 'This page was answered before. Begin again in the program that asks.')
  }
  if (decision === 'refuse') return { agreed: false }
  return { agreed: true, grant: { ask, page, accountId: account.id, sessionId: caller.sessionId, at } }
}

/** For the log. */
function askJson({ client, label, scopes, life, target }: HandoffAsk): JsonObject {
  const lifetime = 'permanent' in life ? null : life.lifetimeSeconds
  return { client, label, scopes, lifetime_seconds: lifetime, way: target.kind }
}

export type Handed =
  | { readonly handed: true; readonly token: Token; readonly secret: Secret }
  /** In words for whoever runs the application. */
  | { readonly handed: false; readonly because: string }

/**
 * Makes the token that a person agreed to, in their name: a token made by signing in counts as the person. Who comes a
 * second time for the same grant gets nothing, and what the first got is revoked (RFC 6749 §4.1.2), since one of the two
 * is not whom the person meant.
 * @param peer whoever fetches the token.
 * @param until when the grant is good; as long as the session lasts when absent.
 * @throws `unavailable`, `changed-meanwhile`.
 */
export async function redeemGrant(ports: Ports, peer: Peer, grant: HandoffGrant, until?: EpochMs): Promise<Handed> {
  const { label, scopes, life, origin } = grant.ask
  const key = `grant ${grant.page}`
  const now = ports.clock.now()
  const first = await ports.once.find(grant.accountId, key, now)
  if (first !== undefined) return refuseAgain(ports, peer, first.subjectId as Token['id'])
  if (until !== undefined && now >= until) return refused('This came too late. Ask again.')
  const caller = await findPerson(ports, peer, grant)
  if (caller === undefined) return refused('Whoever agreed has signed out since. Ask again.')
  try {
    // A gate of its own: whoever comes second is not to wait for the first, but to end what the first is given.
    const alone = { ...ports, onceGate: new OnceGate() }
    const issued = await issueToken(alone, caller, { label, scopes, life, origin }, { key, request: key })
    if (issued.repeated) return await refuseAgain(ports, peer, issued.token.id)
    return { handed: true, token: issued.token, secret: issued.secret }
  } catch (error) {
    if (error instanceof Failure && !passing.has(error.key)) return refused(error.message)
    throw error
  }
}

/** What says nothing about the grant: it may be good the next time. */
const passing: ReadonlySet<FailureKey> = new Set(['unavailable', 'changed-meanwhile'])

async function findPerson(ports: Ports, peer: Peer, grant: HandoffGrant): Promise<SessionCaller | undefined> {
  const { accountId, sessionId } = grant
  const found = sessionId === null ? undefined : await ports.sessions.find(sessionId)
  if (sessionId !== null && (found === undefined || isSessionOver(found.session, ports.clock.now()))) return undefined
  const account = found?.account ?? (await ports.accounts.find(accountId))
  return account?.status === 'active' ? { type: 'session', account, sessionId, peer } : undefined
}

async function refuseAgain(ports: Ports, peer: Peer, id: Token['id']): Promise<Handed> {
  await revokeRepeated(ports, peer, id)
  return refused('This was used before. What it gave is revoked; ask again.')
}

function refused(because: string): Handed {
  return { handed: false, because }
}

/** Notes of people who signed in may wait beside so many others. */
export const notesMax = 20_000
/** What devices ask for may wait only beside so many, so that they leave room for people. */
export const deviceNotesMax = 10_000
/** A person has so long for an answer, and a device for asking. */
export const handoffLifetimeMs = 10 * minuteMs
