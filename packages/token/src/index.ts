// The token as a string: what it looks like, how one is made, how one is recognised. It runs anywhere, browsers included.
// The server's half, which needs the master key and Node, is `@chatelaine/token/keys`. The format: spec/token-format.md.

export { randomBase62, type Random } from './base62.ts'
export {
  checksumLength,
  idLength,
  isTokenPrefix,
  isWellFormed,
  kindLength,
  parseToken,
  prefixLengthMax,
  prefixLengthMin,
  prefixPattern,
  secretLength,
  startIdLength,
  startOf,
  tokenIdLead,
  tokenIdOf,
  tokenIdPattern,
  tokenKinds,
  tokenLengthMax,
  tokenLengthMin,
  type ParsedToken,
  type TokenKind,
} from './format.ts'
export { generateSecret, generateToken, type GeneratedToken } from './generate.ts'
export { Secret } from './secret.ts'
