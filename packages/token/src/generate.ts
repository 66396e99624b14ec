import { randomBase62, type Random } from './base62.ts'
import {
  checksumOf,
  idLength,
  isTokenPrefix,
  secretLength,
  startOf,
  tokenIdLead,
  tokenKinds,
  type TokenKind,
} from './format.ts'
import { Secret } from './secret.ts'

/** A new token, before anyone has stored it. */
export interface GeneratedToken {
  /** `tok_` and 16 base62: the public identifier, safe in logs. */
  readonly id: string
  /** Enough to recognise the token by, too little to use. */
  readonly start: string
  /** The whole credential. Nothing can give it a second time. */
  readonly token: Secret
}

/**
 * Makes a token with 190 bits of secret. Nothing is stored: keep its digest, and give the token away once.
 *
 * @param random the system's generator: whoever can guess it can guess the token
 * @throws RangeError when the prefix is not one that `isTokenPrefix` accepts, since nobody could ever use such a token
 */
export function generateToken(spec: { prefix: string; kind: TokenKind }, random: Random): GeneratedToken {
  return generateSecret({ ...spec, id: tokenIdLead + randomBase62(idLength, random) }, random)
}

/**
 * Makes a new secret for a token that exists, under the same id.
 *
 * @throws RangeError like `generateToken`
 */
export function generateSecret(
  { prefix, kind, id }: { prefix: string; kind: TokenKind; id: string },
  random: Random,
): GeneratedToken {
  if (!isTokenPrefix(prefix)) throw new RangeError('A token prefix is 2 to 16 of a-z and 0-9, a letter first.')
  const unchecked = `${prefix}_${tokenKinds[kind]}_${id.slice(tokenIdLead.length)}${randomBase62(secretLength, random)}`
  return { id, start: startOf({ prefix, kind, id }), token: new Secret(unchecked + checksumOf(unchecked)) }
}
