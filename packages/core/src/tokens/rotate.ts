import { generateSecret, type Secret } from '@chatelaine/token'
import { callerInForce, readRules } from '../access/rules.ts'
import { callerGuards } from '../log/guards.ts'
import { authorise } from '../access/authorise.ts'
import { actorOf, type Actor, type Caller, type Peer } from '../domain/caller.ts'
import type { Action, Change, Effect, Guard } from '../log/change.ts'
import { commit, settle, writtenToken, type Conflict } from '../log/commit.ts'
import { Failure, notFound } from '../domain/failure.ts'
import { requireNoGrowth } from '../access/grow.ts'
import type { TokenId } from '../domain/id.ts'
import { limitsFor, requireCoherent } from './issue.ts'
import { makeOnce, onceOf, requireSameRequest, type OnceAsk } from '../log/once.ts'
import { boundOf } from '../domain/policy.ts'
import type { Ports } from '../ports.ts'
import { graceSecondsDefault, oldEndsAt, rotated, rotationState, unusedRotation } from '../domain/rotation.ts'
import { inForce } from '../domain/settings.ts'
import { findToManage, findToSee } from '../access/token-access.ts'
import { earlier, formatInstant, type EpochMs } from '../domain/time.ts'
import { requireNotEnded, type Token } from '../domain/token.ts'

export type Rotated =
  /** The one time that the new secret is there. */
  | { readonly repeated: false; readonly token: Token; readonly secret: Secret }
  /** The same idempotency key rotated it before; the secret was shown then. */
  | { readonly repeated: true; readonly token: Token }

/**
 * Gives a token a new secret under the same id. The old one lives on until the new one has been used and `graceSeconds`
 * have passed since.
 * @throws `scope-missing`, `not-found`, `not-permitted`, `exceeds-caller`, `token-ended`, `idempotency-running`,
 *   `idempotency-key-reused`; `changed-meanwhile` for all but one of several at once.
 */
export async function rotateToken(
  ports: Ports,
  caller: Caller,
  id: TokenId,
  graceSeconds = graceSecondsDefault,
  once?: OnceAsk,
): Promise<Rotated> {
  authorise(caller, 'tokens.write')
  return rotateOnce(ports, caller, once, async (current) => {
    const { token: before, guards } = await findToManage(ports, authorise(current, 'tokens.write'), id)
    return { before, guards, expiresAt: before.expiresAt, graceSeconds, isRenewal: false, now: ports.clock.now() }
  })
}

/**
 * The token that asks renews itself: a new secret, and its first lifetime once more, but never beyond `renewableUntil`.
 * It needs no scope for that. While the new secret was never used, the old one may ask again: then the answer with the
 * new one was lost, and without this the token would be.
 * @throws `not-permitted` for a token that may not renew itself, `token-ended`, and like `rotateToken`.
 */
export async function renewSelf(
  ports: Ports,
  caller: Caller,
  graceSeconds = graceSecondsDefault,
  once?: OnceAsk,
): Promise<Rotated> {
  return rotateOnce(ports, caller, once, async (current) => {
    if (current.type !== 'token') {
      throw new Failure('not-permitted', 'This renews the token that asks. Send the request with a token.')
    }
    const before = await findToSee(ports, { whole: true }, current.token.id)
    const now = ports.clock.now()
    // Which secret is the old one may have changed since the caller was read; then its guard makes this conflict.
    if (current.secret === 'old' && unusedRotation(before, now) === undefined) {
      throw new Failure('not-permitted', 'This secret was replaced and ends soon. Renew the token with its new secret.')
    }
    if (before.renewableUntil === null || before.firstLifetimeMs === null) {
      throw new Failure('not-permitted', 'This token may not renew itself: it was made without renewable_until.')
    }
    if (before.renewableUntil <= now) {
      throw new Failure('not-permitted', 'This token may renew itself no more. Make a new one before it expires.')
    }
    const { policy } = await readRules(ports, before.projectId)
    const renewed = earlier(now + before.firstLifetimeMs, boundOf(before, policy))
    const expiresAt = earlier(renewed, before.renewableUntil)
    return { before, guards: [], expiresAt, graceSeconds, isRenewal: true, now }
  })
}

interface Rotating {
  readonly before: Token
  /** What must not change meanwhile, or the caller has lost the right to rotate it. */
  readonly guards: readonly Guard[]
  readonly expiresAt: EpochMs | null
  readonly graceSeconds: number
  /** Renewing is bounded by `renewableUntil` alone, so the nearer end of an old secret that asks does not bound it. */
  readonly isRenewal: boolean
  /** One instant for what is checked and what is written, so that no old secret ends between the two. */
  readonly now: EpochMs
}

async function rotateOnce(
  ports: Ports,
  caller: Caller,
  once: OnceAsk | undefined,
  find: (caller: Caller) => Promise<Rotating>,
): Promise<Rotated> {
  const make = async (): Promise<Rotated> => {
    const result = await tryToRotate(ports, caller, await find(caller), once)
    if (!('outcome' in result)) return result
    throw new Failure('changed-meanwhile', 'Somebody else changed or rotated this token at the same time. Look first.')
  }
  const again = async (id: string): Promise<Rotated> => ({ repeated: true, token: await readRotated(ports, id) })
  return makeOnce(ports, caller, once, make, again)
}

