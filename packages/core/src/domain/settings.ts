import type { Catalogue } from './catalogue.ts'
import { scopesInForce } from './catalogue.ts'
import { defaultPolicy, endOf, overridden, type Policy, type PolicyOverride } from './policy.ts'
import type { Token } from './token.ts'

/** What is settled for the whole deployment while it runs, as it is stored. */
export interface Settings {
  readonly policy: Policy
  /** `null` until the platform has named its scopes. */
  readonly catalogue: Catalogue | null
  /** The change that last touched them; 0 until there was one. */
  readonly changedSeq: number
}

export const initialSettings: Settings = { policy: defaultPolicy, catalogue: null, changedSeq: 0 }

/** What binds one token or one owner: the deployment's policy with what its project has otherwise, and the catalogue. */
export interface Rules {
  readonly policy: Policy
  readonly catalogue: Catalogue | null
}

export function rulesOf({ policy, catalogue }: Settings, override: PolicyOverride | undefined): Rules {
  return { policy: override === undefined ? policy : overridden(policy, override), catalogue }
}

/** A token as the rules leave it: it ends where policy ends it, and holds the scopes that count. For comparing, never for writing. */
export function inForce(token: Token, { policy, catalogue }: Rules): Token {
  return { ...token, expiresAt: endOf(token, policy), scopes: scopesInForce(catalogue, token) }
}
