// `<prefix>_<kind>_<id><secret><checksum>`. The prefix alone varies in length, so every other part is found from the end.

import { base62Digits, base62Value, formatBase62, notBase62 } from './base62.ts'
import { crc32, crc32End, crc32Start, crc32Step } from './crc32.ts'

/** Whom a token speaks for, and how the token spells it. */
export const tokenKinds = { account: 'acc', project: 'prj', manager: 'mgr' } as const

/** `account` acts as the account, `project` reaches that project only, `manager` reaches only the management API. */
export type TokenKind = keyof typeof tokenKinds

/** Characters of the shortest deployment prefix. */
export const prefixLengthMin = 2
/** Characters of the longest deployment prefix. */
export const prefixLengthMax = 16
/** Characters of a kind as the token spells it. */
export const kindLength = 3
/** Characters of the id inside a token, which is a token id without its `tok_`. */
export const idLength = 16
/** Characters of the secret part: 190 bits. */
export const secretLength = 32
/** Characters of the checksum: 2^32 takes six base62 digits. */
export const checksumLength = 6
/** How many characters of the id a start shows. */
export const startIdLength = 8

const lengthAfterPrefix = 1 + kindLength + 1 + idLength + secretLength + checksumLength
/** Characters of the shortest token. */
export const tokenLengthMin = prefixLengthMin + lengthAfterPrefix
/** Characters of the longest token. */
export const tokenLengthMax = prefixLengthMax + lengthAfterPrefix

/** What a token id begins with. */
export const tokenIdLead = 'tok_'

/** Matches a whole token id, `tok_` and 16 base62. */
export const tokenIdPattern = /^tok_[0-9A-Za-z]{16}$/

/** Matches a whole deployment prefix: 2 to 16 of `[a-z0-9]`, a letter first. */
export const prefixPattern = /^[a-z][a-z0-9]{1,15}$/

/** What a token says of itself. That it says so proves nothing: only the digest does. */
export interface ParsedToken {
  readonly prefix: string
  readonly kind: TokenKind
  /** `tok_` and 16 base62: the public identifier, safe in logs. */
  readonly id: string
  /** Enough to recognise the token by, too little to use. */
  readonly start: string
}

/**
 * Whether a deployment may put this before its tokens.
 *
 * @example
 * isTokenPrefix('chl') // → true
 * isTokenPrefix('2fa') // → false
 */
export function isTokenPrefix(text: string): boolean {
  return prefixPattern.test(text)
}

/**
 * Whether this is a token of some deployment, undamaged: every part in its place and the checksum right. It refuses junk
 * and typing errors before anything is looked up, in about 170 ns and without allocating; it says nothing about whether
 * such a token exists. Any string is welcome, and none makes it throw.
 *
 * @example
 * isWellFormed('chl_acc_7Yp2mQx9Kd4RtV1b0123456789ABCDEFGHIJKLMNOPQRSTUV2HnX6Z') // → true
 * isWellFormed('chl_acc_7Yp2mQx9Kd4RtV1b0123456789ABCDEFGHIJKLMNOPQRSTVU2HnX6Z') // → false
 */
export function isWellFormed(text: string): boolean {
  const length = text.length
  if (length < tokenLengthMin || length > tokenLengthMax) return false
  const prefixLength = length - lengthAfterPrefix
  const kindAt = prefixLength + 1
  const idAt = kindAt + kindLength + 1
  const checksumAt = length - checksumLength
  if (text.charCodeAt(prefixLength) !== underscore || text.charCodeAt(idAt - 1) !== underscore) return false
  if (kindIn(text, kindAt) === undefined) return false

  // Reading a character costs more than all that is done with it, so each is read once, for its place and for the sum.
  let remainder = crc32Start
  for (let i = 0; i < prefixLength; i++) {
    const code = text.charCodeAt(i)
    if (!isLowerCase(code) && (i === 0 || !isDecimal(code))) return false
    remainder = crc32Step(remainder, code)
  }
  for (let i = prefixLength; i < idAt; i++) {
    remainder = crc32Step(remainder, text.charCodeAt(i))
  }
  for (let i = idAt; i < checksumAt; i++) {
    const code = text.charCodeAt(i)
    if (base62Value(code) === notBase62) return false
    remainder = crc32Step(remainder, code)
  }
  let checksum = 0
  for (let i = checksumAt; i < length; i++) {
    const value = base62Value(text.charCodeAt(i))
    if (value === notBase62) return false
    checksum = checksum * base62Digits.length + value
  }
  // Six digits can spell numbers of 2^32 and more. No CRC equals one, so a checksum has one spelling only.
  return checksum === crc32End(remainder)
}

/**
 * Takes a token apart, whatever deployment it belongs to.
 *
 * @returns `undefined` for everything that `isWellFormed` refuses; it never throws.
 *
 * @example
 * parseToken('chl_acc_7Yp2mQx9Kd4RtV1b0123456789ABCDEFGHIJKLMNOPQRSTUV2HnX6Z') // → { prefix: 'chl', kind: 'account', id: 'tok_7Yp2mQx9Kd4RtV1b', start: 'chl_acc_7Yp2mQx9' }
 * parseToken('Bearer chl_acc_…') // → undefined
 */
export function parseToken(text: string): ParsedToken | undefined {
  if (!isWellFormed(text)) return undefined
  const prefix = text.slice(0, text.length - lengthAfterPrefix)
  const kind = kindIn(text, prefix.length + 1)
  if (kind === undefined) return undefined
  const id = idIn(text)
  return { prefix, kind, id, start: startOf({ prefix, kind, id }) }
}

/**
 * The public identifier in a token: what may be logged of a credential that turned up where it should not.
 *
 * @returns `undefined` for everything that `isWellFormed` refuses; it never throws.
 *
 * @example
 * tokenIdOf('chl_acc_7Yp2mQx9Kd4RtV1b0123456789ABCDEFGHIJKLMNOPQRSTUV2HnX6Z') // → 'tok_7Yp2mQx9Kd4RtV1b'
 */
export function tokenIdOf(text: string): string | undefined {
  return isWellFormed(text) ? idIn(text) : undefined
}

/**
 * The beginning of a token as lists show it.
 *
 * @example
 * startOf({ prefix: 'chl', kind: 'manager', id: 'tok_7Yp2mQx9Kd4RtV1b' }) // → 'chl_mgr_7Yp2mQx9'
 */
export function startOf(token: { prefix: string; kind: TokenKind; id: string }): string {
  const shown = token.id.slice(tokenIdLead.length, tokenIdLead.length + startIdLength)
  return `${token.prefix}_${tokenKinds[token.kind]}_${shown}`
}

/** The checksum of everything before it: CRC-32 as six base62 digits, most significant first. */
export function checksumOf(unchecked: string): string {
  return formatBase62(crc32(unchecked), checksumLength)
}

const underscore = 0x5f

const kindSpellings = Object.entries(tokenKinds) as [TokenKind, string][]

function kindIn(text: string, at: number): TokenKind | undefined {
  for (const [kind, spelling] of kindSpellings) {
    if (text.startsWith(spelling, at)) return kind
  }
  return undefined
}

function idIn(token: string): string {
  const idAt = token.length - checksumLength - secretLength - idLength
  return tokenIdLead + token.slice(idAt, idAt + idLength)
}

function isLowerCase(code: number): boolean {
  return code >= 0x61 && code <= 0x7a
}

function isDecimal(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}
