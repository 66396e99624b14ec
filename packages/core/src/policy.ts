/** What the deployment allows of its tokens. */
export interface Policy {
  /** How long a temporary token lives when nobody says otherwise. */
  readonly temporaryLifetimeSeconds: number
  /** Permanent tokens for each account or project: permanent and not revoked; suspended ones count. */
  readonly permanentTokensMax: number
  /** Live tokens for each account or project. */
  readonly tokensPerOwnerMax: number
  /** Whether members who do not manage a project may make tokens for it. */
  readonly membersMayCreate: boolean
  /** Whether every member manages all tokens of a project, not only the own ones. */
  readonly membersManageAll: boolean
}

export const defaultPolicy: Policy = {
  temporaryLifetimeSeconds: 24 * 3_600,
  permanentTokensMax: 5,
  tokensPerOwnerMax: 1_000,
  membersMayCreate: true,
  membersManageAll: false,
}