async function tryToRotate(
  ports: Ports,
  caller: Caller,
  { before, guards, expiresAt, graceSeconds, isRenewal, now }: Rotating,
  once: OnceAsk | undefined,
): Promise<Rotated | Conflict> {
  const rules = await readRules(ports, before.projectId)
  requireNotEnded(inForce(before, rules), now)
  const { token: secret } = generateSecret(
    { prefix: ports.tokenPrefix, kind: before.kind, id: before.id },
    ports.random,
  )
  const after = rotated(before, ports.keys.digest(secret.reveal()), expiresAt, graceSeconds, now)
  requireCoherent(after, now)
  if (!isRenewal && !isItself(caller, before)) {
    requireNoGrowth(await callerInForce(ports, caller), inForce(after, rules))
  }
  const endsOne = graceSeconds === 0 || (before.rotation !== null && rotationState(before.rotation, now) !== 'over')
  const change: Change = {
    ...rotation(after, actorOf(caller), 'token.rotated', endsOne ? 'takes' : 'gives', now),
    details: { grace_seconds: graceSeconds, old_ends_at: formatInstant(oldEndsAt(after.rotation!)) },
    write: { put: 'token', token: after, ...limitsFor(after, rules.policy) },
    guards: [...callerGuards(caller), ...guards, ...rules.guards],
  }
  const outcome = await commit(ports, [change], once && onceOf(ports, caller, once, now))
  if (outcome.outcome === 'conflict') return outcome
  if (outcome.outcome === 'repeated') {
    if (once !== undefined) requireSameRequest(ports, outcome.first, once)
    return { repeated: true, token: await readRotated(ports, outcome.first.subjectId) }
  }
  return { repeated: false, token: writtenToken(outcome), secret }
}

/** What may renew itself is bounded by `renewableUntil`, which was no more than its maker could give. */
function isItself(caller: Caller, token: Token): boolean {
  const isNewest = caller.type === 'token' && caller.secret === 'newest'
  return isNewest && caller.token.id === token.id && token.renewableUntil !== null
}

async function readRotated(ports: Ports, id: string): Promise<Token> {
  const token = await ports.tokens.find(id as TokenId)
  if (token === undefined) throw notFound('token')
  // What the first request took away is said to be so only where it holds everywhere.
  await ports.freshness.reach(token.changedSeq)
  return token
}

/**
 * Takes back the new secret while it is unused and the old one has not ended; the old one goes on as before.
 * @throws `not-found`, `not-permitted`, `token-ended`, `rotation-used` when there is nothing left to take back.
 */
export async function cancelRotation(ports: Ports, caller: Caller, id: TokenId): Promise<Token> {
  return settle(ports, caller, async (current) => {
    const { token: before, guards } = await findToManage(ports, authorise(current, 'tokens.write'), id)
    const now = ports.clock.now()
    const rules = await readRules(ports, before.projectId)
    requireNotEnded(inForce(before, rules), now)
    const unused = unusedRotation(before, now)
    if (unused === undefined) {
      throw new Failure(
        'rotation-used',
        'No new secret of this token waits for its first use. Rotate it again instead.',
      )
    }
    const { oldDigest, oldExpiresAt } = unused
    const after: Token = { ...before, digest: oldDigest, expiresAt: oldExpiresAt, rotation: null }
    requireCoherent(after, now)
    requireNoGrowth(await callerInForce(ports, current), inForce(after, rules))
    const change: Change = {
      ...rotation(after, actorOf(current), 'token.rotation_cancelled', 'takes', now),
      guards: [...callerGuards(current), ...guards, ...rules.guards],
    }
    const outcome = await commit(ports, [change])
    return outcome.outcome === 'conflict' ? outcome : writtenToken(outcome)
  })
}

/**
 * Notes durably that the new secret of a rotation is used for the first time, which begins the old one's grace unless
 * that began by itself. When somebody else was first, or the token changed, nothing is written: the caller reads the
 * token again.
 * @param peer from where the token was presented, as far as whoever verifies it says so
 */
export async function noteFirstUse(ports: Ports, token: Token, peer: Peer): Promise<void> {
  if (token.rotation === null) return
  const now = ports.clock.now()
  const after: Token = { ...token, rotation: { ...token.rotation, firstUsedAt: now } }
  await commit(ports, [rotation(after, actorOfToken(token, peer), 'token.rotation_used', 'takes', now)])
}

function rotation(after: Token, actor: Actor, action: Action, effect: Effect, at: EpochMs): Change {
  return {
    at,
    actor,
    action,
    effect,
    subject: { type: 'token', id: after.id },
    details: {},
    write: { put: 'token', token: after },
    guards: [],
  }
}

/** Whoever presents a token to a verifier acts through it. */
function actorOfToken({ id, accountId }: Token, { ip, client }: Peer): Actor {
  return { type: 'token', accountId, tokenId: id, ip, client }
}
