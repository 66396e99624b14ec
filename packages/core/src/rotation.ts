import { earlier, secondMs, type EpochMs } from './time.ts'
import type { Keys } from './ports.ts'
import type { Token } from './token.ts'

/**
 * A token between two secrets. `Token.digest` is always the newest secret's; here stands what is left of the one before.
 * Until the new secret is used for the first time the rotation can be cancelled; its first use, or `graceSeconds` without
 * any, begins the old one's grace of the same length.
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
export const graceSecondsMax = 604_800

export type RotationState = 'pending' | 'grace' | 'over'

/** From when on the old secret is refused. */
export function oldEndsAt({ startedAt, graceSeconds, firstUsedAt, oldExpiresAt }: Rotation): EpochMs {
  const graceStartsAt = firstUsedAt ?? startedAt + graceSeconds * secondMs
  return earlier(graceStartsAt + graceSeconds * secondMs, oldExpiresAt)!
}

export function rotationState(rotation: Rotation, now: EpochMs): RotationState {
  if (now >= oldEndsAt(rotation)) return 'over'
  const isUnused = rotation.firstUsedAt === null && now < rotation.startedAt + rotation.graceSeconds * secondMs
  return isUnused ? 'pending' : 'grace'
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

/** When one of a token's secrets ends by itself: with the token, and the old one with its grace if that is earlier. */
export function secretEndsAt({ expiresAt, rotation }: Token, secret: SecretAge): EpochMs | null {
  return secret === 'old' && rotation !== null ? earlier(oldEndsAt(rotation), expiresAt) : expiresAt
}

/** Whether the newest secret's first use must be noted durably before it is accepted, since it begins the old one's grace. */
export function awaitsFirstUse({ rotation }: Token, now: EpochMs): boolean {
  return rotation !== null && rotation.firstUsedAt === null && rotationState(rotation, now) === 'pending'
}

/**
 * The token with a new secret. While the new one is unused, rotating again replaces it and the old one stays; otherwise
 * the secret in use becomes the old one, and what was in its grace ends at once.
 */
export function rotated(
  token: Token,
  digest: string,
  expiresAt: EpochMs | null,
  graceSeconds: number,
  now: EpochMs,
): Token {
  const pending =
    token.rotation !== null && rotationState(token.rotation, now) === 'pending' ? token.rotation : undefined
  return {
    ...token,
    digest,
    expiresAt,
    rotation: {
      oldDigest: pending?.oldDigest ?? token.digest,
      oldExpiresAt: pending === undefined ? token.expiresAt : pending.oldExpiresAt,
      startedAt: now,
      graceSeconds,
      firstUsedAt: null,
    },
  }
}
