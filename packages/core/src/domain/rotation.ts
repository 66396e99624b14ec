import { earlier, secondMs, type EpochMs } from './time.ts'
import type { Keys } from '../ports/keys.ts'
import type { Token } from './token.ts'

/**
 * A token between two secrets. `Token.digest` is always the newest secret's; here stands what is left of the one before.
 * The first use of the new secret, or `graceSeconds` without any, begins the old one's grace of the same length. Unused
 * is what was never used, however long ago it was made: until then the rotation can be cancelled and the new secret
 * replaced, since the old one may be the only one that anybody has.
 */
export interface Rotation {
  readonly oldDigest: string
  /** When the old secret ends in any case: a renewal lengthens the life of the new one alone. */
  readonly oldExpiresAt: EpochMs | null
  readonly startedAt: EpochMs
  readonly graceSeconds: number
  readonly firstUsedAt: EpochMs | null
}

export const graceSecondsDefault = 86_400

export type RotationState = 'pending' | 'grace' | 'over'

/** From when on the old secret is refused. A first use that comes when the grace began by itself does not lengthen it. */
export function oldEndsAt({ startedAt, graceSeconds, firstUsedAt, oldExpiresAt }: Rotation): EpochMs {
  const graceStartsAt = earlier(firstUsedAt, startedAt + graceSeconds * secondMs)!
  return earlier(graceStartsAt + graceSeconds * secondMs, oldExpiresAt)!
}

export function rotationState(rotation: Rotation, now: EpochMs): RotationState {
  if (now >= oldEndsAt(rotation)) return 'over'
  const isUnused = rotation.firstUsedAt === null && now < rotation.startedAt + rotation.graceSeconds * secondMs
  return isUnused ? 'pending' : 'grace'
}

/** The rotation whose new secret was never used, as long as its old one is good: what can be replaced or taken back. */
export function unusedRotation({ rotation }: Token, now: EpochMs): Rotation | undefined {
  if (rotation === null || rotation.firstUsedAt !== null) return undefined
  return rotationState(rotation, now) === 'over' ? undefined : rotation
}

/** Which of a token's secrets was presented. */
export type SecretAge = 'newest' | 'old'

/**
 * Which of a token's secrets this string is; `undefined` when it is none of them. The old one is known for as long as
 * the token remembers the rotation, whether or not it is still accepted. Where there is an old one, both are compared
 * whatever the first comparison says.
 */
export function secretAge(keys: Pick<Keys, 'digestMatches'>, token: Token, presented: string): SecretAge | undefined {
  const isNewest = keys.digestMatches(presented, token.digest)
  const isOld = token.rotation !== null && keys.digestMatches(presented, token.rotation.oldDigest)
  if (isNewest) return 'newest'
  return isOld ? 'old' : undefined
}

/**
 * Which secret of a token as it stands now the one is that was `secret` of it as it stood before; `undefined` when it is
 * none any more. One whose digest has moved to the current master key meanwhile is told by the rotation it belongs to.
 */
export function secretAgeSince(
  keys: Pick<Keys, 'isCurrent'>,
  before: Token,
  secret: SecretAge,
  token: Token,
): SecretAge | undefined {
  const digest = digestOf(before, secret)
  if (digest === token.digest) return 'newest'
  if (digest === token.rotation?.oldDigest) return 'old'
  const mayHaveMoved = !keys.isCurrent(digest) && before.rotation?.startedAt === token.rotation?.startedAt
  return mayHaveMoved ? secret : undefined
}

export function digestOf({ digest, rotation }: Token, secret: SecretAge): string {
  return secret === 'old' && rotation !== null ? rotation.oldDigest : digest
}

/** When one of a token's secrets ends by itself: with the token, and the old one with its grace if that is earlier. */
export function secretEndsAt({ expiresAt, rotation }: Token, secret: SecretAge): EpochMs | null {
  return secret === 'old' && rotation !== null ? earlier(oldEndsAt(rotation), expiresAt) : expiresAt
}

/**
 * Whether the newest secret's first use must be noted durably before it is accepted: it begins the old one's grace, and
 * even where that began by itself, from then on the new secret can be neither replaced nor taken back.
 */
export function awaitsFirstUse(token: Token, now: EpochMs): boolean {
  return unusedRotation(token, now) !== undefined
}

/**
 * The token with a new secret. While the new one is unused, rotating again replaces it and the old one, which is the one
 * in use, stays with its time begun anew; otherwise the secret in use becomes the old one, and what was in its grace ends
 * at once.
 */
export function rotated(
  token: Token,
  digest: string,
  expiresAt: EpochMs | null,
  graceSeconds: number,
  now: EpochMs,
): Token {
  const unused = unusedRotation(token, now)
  return {
    ...token,
    digest,
    expiresAt,
    rotation: {
      oldDigest: unused?.oldDigest ?? token.digest,
      oldExpiresAt: unused === undefined ? token.expiresAt : unused.oldExpiresAt,
      startedAt: now,
      graceSeconds,
      firstUsedAt: null,
    },
  }
}
