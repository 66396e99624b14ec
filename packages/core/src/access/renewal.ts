import type { Caller, TokenCaller } from '../domain/caller.ts'
import type { Ports } from '../ports.ts'
import type { Policy } from '../domain/policy.ts'
import { isLater, secondMs, type EpochMs } from '../domain/time.ts'
import { ancestorsMax, type Origin, type Token } from '../domain/token.ts'

/** What a renewal is measured by. */
export interface Renewal {
  /** The door that keeps this habit: only what was made there counts as made by signing in. */
  readonly origin: Origin
  readonly policy: Policy
  readonly now: EpochMs
}

/**
 * The one exception to the rule that nothing grows, for clients that rotate by making new tokens: whoever asks, with the
 * life that what they make or resume is measured by. A temporary token may give others of its own kind and owner the
 * policy's temporary lifetime, counted from now; and one that a person got by signing in at this door, or that only
 * renewals lead to from there, gives what that person could. Everything else of the caller still bounds what it makes.
 *
 * An old secret in its grace renews nothing: whoever rotated has the new one.
 */
export async function callerRenewing(
  ports: Ports,
  caller: Caller,
  result: Pick<Token, 'kind' | 'accountId' | 'projectId'>,
  { origin, policy, now }: Renewal,
): Promise<Caller> {
  if (caller.type !== 'token' || caller.token.expiresAt === null || caller.secret === 'old') return caller
  if (await countsAsPerson(ports, caller.token, origin)) return livingUntil(caller, null)
  const { kind, accountId, projectId } = caller.token
  const isOwn = kind === result.kind && accountId === result.accountId && projectId === result.projectId
  const renewedUntil = now + policy.temporaryLifetimeSeconds * secondMs
  return isOwn && isLater(renewedUntil, caller.token.expiresAt) ? livingUntil(caller, renewedUntil) : caller
}

function livingUntil(caller: TokenCaller, expiresAt: EpochMs | null): Caller {
  return { ...caller, token: { ...caller.token, expiresAt } }
}

/** Whether temporary tokens of one account and one door lead up to one that no token made, so that a person did. */
async function countsAsPerson(ports: Ports, token: Token, origin: Origin): Promise<boolean> {
  let link: Token | undefined = token
  for (let generation = 0; link !== undefined && generation <= ancestorsMax; generation += 1) {
    const { kind, expiresAt, parentTokenId }: Token = link
    if (kind !== 'account' || expiresAt === null || link.origin !== origin) return false
    if (parentTokenId === null) return true
    link = await ports.tokens.find(parentTokenId)
  }
  return false
}
