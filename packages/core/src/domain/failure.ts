import type { RateStanding } from './rate.ts'
import type { Scope } from './scope.ts'

/**
 * Everything that a caller can be refused for, and what it means. The wires and the HTTP API turn a key into their own
 * shape; the key never changes its meaning.
 */
export const failures = {
  'invalid-request': 'A field of the request is wrong; `fields` says which and why.',
  'credential-required': 'The request carries no credential.',
  'credential-rejected': 'The credential is dead: unknown, revoked, expired, suspended, or its owner is disabled.',
  'address-not-allowed': 'The credential may not be used from this address.',
  'scope-missing': 'The credential lives, but lacks the scope for this operation.',
  'not-permitted': 'The caller may not do this, whatever its scopes.',
  'exceeds-caller':
    'The token asked for would be wider, longer-lived or less restricted than the credential that asks.',
  'not-found': 'There is no such thing, or the caller may not see it.',
  'already-taken': 'A name, an address or an id that must be unique is in use.',
  'changed-meanwhile': 'Somebody else changed the same thing at the same time; the race is lost and nothing was done.',
  'token-ended': 'The token is revoked or expired, and neither can be undone.',
  'rotation-used': 'There is no new secret that waits for its first use.',
  'lifetime-too-long': 'The token would live longer than the policy allows.',
  'permanent-limit-reached': 'The owner already has as many permanent tokens as the policy allows.',
  'project-archived': 'The project is archived; nothing in it can be changed.',
  'last-owner': 'The project would be left without an owner.',
  'member-limit-reached': 'The project already has as many members as it may.',
  'token-limit-reached': 'The owner already has as many tokens as the policy allows.',
  'last-administrator': 'The deployment would be left without an active administrator.',
  'last-sign-in-method': 'Nobody could sign in to the account any more.',
  'set-up-closed': 'The first administrator exists already.',
  'set-up-code-rejected': 'The set-up code is wrong or older than an hour.',
  'sign-in-failed': 'The user name and password do not match, or a provider vouches for nobody who may sign in here.',
  'password-rejected': 'The current password does not match.',
  'too-many-attempts': 'Too many failures or requests lately; `retryAfterSeconds` says when to come back.',
  'idempotency-running': 'The first request with this idempotency key is still running.',
  'idempotency-key-reused': 'This idempotency key was used for another request.',
  unavailable: 'The answer cannot be known now; `retryAfterSeconds` says when to ask again.',
} as const

export type FailureKey = keyof typeof failures

/** What is wrong with one field; `pointer` is a JSON pointer into the request (RFC 6901). */
export interface FieldFault {
  readonly pointer: string
  readonly detail: string
}

/**
 * A refusal that the caller can act on. Answers are values and never thrown; a defect is an ordinary error. `message`
 * is written for the person who gets it: what was wrong with this request and what to do next.
 */
export class Failure extends Error {
  readonly key: FailureKey
  readonly fields: readonly FieldFault[]
  readonly retryAfterSeconds: number | undefined
  /** With `too-many-attempts`: the rate limit of the token that refuses, if it was one. */
  readonly rate: RateStanding | undefined
  /** With `scope-missing`: all the scopes that it takes. */
  readonly scopesNeeded: readonly Scope[]

  constructor(
    key: FailureKey,
    message: string,
    more: {
      fields?: readonly FieldFault[]
      retryAfterSeconds?: number
      rate?: RateStanding
      scopesNeeded?: readonly Scope[]
      cause?: unknown
    } = {},
  ) {
    super(message, 'cause' in more ? { cause: more.cause } : undefined)
    this.name = 'Failure'
    this.key = key
    this.fields = more.fields ?? []
    this.retryAfterSeconds = more.retryAfterSeconds
    this.rate = more.rate
    this.scopesNeeded = more.scopesNeeded ?? []
  }
}

/** A refusal that concerns one field of the request. */
export function fieldFailure(pointer: string, detail: string): Failure {
  return new Failure('invalid-request', `${pointer.slice(1)}: ${detail}`, { fields: [{ pointer, detail }] })
}

/** What somebody gets who asks for what does not exist, or what is not theirs: the same words for both. */
export function notFound(what: 'token' | 'account' | 'project'): Failure {
  return new Failure('not-found', `There is no ${what} with this id, or it is not yours to see.`)
}
