import type { AccountId } from './id.ts'
import type { EpochMs } from './time.ts'

export const accountRoles = ['member', 'admin'] as const
export type AccountRole = (typeof accountRoles)[number]

export const accountStatuses = ['active', 'disabled'] as const
export type AccountStatus = (typeof accountStatuses)[number]

/** A person or machine that can sign in or own tokens. */
export interface Account {
  readonly id: AccountId
  /** From 1, unique, never reused; 0 until the store has given one. */
  readonly serial: number
  readonly uuid: string
  /** Unique without regard to case, among accounts that are not disabled and those that are. */
  readonly username: string
  readonly email: string | null
  readonly name: string
  readonly role: AccountRole
  readonly status: AccountStatus
  /** The platform's own id of this user; unique. */
  readonly externalId: string | null
  /** `null`: cannot sign in through single sign-on. */
  readonly identity: Identity | null
  /** argon2id in PHC format; `null`: cannot sign in with a password. */
  readonly passwordHash: string | null
  readonly createdAt: EpochMs
  /** The change that last touched this account; 0 until there was one. */
  readonly changedSeq: number
  /** Observed, outside the change log. */
  readonly lastSignInAt: EpochMs | null
}

/** Whom a provider of single sign-on vouches for: both parts together name one person for ever (OpenID Connect Core §2). */
export interface Identity {
  readonly issuer: string
  readonly subject: string
}

export function isSameIdentity(a: Identity | null, b: Identity | null): boolean {
  return a?.issuer === b?.issuer && a?.subject === b?.subject
}

export const issuerLengthMax = 512
export const usernameLengthMax = 128

/** Under which name a user name or an e-mail address is looked up and held unique: NFKC, lower case (RFC 8265 §3.3). */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}

/** What of an account a verification needs. */
export interface Owner {
  readonly accountId: AccountId
  readonly username: string
  readonly status: AccountStatus
  readonly externalId: string | null
}

export function ownerOf(account: Account): Owner {
  const { id, username, status, externalId } = account
  return { accountId: id, username, status, externalId }
}
