/** What the deployment allows of its tokens. */
export interface Policy {
  /** How long a temporary token lives when nobody says otherwise. */
  readonly temporaryLifetimeSeconds: number
  /** Permanent tokens for each account or project: permanent and not revoked; suspended ones count. */
  readonly permanentTokensMax: number
  /** Live tokens for each account or project. */
  readonly tokensPerOwnerMax: number
}

export const defaultPolicy: Policy = {
  temporaryLifetimeSeconds: 24 * 3_600,
  permanentTokensMax: 5,
  tokensPerOwnerMax: 1_000,
}
