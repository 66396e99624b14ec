import { randomBase62, type Random } from '@chatelaine/token'

export type TokenId = `tok_${string}`
export type AccountId = `acc_${string}`
export type ProjectId = `prj_${string}`

const idLength = 16

export function newProjectId(random: Random): ProjectId {
  return `prj_${randomBase62(idLength, random)}`
}

export function newAccountId(random: Random): AccountId {
  return `acc_${randomBase62(idLength, random)}`
}

/** A version 4 UUID (RFC 9562 §5.4). */
export function newUuid(random: Random): string {
  const bytes = random(16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

const tokenIdPattern = /^tok_[0-9A-Za-z]{16}$/
const accountIdPattern = /^acc_[0-9A-Za-z]{16}$/

export function isTokenId(text: string): text is TokenId {
  return tokenIdPattern.test(text)
}

const projectIdPattern = /^prj_[0-9A-Za-z]{16}$/

export function isProjectId(text: string): text is ProjectId {
  return projectIdPattern.test(text)
}

export function isAccountId(text: string): text is AccountId {
  return accountIdPattern.test(text)
}
