// What the API says and hears. Written by tools/sdk-contract.ts from the tables of the API; change those instead.

/** What a verification can answer, and what it means, in the order in which one wins over the next. */
export const verificationCodes = {
  malformed: 'Not a token: wrong length, wrong characters or a wrong checksum.',
  unknown: 'No token of this deployment, or not one that the caller may ask about.',
  revoked: 'Revoked, for good.',
  suspended: 'Suspended; it may be resumed.',
  owner_disabled: 'The account that owns it is disabled.',
  expired: 'Its time is over.',
  not_yet_valid: 'Its time has not begun.',
  wrong_kind: 'A kind of token that was not asked for.',
  ip_not_allowed: 'Not allowed from this address, or the address was not stated.',
  wrong_project: 'It does not reach this project.',
  insufficient_scope: 'It lacks a scope that was asked for; `missing_scopes` names them.',
  uses_exceeded: 'Its uses are used up.',
  rate_limited: 'Used too often lately; `retry_after_seconds` says when to come back.',
  valid: 'Good, here and now.',
} as const

export type VerificationCode = keyof typeof verificationCodes

/** Every problem that the API answers with; docs/errors has a page for each. */
export const problemKeys = [
  'invalid-request',
  'malformed-json',
  'bad-request',
  'token-in-url',
  'conflicting-credentials',
  'credential-required',
  'credential-rejected',
  'sign-in-failed',
  'address-not-allowed',
  'scope-missing',
  'not-permitted',
  'exceeds-caller',
  'lifetime-too-long',
  'permanent-limit-reached',
  'token-limit-reached',
  'member-limit-reached',
  'set-up-code-rejected',
  'password-rejected',
  'cross-site-request',
  'not-found',
  'route-not-found',
  'method-not-allowed',
  'request-timeout',
  'already-taken',
  'changed-meanwhile',
  'token-ended',
  'rotation-used',
  'last-owner',
  'project-archived',
  'last-administrator',
  'last-sign-in-method',
  'set-up-closed',
  'idempotency-running',
  'body-too-large',
  'unsupported-media-type',
  'idempotency-key-reused',
  'too-many-attempts',
  'header-too-large',
  'internal',
  'unavailable',
] as const

/** A token as it is listed; its secret is not here. */
export interface Token {
  /** Public; safe in logs. */
  readonly id: string
  /** A number from 1, unique among tokens and never reused. */
  readonly serial: number
  /** The same token for systems that need a UUID. */
  readonly uuid: string
  /** `account` acts as the account, `project` reaches that project only, `manager` the management API only. */
  readonly kind: 'account' | 'project' | 'manager'
  /** Whose it is; null for manager tokens. */
  readonly account_id: string | null
  /** The one project that a project token reaches; null for other kinds. */
  readonly project_id: string | null
  /** What its owner calls it. */
  readonly label: string
  /** How the token begins: enough to recognise it, too little to use it. */
  readonly start: string
  /** The strongest of what holds: revoked, expired, suspended, active. */
  readonly status: 'active' | 'suspended' | 'expired' | 'revoked'
  /** False while suspended. */
  readonly is_active: boolean
  /** True when it never expires. */
  readonly permanent: boolean
  /** What it may do, each `resource:action`, `resource:*` or `*`. */
  readonly scopes: readonly string[]
  /** From where it may be used, addresses or blocks; empty: from anywhere. */
  readonly allowed_ips: readonly string[]
  /** What its owner attached to it. */
  readonly metadata: { readonly [name: string]: unknown }
  /** When it was made. */
  readonly created_at: string
  /** The account that made it; null when no account did. */
  readonly created_by: string | null
  /** The token that made it; revoking that one revokes this one. */
  readonly parent_token_id: string | null
  /** Through which door it was made. */
  readonly origin: 'api' | 'console' | 'cli' | 'handoff' | 'neuroio' | 'cogniac' | 'cocalc' | 'sodar' | 'coscine'
  /** Refused before this instant. */
  readonly not_before: string | null
  /** Refused from this instant on; null when permanent. */
  readonly expires_at: string | null
  /** When it was first used, as far as is known. */
  readonly first_used_at: string | null
  /** When it was last used; up to a few seconds behind. */
  readonly last_used_at: string | null
  /** From where it was last used. */
  readonly last_used_ip: string | null
  /** What the last client that used it calls itself. */
  readonly last_used_client: string | null
  /** How often it was used; up to a few seconds behind. */
  readonly use_count: number
  /** When it was revoked. */
  readonly revoked_at: string | null
  /** Why it was revoked, in the words of whoever did. */
  readonly revoked_reason: string | null
  /** How often it may be verified; shared with the tokens that it makes. */
  readonly rate_limit: {
    /** How many verifications, all at once if need be. */
    readonly limit: number
    /** In how many seconds. */
    readonly window_seconds: number
  } | null
  /** How many verifications are left to hand out; null when they are not counted. */
  readonly uses_remaining: number | null
  /** Until when it may renew itself; null: not at all. */
  readonly renewable_until: string | null
  /** How far a rotation is; null when there is only one secret. */
  readonly rotation: {
    /** `pending`: the new secret was not used yet. `grace`: the old one is about to end. */
    readonly state: 'pending' | 'grace'
    /** When the new secret was made. */
    readonly started_at: string
    /** When the new secret was first used. */
    readonly first_used_at: string | null
    /** From when on the old secret is refused, as it stands now. */
    readonly old_ends_at: string
    /** When the old secret was last used in this rotation. */
    readonly old_last_used_at: string | null
    /** From where the old secret was last used. */
    readonly old_last_used_ip: string | null
  } | null
}

/** A token that was just made, with the secret for the one time. */
export interface TokenWithSecret extends Token {
  /** The whole token. It appears in this answer and never again. */
  readonly token: string
}

/** A page of tokens. */
export interface TokenList {
  /** The items of this page, in the order asked for. */
  readonly data: readonly Token[]
  /** Give it as `cursor` to get the next page; null on the last one. */
  readonly next_cursor: string | null
}

/** What may still be made. It holds for the moment: what is made meanwhile counts. */
export interface TokenAllowance {
  /** Why no token can be made here by whoever asks; null when one can. */
  readonly refusal: string | null
  /** Permanent tokens; suspended ones count. */
  readonly permanent: {
    /** How many there are; never more than the limit is told. */
    readonly in_use: number
    /** How many there may be. */
    readonly max: number
  }
  /** Tokens that are neither revoked nor expired. */
  readonly live: {
    /** How many there are; never more than the limit is told. */
    readonly in_use: number
    /** How many there may be. */
    readonly max: number
  }
  /** How long a token lives for which nobody says otherwise. */
  readonly temporary_lifetime_seconds: number
  /** How long any token lives at most; null: no bound, and permanent tokens are possible. */
  readonly longest_lifetime_seconds: number | null
}

/** What to make. Name at most one of `lifetime_seconds`, `expires_at` and `permanent`. */
export interface TokenCreate {
  /** What to call it. */
  readonly label?: string | undefined
  /** `project` where a project is named, else `account`. Managers and administrators make `manager` tokens. */
  readonly kind?: 'account' | 'project' | 'manager' | undefined
  /** Whose it will be; only managers and administrators may name another. */
  readonly account_id?: string | undefined
  /** The one project that it will reach. */
  readonly project_id?: string | undefined
  /** All that the maker may give unless said otherwise; required for manager tokens. */
  readonly scopes?: readonly string[] | undefined
  /** How long it will live. Without this, `expires_at` or `permanent` it lives 24 hours. */
  readonly lifetime_seconds?: number | undefined
  /** When it will expire. */
  readonly expires_at?: string | undefined
  /** True: it will never expire. Permanent tokens are limited in number. */
  readonly permanent?: boolean | undefined
  /** How often it may be verified; none: as often as one likes. */
  readonly rate_limit?:
    | {
        /** How many verifications, all at once if need be. */
        readonly limit: number
        /** In how many seconds. */
        readonly window_seconds: number
      }
    | undefined
  /** How many verifications it is good for. Such a token makes no others. */
  readonly uses_remaining?: number | undefined
  /** Until when it may renew itself, each time for its first lifetime. */
  readonly renewable_until?: string | undefined
  /** From when on it may be used. */
  readonly not_before?: string | undefined
  /** From where it may be used, addresses or blocks; none: from anywhere. */
  readonly allowed_ips?: readonly string[] | undefined
  /** Anything to keep with it: at most 4 KiB of JSON. Not for secrets. */
  readonly metadata?: { readonly [name: string]: unknown } | undefined
}

/** What to change; what is left out stays as it is. */
export interface TokenUpdate {
  /** What to call it. */
  readonly label?: string | undefined
  /** False suspends it, true resumes it. */
  readonly is_active?: boolean | undefined
  /** The scopes that it will have, all of them. */
  readonly scopes?: readonly string[] | undefined
  /** When it will expire; null makes it permanent. */
  readonly expires_at?: string | null | undefined
  /** From where it may be used, all of them; empty: from anywhere. */
  readonly allowed_ips?: readonly string[] | undefined
  /** How often it may be verified; null: as often as one likes. */
  readonly rate_limit?:
    | {
        /** How many verifications, all at once if need be. */
        readonly limit: number
        /** In how many seconds. */
        readonly window_seconds: number
      }
    | null
    | undefined
  /** What to keep with it, in place of what was there. */
  readonly metadata?: { readonly [name: string]: unknown } | undefined
}

/** What was revoked, and what is left to revoke. */
export interface RevokeManyAnswer {
  /** How many tokens this request revoked. */
  readonly revoked: number
  /** How many more the filters find; repeat the request until this is 0. */
  readonly remaining: number
}

/** Which token, and what it must be good for. */
export interface VerifyRequest {
  /** What was presented, as it stands. What is no token is answered `malformed`. */
  readonly token: string
  /** The scopes that it must carry, all of them. */
  readonly scopes?: readonly string[] | undefined
  /** The project that it must reach. */
  readonly project_id?: string | undefined
  /** Which kinds are welcome; account and project tokens unless said otherwise. */
  readonly kinds?: readonly ('account' | 'project' | 'manager')[] | undefined
  /** The address of whoever presented the token; needed for tokens that are restricted to addresses. */
  readonly client_ip?: string | undefined
  /** What this takes from the rate limits of the token. Left out, it is `1`. */
  readonly cost?: number | undefined
  /** What the client of whoever presented the token calls itself; its first product is kept as last client. */
  readonly user_agent?: string | undefined
  /** A place in the log that the answer must know: what has not come so far asks its database. */
  readonly at_least?: string | undefined
}

/** The token is good for what was asked. */
export interface VerifiedToken {
  readonly valid: true
  readonly code: 'valid'
  /** Which token it is. */
  readonly token_id: string
  /** What it speaks for. */
  readonly kind: 'account' | 'project' | 'manager'
  /** For whom the request speaks; null for project and manager tokens. */
  readonly account_id: string | null
  /** The platform's own id of that account. */
  readonly external_id: string | null
  /** The project that it reaches, for a project token. */
  readonly project_id: string | null
  /** What its owner calls it. */
  readonly label: string
  /** What it may do. */
  readonly scopes: readonly string[]
  /** From where it may be used; empty: from anywhere. */
  readonly allowed_ips: readonly string[]
  /** Refused before this instant. */
  readonly not_before: string | null
  /** Refused from this instant on; null when permanent. */
  readonly expires_at: string | null
  /** The earliest instant at which it ends by itself; null for never. */
  readonly valid_until: string | null
  /** Whether a verifier that follows the change log may remember this answer. */
  readonly cacheable: boolean
  /** What its owner attached to it. */
  readonly metadata: { readonly [name: string]: unknown }
  /** What is left of its tightest rate limit; null when it has none. */
  readonly rate_limit: {
    /** How much is admitted in a window. */
    readonly limit: number
    /** How long the window is. */
    readonly window_seconds: number
    /** How much is left now. */
    readonly remaining: number
    /** After how many seconds the whole limit is there again. */
    readonly reset_seconds: number
  } | null
  /** The tokens that made it, whose limits it shares. Whoever remembers this answer forgets it with them. */
  readonly ancestor_ids: readonly string[]
  /** The change up to which this answer is current. */
  readonly seq: string
}

/** The token is not good for what was asked, by a fault of its own. */
export interface RefusedToken {
  readonly valid: false
  /** `malformed`: Not a token: wrong length, wrong characters or a wrong checksum. `unknown`: No token of this deployment, or not one that the caller may ask about. `revoked`: Revoked, for good. `suspended`: Suspended; it may be resumed. `owner_disabled`: The account that owns it is disabled. `expired`: Its time is over. `not_yet_valid`: Its time has not begun. `wrong_kind`: A kind of token that was not asked for. `ip_not_allowed`: Not allowed from this address, or the address was not stated. `wrong_project`: It does not reach this project. `insufficient_scope`: It lacks a scope that was asked for; `missing_scopes` names them. `uses_exceeded`: Its uses are used up. `rate_limited`: Used too often lately; `retry_after_seconds` says when to come back. */
  readonly code:
    | 'malformed'
    | 'unknown'
    | 'revoked'
    | 'suspended'
    | 'owner_disabled'
    | 'expired'
    | 'not_yet_valid'
    | 'wrong_kind'
    | 'ip_not_allowed'
    | 'wrong_project'
    | 'insufficient_scope'
    | 'uses_exceeded'
    | 'rate_limited'
  /** Which token it is; null when `malformed` or `unknown`. */
  readonly token_id: string | null
  /** With `insufficient_scope`: the scopes that it lacks. */
  readonly missing_scopes?: readonly string[] | undefined
  /** With `rate_limited`: after how many seconds the same would be admitted, if nothing else comes. */
  readonly retry_after_seconds?: number | undefined
  /** With `rate_limited`: the limit that refused it. */
  readonly rate_limit?:
    | {
        /** How much is admitted in a window. */
        readonly limit: number
        /** How long the window is. */
        readonly window_seconds: number
        /** How much is left now. */
        readonly remaining: number
        /** After how many seconds the whole limit is there again. */
        readonly reset_seconds: number
      }
    | undefined
  /** The change up to which this answer is current. */
  readonly seq: string
}

/** Whether the token is good here and now, and why not. `code` says which. */
export type VerifyAnswer = VerifiedToken | RefusedToken

/** Several questions at once. */
export interface VerifyBatch {
  /** Each as it would be asked alone. */
  readonly tokens: readonly VerifyRequest[]
}

/** The answers, in the order of the questions. */
export interface VerifyBatchAnswer {
  /** One answer for each question, in the same order. */
  readonly results: readonly VerifyAnswer[]
}

/** Tokens that leaked. Holding a token is the right to revoke it. */
export interface RevokeLeaked {
  /** Whole tokens that were found where they should not be. What is no token is passed over. */
  readonly tokens: readonly string[]
}

/** A person or machine that can sign in or own tokens. */
export interface Account {
  /** Public; safe in logs. */
  readonly id: string
  /** A number from 1, unique among accounts and never reused. */
  readonly serial: number
  /** The same account for systems that need a UUID. */
  readonly uuid: string
  /** What the person or machine signs in as; unique without regard to case. */
  readonly username: string
  /** Unique without regard to case. */
  readonly email: string | null
  /** What people call the person or machine. */
  readonly name: string
  /** Administrators manage all accounts and tokens. */
  readonly role: 'member' | 'admin'
  /** A disabled account cannot sign in, and its tokens are refused. */
  readonly status: 'active' | 'disabled'
  /** The platform's own id of this user; unique. */
  readonly external_id: string | null
  /** Who signs in to it through single sign-on; null: nobody. */
  readonly identity: Identity | null
  /** Whether it can sign in with a password. */
  readonly has_password: boolean
  /** When it was made. */
  readonly created_at: string
  /** When it last signed in. */
  readonly last_sign_in_at: string | null
}

/** Whom a provider of single sign-on vouches for. Unique. */
export interface Identity {
  /** The provider, by the address with which it names itself. */
  readonly issuer: string
  /** How the provider names this person, for ever. */
  readonly subject: string
}

/** A page of accounts. */
export interface AccountList {
  /** The items of this page, in the order asked for. */
  readonly data: readonly Account[]
  /** Give it as `cursor` to get the next page; null on the last one. */
  readonly next_cursor: string | null
}

/** Whom to add. Without a password the account cannot sign in with one, but may own tokens. */
export interface AccountCreate {
  /** What the person or machine signs in as; unique without regard to case. */
  readonly username: string
  /** Unique without regard to case. */
  readonly email?: string | undefined
  /** What people call the person or machine. */
  readonly name?: string | undefined
  /** Administrators manage all accounts and tokens. Left out, it is `"member"`. */
  readonly role?: 'member' | 'admin' | undefined
  /** The platform's own id of this user; unique. */
  readonly external_id?: string | undefined
  /** Who may sign in to it through single sign-on. */
  readonly identity?: Identity | undefined
  /** At least 15 characters; several words are easier to remember than signs. */
  readonly password?: string | undefined
}

/** What to change; what is left out stays as it is. */
export interface AccountUpdate {
  /** What the person or machine signs in as; unique without regard to case. */
  readonly username?: string | undefined
  /** The e-mail address; null takes it away. */
  readonly email?: string | null | undefined
  /** What people call the person or machine. */
  readonly name?: string | undefined
  /** Administrators manage all accounts and tokens. */
  readonly role?: 'member' | 'admin' | undefined
  /** `disabled` refuses its tokens and ends its sessions. */
  readonly status?: 'active' | 'disabled' | undefined
  /** The platform's own id of this user; null takes it away. */
  readonly external_id?: string | null | undefined
  /** Who signs in to it through single sign-on; null: nobody. Replacing it ends its sessions. */
  readonly identity?: Identity | null | undefined
}

/** What to change of oneself; what is left out stays as it is. */
export interface OwnAccountUpdate {
  /** The e-mail address; null takes it away. */
  readonly email?: string | null | undefined
  /** What people call the person or machine. */
  readonly name?: string | undefined
}

/** How single sign-on is connected. */
export interface IdentityConnection {
  /** A page of the provider of single sign-on; it sends the browser back here. */
  readonly location: string
}

/** The new password. */
export interface PasswordChange {
  /** Needed to change the password of oneself. */
  readonly current_password?: string | undefined
  /** At least 15 characters; several words are easier to remember than signs. */
  readonly new_password: string
  /** True: the account's tokens are revoked too. Its sessions end in any case. Left out, it is `false`. */
  readonly revoke_tokens?: boolean | undefined
}

/** A shared place with members, and tokens that reach nothing else. */
export interface Project {
  /** Public; safe in logs. */
  readonly id: string
  /** A number from 1, unique among projects and never reused. */
  readonly serial: number
  /** The same project for systems that need a UUID. */
  readonly uuid: string
  /** What people call the project. */
  readonly name: string
  /** What it is for. */
  readonly description: string
  /** An archived project has no live tokens. */
  readonly status: 'active' | 'archived'
  /** When it was made. */
  readonly created_at: string
  /** What its tokens are allowed otherwise than those of the deployment. */
  readonly policy: ProjectPolicy
}

/** A page of projects. */
export interface ProjectList {
  /** The items of this page, in the order asked for. */
  readonly data: readonly Project[]
  /** Give it as `cursor` to get the next page; null on the last one. */
  readonly next_cursor: string | null
}

/** What to make. Whoever makes it owns it, unless said otherwise. */
export interface ProjectCreate {
  /** What people call the project. */
  readonly name: string
  /** What it is for. */
  readonly description?: string | undefined
  /** Who will own it; only managers and administrators may name another than themselves. */
  readonly owner_id?: string | undefined
}

/** What to change; what is left out stays as it is. */
export interface ProjectUpdate {
  /** What people call the project. */
  readonly name?: string | undefined
  /** What it is for. */
  readonly description?: string | undefined
  /** In place of the policy that it has of its own; it takes `chatelaine.settings:write` over the whole deployment. */
  readonly policy?: ProjectPolicy | undefined
}

/** An account that belongs to a project. */
export interface Member {
  /** Who it is. */
  readonly account_id: string
  /** What it signs in as. */
  readonly username: string
  /** What people call it. */
  readonly name: string
  /** Owners and managers manage members and tokens; members see the tokens and manage those that they made. */
  readonly role: 'owner' | 'manager' | 'member'
  /** Since when. */
  readonly since: string
}

/** The members of a project. */
export interface MemberList {
  /** The items of this page, in the order asked for. */
  readonly data: readonly Member[]
  /** Give it as `cursor` to get the next page; null on the last one. */
  readonly next_cursor: string | null
}

/** Whom to add to the project, by id or by user name. */
export interface MemberCreate {
  /** Whom to add. */
  readonly account_id?: string | undefined
  /** The same, by user name. */
  readonly username?: string | undefined
  /** Owners and managers manage members and tokens; members see the tokens and manage those that they made. Left out, it is `"member"`. */
  readonly role?: 'owner' | 'manager' | 'member' | undefined
}

/** The new role. */
export interface MemberUpdate {
  /** Owners and managers manage members and tokens; members see the tokens and manage those that they made. */
  readonly role: 'owner' | 'manager' | 'member'
}

/** How to rotate. */
export interface RotateToken {
  /** How long the old secret lives on after the first use of the new one; 0 ends it at once. Left out, it is `86400`. */
  readonly grace_seconds?: number | undefined
}

/** For whom to open a portal session. Name either `account_id` or `external_id`. */
export interface PortalSessionCreate {
  /** The account whose tokens the page shows and manages. */
  readonly account_id?: string | undefined
  /** The same account by the id that the platform itself gave it. */
  readonly external_id?: string | undefined
  /** How long the session lasts; it never outlives the token that opens it. Left out, it is `900`. */
  readonly lifetime_seconds?: number | undefined
}

/** A portal session; what proves it is not here. */
export interface PortalSession {
  /** The account that it is for. */
  readonly account_id: string
  /** When it ends at the latest. */
  readonly expires_at: string
}

/** A portal session that was just opened, with what proves it for the one time. */
export interface PortalSessionWithSecret extends PortalSession {
  /** What the page sends as its bearer. It appears in this answer and never again. */
  readonly session: string
}

/** Who signs in. */
export interface SessionCreate {
  /** The user name, in any case. */
  readonly username: string
  /** The password. */
  readonly password: string
}

/** How people may sign in, besides with user name and password. */
export interface SignInMethods {
  /** Where single sign-on begins, as a path of this server; `?return_to=` takes the page to come back to. Null: there is none. */
  readonly single_sign_on: string | null
}

/** A session of the console. */
export interface SessionState {
  /** Who is signed in. */
  readonly account: Account
  /** When the session began. */
  readonly created_at: string
  /** When it ends at the latest; it ends earlier when it is not used for an hour. */
  readonly expires_at: string
}

/** The first administrator. */
export interface Setup {
  /** The code of the set-up link that the server printed. */
  readonly code: string
  /** What the person or machine signs in as; unique without regard to case. */
  readonly username: string
  /** At least 15 characters; several words are easier to remember than signs. */
  readonly password: string
  /** What people call the person or machine. */
  readonly name?: string | undefined
  /** Unique without regard to case. */
  readonly email?: string | undefined
}

/** What is allowed of tokens. Manager tokens are bound by none of it. */
export interface Policy {
  /** How long a token lives for which nobody says otherwise. */
  readonly temporary_lifetime_seconds: number
  /** How long any token lives after its creation, whatever its own expiry says; null: no bound. */
  readonly longest_lifetime_seconds: number | null
  /** Permanent tokens for each account or project; suspended ones count. */
  readonly permanent_tokens_max: number
  /** Live tokens for each account or project. */
  readonly tokens_per_owner_max: number
  /** Whether members who do not manage a project may make tokens for it. */
  readonly members_may_create: boolean
  /** Whether every member manages all tokens of a project, not only those that they made. */
  readonly members_manage_all: boolean
  /** How often all tokens of one account or project may be verified together; null: as often as they like. */
  readonly owner_rate_limit: {
    /** How many verifications, all at once if need be. */
    readonly limit: number
    /** In how many seconds. */
    readonly window_seconds: number
  } | null
  /** Whether an account that is no administrator must belong to a project to get tokens of its own. */
  readonly creation_requires_project_role: boolean
}

/** What one project has otherwise than the deployment; what is left out is as it is there. */
export interface ProjectPolicy {
  /** How long a token lives for which nobody says otherwise. */
  readonly temporary_lifetime_seconds?: number | undefined
  /** How long any token lives after its creation, whatever its own expiry says; null: no bound. */
  readonly longest_lifetime_seconds?: number | null | undefined
  /** Permanent tokens for each account or project; suspended ones count. */
  readonly permanent_tokens_max?: number | undefined
  /** Live tokens for each account or project. */
  readonly tokens_per_owner_max?: number | undefined
  /** Whether members who do not manage a project may make tokens for it. */
  readonly members_may_create?: boolean | undefined
  /** Whether every member manages all tokens of a project, not only those that they made. */
  readonly members_manage_all?: boolean | undefined
  /** How often all tokens of one account or project may be verified together; null: as often as they like. */
  readonly owner_rate_limit?:
    | {
        /** How many verifications, all at once if need be. */
        readonly limit: number
        /** In how many seconds. */
        readonly window_seconds: number
      }
    | null
    | undefined
}

/** What is settled for the whole deployment while it runs. */
export interface Settings {
  /** What is allowed of tokens. */
  readonly policy: Policy
}

/** What would be set. */
export interface SettingsPreviewRequest {
  /** What would be set; what is left out stays as it is. */
  readonly policy: {
    /** How long a token lives for which nobody says otherwise. */
    readonly temporary_lifetime_seconds?: number | undefined
    /** How long any token lives after its creation, whatever its own expiry says; null: no bound. */
    readonly longest_lifetime_seconds?: number | null | undefined
    /** Permanent tokens for each account or project; suspended ones count. */
    readonly permanent_tokens_max?: number | undefined
    /** Live tokens for each account or project. */
    readonly tokens_per_owner_max?: number | undefined
    /** Whether members who do not manage a project may make tokens for it. */
    readonly members_may_create?: boolean | undefined
    /** Whether every member manages all tokens of a project, not only those that they made. */
    readonly members_manage_all?: boolean | undefined
    /** How often all tokens of one account or project may be verified together; null: as often as they like. */
    readonly owner_rate_limit?:
      | {
          /** How many verifications, all at once if need be. */
          readonly limit: number
          /** In how many seconds. */
          readonly window_seconds: number
        }
      | null
      | undefined
    /** Whether an account that is no administrator must belong to a project to get tokens of its own. */
    readonly creation_requires_project_role?: boolean | undefined
  }
  /** The project whose own policy would be replaced, instead of the policy of the deployment. */
  readonly project_id?: string | undefined
}

/** What a change of policy would cut if it were made now. */
export interface SettingsPreview {
  /** How many tokens would be revoked before the change is answered. */
  readonly tokens_now: number
  /** How many more would end earlier than they do now. */
  readonly tokens_later: number
  /** How many accounts and projects would lose a token. */
  readonly owner_count: number
  /** The tokens, the oldest first; at most 1 000 of them. */
  readonly cuts: readonly {
    /** Which token. */
    readonly token_id: string
    /** The account that owns it; null for what a project owns. */
    readonly account_id: string | null
    /** The project that owns it; null for what an account owns. */
    readonly project_id: string | null
    /** What its owner calls it. */
    readonly label: string
    /** When it would end: at once, or when its longest lifetime is over. */
    readonly ends_at: string
    /** Which part of the policy ends it. */
    readonly because: 'longest_lifetime_seconds' | 'permanent_tokens_max' | 'tokens_per_owner_max'
  }[]
  /** Whose tokens these are; at most 1 000 owners. */
  readonly owners: readonly {
    /** The account that owns it; null for what a project owns. */
    readonly account_id: string | null
    /** The project that owns it; null for what an account owns. */
    readonly project_id: string | null
    /** How many of its tokens would be revoked at once. */
    readonly tokens_now: number
    /** How many more would end earlier. */
    readonly tokens_later: number
    /** When the first of them would end. */
    readonly first_ends_at: string
  }[]
}

/** A scope of the platform. */
export interface Scope {
  /** The scope, `resource:action`. */
  readonly name: string
  /** What it allows, for people. */
  readonly description: string
  /** Under which heading people find it. Left out, it is `""`. */
  readonly group?: string | undefined
  /** Which kinds of token may hold it. Left out, it is `["account","project"]`. */
  readonly kinds?: readonly ('account' | 'project')[] | undefined
  /** Whether people are warned before they give it. Left out, it is `false`. */
  readonly sensitive?: boolean | undefined
}

/** The catalogue, by name; empty until the platform has named its scopes. */
export interface ScopeList {
  /** The items of this page, in the order asked for. */
  readonly data: readonly Scope[]
  /** Give it as `cursor` to get the next page; null on the last one. */
  readonly next_cursor: string | null
}

/** The whole catalogue, in place of the one before. */
export interface ScopesReplace {
  /** All scopes there will be. */
  readonly scopes: readonly Scope[]
}

/** One change, as the log keeps it. */
export interface AuditEntry {
  /** Its place in the log, `<epoch>.<number>`; numbers have no gaps. */
  readonly seq: string
  /** When it happened. */
  readonly at: string
  /** Who did it, and from where. */
  readonly actor: {
    /** What sort of caller it was; `portal` a portal session, `system` the server by itself. */
    readonly type: 'token' | 'session' | 'portal' | 'operator' | 'anonymous' | 'system'
    /** The account that it spoke for. */
    readonly account_id: string | null
    /** The token that it used, or that opened its portal session. */
    readonly token_id: string | null
    /** From where the request came. */
    readonly ip: string | null
    /** What the client called itself. */
    readonly client: string | null
  }
  /** What happened, such as `token.revoked`. */
  readonly action: string
  /** `takes`: something that was accepted before may be refused afterwards. */
  readonly effect: 'takes' | 'gives' | 'none'
  /** What it was done to. */
  readonly subject: {
    /** What sort of thing it was done to. */
    readonly type: 'token' | 'account' | 'project' | 'deployment'
    /** Which one; `all` for the deployment itself. */
    readonly id: string
  }
  /** What else is worth knowing. Never a secret. */
  readonly details: { readonly [name: string]: unknown }
}

/** A page of the log, newest first. */
export interface AuditList {
  /** The items of this page, in the order asked for. */
  readonly data: readonly AuditEntry[]
  /** Give it as `cursor` to get the next page; null on the last one. */
  readonly next_cursor: string | null
}

/** JSON lines, each of which is described under docs/reference/audit-export.md, or CSV as RFC 4180 has it. */
export type AuditExport = string

/** The public halves of the keys that sign the audit log. */
export interface AuditKeys {
  /** Every key that ever signed the log. */
  readonly keys: readonly {
    /** Which master key it belongs to, as signatures name it. */
    readonly key_id: string
    /** RFC 8032. */
    readonly algorithm: 'Ed25519'
    /** The raw 32 bytes as base64. */
    readonly public_key: string
    /** The same as a JSON Web Key (RFC 8037). */
    readonly jwk: {
      readonly kty: 'OKP'
      readonly crv: 'Ed25519'
      readonly x: string
      readonly kid: string
      readonly alg: 'Ed25519'
      readonly use: 'sig'
    }
  }[]
}

/** One change: what it is about, and nothing of what it says. */
export interface ChangeEntry {
  /** Its number in the log, without gaps. */
  readonly seq: number
  /** What has changed; `all`: everything may have. */
  readonly subject_type: 'token' | 'account' | 'project' | 'all'
  /** Which one; `all` for everything. */
  readonly subject_id: string
  /** `takes`: something that was accepted before may be refused afterwards. */
  readonly effect: 'takes' | 'gives' | 'none'
}

/** What has changed, and for how long that is good enough. */
export interface ChangeFeed {
  /** Forget everything that is remembered, and go on from `position`. */
  readonly resync: boolean
  /** What follows `since`: in order, no gap, none twice. Forget what hangs on any of their subjects. */
  readonly entries: readonly ChangeEntry[]
  /** The place that is reached with these: the `since` of the next request. */
  readonly position: string
  /** For how long the verifier may answer from memory, counted from when it sent this request. */
  readonly lease_ms: number
  /** The deployment's time when this was written. */
  readonly answered_at: string
}

/** How verifications ended, hour by hour or day by day. */
export interface Usage {
  /** How long each step of the series is; hours and days are those of UTC. */
  readonly by: 'hour' | 'day'
  /** Where the first step begins. */
  readonly from: string
  /** Where the last step ends. */
  readonly until: string
  /** How many verifications there were. */
  readonly total: number
  /** How many ended with each code; codes that did not occur are left out. */
  readonly codes: { readonly [name in VerificationCode]?: number }
  /** Every step in the order of time, also those without any verification. */
  readonly series: readonly {
    /** Where the step begins. */
    readonly at: string
    /** How many verifications there were within it. */
    readonly total: number
    /** How many ended with each code, 0 included: the same codes in each step. */
    readonly codes: { readonly [name in VerificationCode]?: number }
  }[]
  /** The tokens that were verified most, the most first; at most ten. */
  readonly top_tokens: readonly {
    /** Which token it is. */
    readonly token_id: string
    /** What its owner calls it; null once only the audit log knows it. */
    readonly label: string | null
    /** What sort of token it is; null once only the audit log knows it. */
    readonly kind: 'account' | 'project' | 'manager' | null
    /** The account that owns it; null for what no account owns. */
    readonly account_id: string | null
    /** The project that owns it; null for what no project owns. */
    readonly project_id: string | null
    /** How often it was verified. */
    readonly total: number
    /** How often it was accepted. */
    readonly valid: number
  }[]
  /** From when on tokens were looked at for that: later than `from` where there were too many to look at them all. */
  readonly top_tokens_from: string
}

/** How the verifications of one token ended, hour by hour or day by day, and from where it was accepted. */
export interface TokenUsage {
  /** How long each step of the series is; hours and days are those of UTC. */
  readonly by: 'hour' | 'day'
  /** Where the first step begins. */
  readonly from: string
  /** Where the last step ends. */
  readonly until: string
  /** How many verifications there were. */
  readonly total: number
  /** How many ended with each code; codes that did not occur are left out. */
  readonly codes: { readonly [name in VerificationCode]?: number }
  /** Every step in the order of time, also those without any verification. */
  readonly series: readonly {
    /** Where the step begins. */
    readonly at: string
    /** How many verifications there were within it. */
    readonly total: number
    /** How many ended with each code, 0 included: the same codes in each step. */
    readonly codes: { readonly [name in VerificationCode]?: number }
  }[]
  /** From where the token was accepted, those with the most uses first; at most a hundred. */
  readonly addresses: readonly {
    /** The address; null stands for all uses of which it is not known. */
    readonly ip: string | null
    /** What the last client there called itself. */
    readonly client: string | null
    /** How often the token was accepted from there. */
    readonly accepted: number
    /** When it was last used there. */
    readonly last_used_at: string
    /** When the secret that a rotation is replacing was last used there; null if it was not since. */
    readonly old_last_used_at: string | null
  }[]
  /** From when on addresses are known: later than `from` where that is longer ago than they are kept, which is 7 days. */
  readonly addresses_from: string
  /** How many known addresses there were, whether or not they are in the list. */
  readonly address_count: number
  /** Whether there were more than `address_count`: of one hour, 64 addresses are told apart. */
  readonly addresses_are_more: boolean
  /** How often the token was accepted from addresses that are not in the list. */
  readonly accepted_elsewhere: number
}

/** Which token (RFC 7662 §2.1), and who presented it. */
export interface IntrospectionRequest {
  /** The whole token. What is no token of this deployment is not an error. */
  readonly token: string
  /** What the caller takes the token for. All tokens here are of one type, so it changes nothing. */
  readonly token_type_hint?: string | undefined
  /** The address of whoever presented the token; needed for tokens that are restricted to addresses. */
  readonly client_ip?: string | undefined
  /** What the client of whoever presented the token calls itself. */
  readonly user_agent?: string | undefined
  /** Which kinds are welcome, separated by spaces; `account project` unless said otherwise. */
  readonly kinds?: string | undefined
}

/** Whether the token is good, and if so, what it is (RFC 7662 §2.2). */
export type Introspection = ActiveToken | InactiveToken

/** The token is good (RFC 7662 §2.2). */
export interface ActiveToken {
  /** The token is good, here and now. */
  readonly active: true
  /** What it may do, separated by spaces. */
  readonly scope: string
  /** The user name of the account that it speaks for. */
  readonly username?: string | undefined
  /** Whoever holds it may use it (RFC 6750). */
  readonly token_type: 'Bearer'
  /** When it ends, in seconds since 1970; absent when it is permanent. */
  readonly exp?: number | undefined
  /** When it was made, in seconds since 1970. */
  readonly iat: number
  /** Before when it is refused, in seconds since 1970. */
  readonly nbf?: number | undefined
  /** The id of the account or the project that it speaks for; absent for manager tokens. */
  readonly sub?: string | undefined
  /** The public URL of the deployment that issued it. */
  readonly iss?: string | undefined
  /** The id of the token. */
  readonly jti: string
}

/** Nothing more is said about a token that is not good. */
export interface InactiveToken {
  /** It is not good here, or not for this caller to know about. */
  readonly active: false
}

/** Which token to revoke (RFC 7009 §2.1). */
export interface RevocationRequest {
  /** The whole token. What is no token of this deployment is not an error. */
  readonly token: string
  /** What the caller takes the token for. All tokens here are of one type, so it changes nothing. */
  readonly token_type_hint?: string | undefined
}

/** Which grant to exchange; the code goes with `redirect_uri` and `code_verifier`. */
export interface GrantRequest {
  /** `authorization_code`, or `urn:ietf:params:oauth:grant-type:device_code`. */
  readonly grant_type: string
  /** What the program calls itself. Public clients are not registered; people are shown this name. */
  readonly client_id: string
  /** The authorization code. */
  readonly code?: string | undefined
  /** Where the code was sent, exactly as it was asked for. */
  readonly redirect_uri?: string | undefined
  /** What the challenge was made of (RFC 7636 §4.5). */
  readonly code_verifier?: string | undefined
  /** The code that the device was given. */
  readonly device_code?: string | undefined
}

/** A token that a person agreed to (RFC 6749 §5.1). */
export interface GrantedToken {
  /** The whole token. It is not shown again. */
  readonly access_token: string
  /** Whoever holds it may use it (RFC 6750). */
  readonly token_type: 'Bearer'
  /** For how many seconds; absent when it is permanent. */
  readonly expires_in?: number | undefined
  /** What it may do, separated by spaces; perhaps less than was asked for. */
  readonly scope: string
}

/** What a device asks a person for (RFC 8628 §3.1). */
export interface DeviceAuthorizationRequest {
  /** What the program calls itself. Public clients are not registered; people are shown this name. */
  readonly client_id: string
  /** What the token is to be allowed, separated by spaces; everything when absent. */
  readonly scope?: string | undefined
  /** What the token is to be called in lists; the name of the client when absent. */
  readonly label?: string | undefined
  /** How long it is to live; as policy has it for temporary tokens when absent, and never longer than it allows. */
  readonly lifetime_seconds?: string | undefined
}

/** How a person comes to answer the device (RFC 8628 §3.2). */
export interface DeviceAuthorization {
  /** What the device itself presents. Nobody types it. */
  readonly device_code: string
  /** What the person types, in any case, with or without the hyphen. */
  readonly user_code: string
  /** Where the person goes. */
  readonly verification_uri: string
  /** The same with the code in it, for a QR code or a link. */
  readonly verification_uri_complete: string
  /** For how many seconds both codes are good. */
  readonly expires_in: number
  /** How many seconds to wait between two questions. */
  readonly interval: number
}

/** The metadata of the authorization server (RFC 8414 §2). */
export interface OAuthMetadata {
  /** The public URL of the deployment. */
  readonly issuer: string
  /** Where a program sends the browser. */
  readonly authorization_endpoint: string
  /** Where it exchanges what the browser brings back. */
  readonly token_endpoint: string
  /** Where a device without a browser begins. */
  readonly device_authorization_endpoint: string
  /** Where services ask about tokens (RFC 7662). */
  readonly introspection_endpoint: string
  /** Where whoever holds a token ends it (RFC 7009). */
  readonly revocation_endpoint: string
  /** What people read. */
  readonly service_documentation: string
  /** What the browser may be sent for. */
  readonly response_types_supported: readonly string[]
  /** How it brings that back. */
  readonly response_modes_supported: readonly string[]
  /** What is exchanged for a token. */
  readonly grant_types_supported: readonly string[]
  /** How a code is bound to who asked for it (RFC 7636). */
  readonly code_challenge_methods_supported: readonly string[]
  /** Clients are public and have no secret. */
  readonly token_endpoint_auth_methods_supported: readonly string[]
  /** The caller sends a token of its own. */
  readonly introspection_endpoint_auth_methods_supported: readonly string[]
  /** Holding the token is enough. */
  readonly revocation_endpoint_auth_methods_supported: readonly string[]
  /** Whoever is sent a code is told by whom (RFC 9207). */
  readonly authorization_response_iss_parameter_supported: true
}

/** Why the request was not carried out (RFC 6749 §5.2). */
export interface OAuthError {
  /** `invalid_request`: A parameter is missing, wrong or given twice, or the body is not a form. `invalid_client`: The caller sent no credential where one is needed, or one that is dead. `insufficient_scope`: The credential of the caller lives, but does not carry the scope that this needs. `invalid_grant`: The code is wrong, used, too old or for another request; or what was agreed to is no longer allowed. `unsupported_grant_type`: Tokens are given for authorization codes and device codes alone. `invalid_scope`: A scope is misspelled, or nobody may hold any of them. `authorization_pending`: Nobody has answered yet. Ask again after the interval. `slow_down`: The device asks too often. Wait five seconds longer each time from now on. `access_denied`: The person refused. `expired_token`: Nobody answered the device in time. Begin again. `too_many_requests`: The credential of the caller is used more often than its own rate admits, or the address asks too often; `Retry-After` says when to ask again. `server_error`: Something failed that should not. The log of the server says what. `temporarily_unavailable`: There is no answer now; `Retry-After` says when to ask again. This says nothing about any token. */
  readonly error:
    | 'invalid_request'
    | 'invalid_client'
    | 'insufficient_scope'
    | 'invalid_grant'
    | 'unsupported_grant_type'
    | 'invalid_scope'
    | 'authorization_pending'
    | 'slow_down'
    | 'access_denied'
    | 'expired_token'
    | 'too_many_requests'
    | 'server_error'
    | 'temporarily_unavailable'
  /** What was wrong with this request, and what to do next; in ASCII. */
  readonly error_description: string
}

/** Why the request was not carried out (RFC 9457). */
export interface Problem {
  /** Which problem it is: the path of the page about it, /docs/errors/<key>. */
  readonly type: string
  /** The same for every answer of this type. */
  readonly title: string
  /** The HTTP status. */
  readonly status: number
  /** What was wrong with this request, and what to do next. */
  readonly detail: string
  /** Names this one occurrence; of a mistake of the server, its log has more under this name. */
  readonly instance: string
  /** The fields that are wrong. */
  readonly errors?:
    | readonly {
        /** A JSON pointer to the field (RFC 6901), or `/` and the query parameter. */
        readonly pointer: string
        /** What is wrong with it, and what to do. */
        readonly detail: string
      }[]
    | undefined
}

/** The server can do what was asked about. */
export interface Health {
  /** Anything else is a problem. */
  readonly status: 'ok'
}

/** Metrics in the text format of Prometheus, under docs/reference/metrics.md. */
export type Metrics = string

/** A copy of everything that the operator took. */
export interface Backup {
  /** When the copy was complete. */
  readonly taken_at: string
  /** Where it was written on that machine. */
  readonly file: string
  /** Where the log ends in the copy, `<epoch>.<seq>`. */
  readonly log_position: string
}

/** What runs, and how it does. */
export interface Server {
  /** The release that runs. */
  readonly version: string
  /** This process, under a name that it has until it ends. */
  readonly instance_id: string
  /** When it began. */
  readonly started_at: string
  /** Instances or processes that answer for the same database, as this one sees them. */
  readonly instance_count: number
  /** Why no requests should be sent here; null: they may. */
  readonly unready_because: string | null
  /** Where everything is kept. */
  readonly database: {
    /** Which one it is. */
    readonly kind: 'sqlite' | 'postgresql'
    /** As it names it itself. */
    readonly version: string
    /** How large it is. */
    readonly size_bytes: number
    /** Where its file is on this machine; null: it is no file of ours. */
    readonly file: string | null
  }
  /** The journal of what was taken away, which a restore replays. */
  readonly journal: {
    /** Where it is on this machine. */
    readonly file: string
    /** How large it is. */
    readonly size_bytes: number
    /** Whether something waits that was taken away and could not be written yet; nobody is told of it. */
    readonly is_behind: boolean
  }
  /** The keys that this process read when it started, by their ids; the current one first. */
  readonly master_keys: readonly {
    /** Public; what was made under the key is marked with it. */
    readonly id: string
    /** Whether everything new is made under it. */
    readonly is_current: boolean
  }[]
  /** The last one that was made by the command; null: none. PostgreSQL is backed up with its own means, of which nothing is known here. */
  readonly last_backup: Backup | null
}

export interface ListTokensQuery {
  /** Only tokens of this account. */
  readonly account_id?: string | undefined
  /** Only tokens of this project. */
  readonly project_id?: string | undefined
  /** Only tokens of this kind. */
  readonly kind?: 'account' | 'project' | 'manager' | undefined
  /** Only permanent tokens, or only those that expire. */
  readonly permanent?: boolean | undefined
  /** Only tokens made through this door. */
  readonly origin?:
    | 'api'
    | 'console'
    | 'cli'
    | 'handoff'
    | 'neuroio'
    | 'cogniac'
    | 'cocalc'
    | 'sodar'
    | 'coscine'
    | undefined
  /** Only tokens whose label contains this, or whose start begins with it. */
  readonly q?: string | undefined
  /** Only tokens that expire before this instant. */
  readonly expires_before?: string | undefined
  /** Only tokens that were made before this instant and not used from then on; see `last_used_at`. */
  readonly unused_since?: string | undefined
  /** Only tokens that were never used; see `last_used_at`. */
  readonly never_used?: 'true' | undefined
  /** Only tokens with these statuses, separated by commas; without it `active,suspended`. */
  readonly status?: string | undefined
  /** What to sort by; with a minus the highest, newest or last comes first. */
  readonly sort?:
    | 'created_at'
    | 'label'
    | 'expires_at'
    | 'last_used_at'
    | '-created_at'
    | '-label'
    | '-expires_at'
    | '-last_used_at'
    | undefined
  /** How many items to answer with; 50 unless said otherwise. */
  readonly limit?: number | undefined
  /** Where to go on: the `next_cursor` of the page before, as it stands. */
  readonly cursor?: string | undefined
}

export interface RevokeTokensQuery {
  /** Only tokens of this account. */
  readonly account_id?: string | undefined
  /** Only tokens of this project. */
  readonly project_id?: string | undefined
  /** Only tokens of this kind. */
  readonly kind?: 'account' | 'project' | 'manager' | undefined
  /** Only permanent tokens, or only those that expire. */
  readonly permanent?: boolean | undefined
  /** Only tokens made through this door. */
  readonly origin?:
    | 'api'
    | 'console'
    | 'cli'
    | 'handoff'
    | 'neuroio'
    | 'cogniac'
    | 'cocalc'
    | 'sodar'
    | 'coscine'
    | undefined
  /** Only tokens whose label contains this, or whose start begins with it. */
  readonly q?: string | undefined
  /** Only tokens that expire before this instant. */
  readonly expires_before?: string | undefined
  /** Only tokens that were made before this instant and not used from then on; see `last_used_at`. */
  readonly unused_since?: string | undefined
  /** Only tokens that were never used; see `last_used_at`. */
  readonly never_used?: 'true' | undefined
  /** Why, for the audit log and the owner. */
  readonly reason?: string | undefined
  /** Whether the tokens that it made, and those that they made, are revoked too. */
  readonly descendants?: 'revoke' | 'keep' | undefined
  /** True: revoke nothing, only count. */
  readonly dry_run?: boolean | undefined
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
  /** True: the token that asks is revoked too, if the filters find it. */
  readonly include_self?: boolean | undefined
}

export interface GetTokenAllowanceQuery {
  /** Whose tokens; the own account unless said otherwise. */
  readonly account_id?: string | undefined
  /** The project whose tokens. */
  readonly project_id?: string | undefined
}

export interface RenewOwnTokenQuery {
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface RevokeOwnTokenQuery {
  /** Why, for the audit log and the owner. */
  readonly reason?: string | undefined
  /** Whether the tokens that it made, and those that they made, are revoked too. */
  readonly descendants?: 'revoke' | 'keep' | undefined
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface RevokePresentedTokenQuery {
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface ForwardAuthQuery {
  /** A scope that the token must carry; repeat it for each. */
  readonly scope?: readonly string[] | undefined
  /** The project that the token must reach. */
  readonly project?: string | undefined
  /** A kind that is welcome; repeat it for each. Account and project tokens unless said otherwise. */
  readonly kind?: readonly ('account' | 'project' | 'manager')[] | undefined
}

export interface RevokeLeakedTokensQuery {
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface GetTokenUsageQuery {
  /** How long each step of the series is. */
  readonly by?: 'hour' | 'day' | undefined
  /** The first step is the one that this lies in; unless said otherwise there are 24 hours, or 30 days. */
  readonly from?: string | undefined
  /** The last step is the one that ends here or goes on beyond; now by default. */
  readonly until?: string | undefined
}

export interface UpdateTokenQuery {
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface RevokeTokenQuery {
  /** Why, for the audit log and the owner. */
  readonly reason?: string | undefined
  /** Whether the tokens that it made, and those that they made, are revoked too. */
  readonly descendants?: 'revoke' | 'keep' | undefined
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface RotateTokenQuery {
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface CancelRotationQuery {
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface ListProjectsQuery {
  /** Only projects with this status. */
  readonly status?: 'active' | 'archived' | undefined
  /** Only projects whose name contains this. */
  readonly q?: string | undefined
  /** How many items to answer with; 50 unless said otherwise. */
  readonly limit?: number | undefined
  /** Where to go on: the `next_cursor` of the page before, as it stands. */
  readonly cursor?: string | undefined
}

export interface UpdateProjectQuery {
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface ArchiveProjectQuery {
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface UpdateMemberQuery {
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface RemoveMemberQuery {
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface ListAccountsQuery {
  /** Administrators manage all accounts and tokens. */
  readonly role?: 'member' | 'admin' | undefined
  /** Only accounts with this status. */
  readonly status?: 'active' | 'disabled' | undefined
  /** The platform's own id of this user; unique. */
  readonly external_id?: string | undefined
  /** Only accounts whose user name, e-mail address or name contains this. */
  readonly q?: string | undefined
  /** How many items to answer with; 50 unless said otherwise. */
  readonly limit?: number | undefined
  /** Where to go on: the `next_cursor` of the page before, as it stands. */
  readonly cursor?: string | undefined
}

export interface UpdateAccountQuery {
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface DisableAccountQuery {
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface SignOutQuery {
  /** True: every session of the account ends, on every browser. */
  readonly everywhere?: boolean | undefined
}

export interface ReplaceSettingsQuery {
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface ReplaceScopesQuery {
  /** Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended. */
  readonly wait?: 'verifiers' | undefined
}

export interface ReadChangesQuery {
  /** The place up to which everything has been applied, which acknowledges it; without it: nothing is remembered. */
  readonly since?: string | undefined
  /** Which verifier asks: random for each start of its process. */
  readonly verifier: string
  /** For how long it wants to answer from memory; 0: not at all, from now on. */
  readonly lease_ms?: number | undefined
  /** How long to wait when there is nothing new: at most a quarter of the lease, as it is without this. */
  readonly wait_ms?: number | undefined
}

export interface ListAuditEntriesQuery {
  /** Only what this account or token did. */
  readonly actor?: string | undefined
  /** Only what was done to this account, project or token. */
  readonly subject?: string | undefined
  /** Only this action, such as `token.revoked`. */
  readonly action?: string | undefined
  /** Only what happened at this instant or later. */
  readonly from?: string | undefined
  /** Only what happened before this instant. */
  readonly until?: string | undefined
  /** How many items to answer with; 50 unless said otherwise. */
  readonly limit?: number | undefined
  /** Where to go on: the `next_cursor` of the page before, as it stands. */
  readonly cursor?: string | undefined
}

export interface ExportAuditQuery {
  /** `jsonl` can be verified, `csv` cannot. */
  readonly format?: 'jsonl' | 'csv' | undefined
  /** Only what this account or token did. */
  readonly actor?: string | undefined
  /** Only what was done to this account, project or token. */
  readonly subject?: string | undefined
  /** Only this action, such as `token.revoked`. */
  readonly action?: string | undefined
  /** Only what happened at this instant or later. */
  readonly from?: string | undefined
  /** Only what happened before this instant. */
  readonly until?: string | undefined
}

export interface GetUsageQuery {
  /** How long each step of the series is. */
  readonly by?: 'hour' | 'day' | undefined
  /** The first step is the one that this lies in; unless said otherwise there are 24 hours, or 30 days. */
  readonly from?: string | undefined
  /** The last step is the one that ends here or goes on beyond; now by default. */
  readonly until?: string | undefined
  /** Only this token. Without the other two. */
  readonly token_id?: string | undefined
  /** Only the tokens of this account. */
  readonly account_id?: string | undefined
  /** Only the tokens of this project. */
  readonly project_id?: string | undefined
}

/** What each operation is asked and answers. */
export interface Operations {
  readonly createToken: { readonly body: TokenCreate; readonly answer: TokenWithSecret }
  readonly listTokens: { readonly query: ListTokensQuery; readonly answer: TokenList }
  readonly revokeTokens: { readonly query: RevokeTokensQuery; readonly answer: RevokeManyAnswer }
  readonly getTokenAllowance: { readonly query: GetTokenAllowanceQuery; readonly answer: TokenAllowance }
  readonly getOwnToken: { readonly answer: Token }
  readonly renewOwnToken: {
    readonly body: RotateToken
    readonly query: RenewOwnTokenQuery
    readonly answer: TokenWithSecret
  }
  readonly revokeOwnToken: { readonly query: RevokeOwnTokenQuery; readonly answer: undefined }
  readonly verifyToken: { readonly body: VerifyRequest; readonly answer: VerifyAnswer }
  readonly verifyTokens: { readonly body: VerifyBatch; readonly answer: VerifyBatchAnswer }
  readonly introspectToken: { readonly body: IntrospectionRequest; readonly answer: Introspection }
  readonly revokePresentedToken: {
    readonly body: RevocationRequest
    readonly query: RevokePresentedTokenQuery
    readonly answer: undefined
  }
  readonly exchangeGrant: { readonly body: GrantRequest; readonly answer: GrantedToken }
  readonly authorizeDevice: { readonly body: DeviceAuthorizationRequest; readonly answer: DeviceAuthorization }
  readonly getOAuthMetadata: { readonly answer: OAuthMetadata }
  readonly forwardAuth: { readonly query: ForwardAuthQuery; readonly answer: undefined }
  readonly revokeLeakedTokens: {
    readonly body: RevokeLeaked
    readonly query: RevokeLeakedTokensQuery
    readonly answer: undefined
  }
  readonly getToken: { readonly answer: Token }
  readonly getTokenUsage: { readonly query: GetTokenUsageQuery; readonly answer: TokenUsage }
  readonly updateToken: { readonly body: TokenUpdate; readonly query: UpdateTokenQuery; readonly answer: Token }
  readonly revokeToken: { readonly query: RevokeTokenQuery; readonly answer: undefined }
  readonly rotateToken: {
    readonly body: RotateToken
    readonly query: RotateTokenQuery
    readonly answer: TokenWithSecret
  }
  readonly cancelRotation: { readonly query: CancelRotationQuery; readonly answer: Token }
  readonly adoptToken: { readonly answer: Token }
  readonly createProject: { readonly body: ProjectCreate; readonly answer: Project }
  readonly listProjects: { readonly query: ListProjectsQuery; readonly answer: ProjectList }
  readonly getProject: { readonly answer: Project }
  readonly updateProject: { readonly body: ProjectUpdate; readonly query: UpdateProjectQuery; readonly answer: Project }
  readonly archiveProject: { readonly query: ArchiveProjectQuery; readonly answer: Project }
  readonly listMembers: { readonly answer: MemberList }
  readonly addMember: { readonly body: MemberCreate; readonly answer: Member }
  readonly updateMember: { readonly body: MemberUpdate; readonly query: UpdateMemberQuery; readonly answer: Member }
  readonly removeMember: { readonly query: RemoveMemberQuery; readonly answer: undefined }
  readonly createAccount: { readonly body: AccountCreate; readonly answer: Account }
  readonly listAccounts: { readonly query: ListAccountsQuery; readonly answer: AccountList }
  readonly getOwnAccount: { readonly answer: Account }
  readonly updateOwnAccount: { readonly body: OwnAccountUpdate; readonly answer: Account }
  readonly connectIdentity: { readonly answer: IdentityConnection }
  readonly disconnectIdentity: { readonly answer: undefined }
  readonly getAccount: { readonly answer: Account }
  readonly updateAccount: { readonly body: AccountUpdate; readonly query: UpdateAccountQuery; readonly answer: Account }
  readonly disableAccount: { readonly query: DisableAccountQuery; readonly answer: undefined }
  readonly changePassword: { readonly body: PasswordChange; readonly answer: undefined }
  readonly createPortalSession: { readonly body: PortalSessionCreate; readonly answer: PortalSessionWithSecret }
  readonly signIn: { readonly body: SessionCreate; readonly answer: SessionState }
  readonly getSignInMethods: { readonly answer: SignInMethods }
  readonly getSession: { readonly answer: SessionState }
  readonly signOut: { readonly query: SignOutQuery; readonly answer: undefined }
  readonly setUp: { readonly body: Setup; readonly answer: Account }
  readonly getSettings: { readonly answer: Settings }
  readonly replaceSettings: { readonly body: Settings; readonly query: ReplaceSettingsQuery; readonly answer: Settings }
  readonly previewSettings: { readonly body: SettingsPreviewRequest; readonly answer: SettingsPreview }
  readonly listScopes: { readonly answer: ScopeList }
  readonly replaceScopes: {
    readonly body: ScopesReplace
    readonly query: ReplaceScopesQuery
    readonly answer: ScopeList
  }
  readonly readChanges: { readonly query: ReadChangesQuery; readonly answer: ChangeFeed }
  readonly listAuditEntries: { readonly query: ListAuditEntriesQuery; readonly answer: AuditList }
  readonly exportAudit: { readonly query: ExportAuditQuery; readonly answer: AuditExport }
  readonly getAuditKeys: { readonly answer: AuditKeys }
  readonly getUsage: { readonly query: GetUsageQuery; readonly answer: Usage }
  readonly getServer: { readonly answer: Server }
  readonly getHealth: { readonly answer: Health }
  readonly getReadiness: { readonly answer: Health }
  readonly getMetrics: { readonly answer: Metrics }
  readonly getOpenApi: {
    readonly answer: {
      readonly openapi: '3.1.0'
    }
  }
}

/** Where each operation is. */
export const operations = {
  createToken: { method: 'POST', path: '/api/v1/tokens', idempotent: true },
  listTokens: { method: 'GET', path: '/api/v1/tokens' },
  revokeTokens: { method: 'DELETE', path: '/api/v1/tokens' },
  getTokenAllowance: { method: 'GET', path: '/api/v1/tokens/allowance' },
  getOwnToken: { method: 'GET', path: '/api/v1/tokens/self' },
  renewOwnToken: { method: 'POST', path: '/api/v1/tokens/self/rotate', idempotent: true },
  revokeOwnToken: { method: 'DELETE', path: '/api/v1/tokens/self' },
  verifyToken: { method: 'POST', path: '/api/v1/tokens/verify' },
  verifyTokens: { method: 'POST', path: '/api/v1/tokens/verify-batch' },
  introspectToken: { method: 'POST', path: '/oauth/introspect', sends: 'form' },
  revokePresentedToken: { method: 'POST', path: '/oauth/revoke', sends: 'form' },
  exchangeGrant: { method: 'POST', path: '/oauth/token', sends: 'form' },
  authorizeDevice: { method: 'POST', path: '/oauth/device_authorization', sends: 'form' },
  getOAuthMetadata: { method: 'GET', path: '/.well-known/oauth-authorization-server' },
  forwardAuth: { method: 'GET', path: '/auth/verify' },
  revokeLeakedTokens: { method: 'POST', path: '/api/v1/tokens/revoke-leaked' },
  getToken: { method: 'GET', path: '/api/v1/tokens/{id}' },
  getTokenUsage: { method: 'GET', path: '/api/v1/tokens/{id}/usage' },
  updateToken: { method: 'PATCH', path: '/api/v1/tokens/{id}' },
  revokeToken: { method: 'DELETE', path: '/api/v1/tokens/{id}' },
  rotateToken: { method: 'POST', path: '/api/v1/tokens/{id}/rotate', idempotent: true },
  cancelRotation: { method: 'DELETE', path: '/api/v1/tokens/{id}/rotation' },
  adoptToken: { method: 'POST', path: '/api/v1/tokens/{id}/adopt' },
  createProject: { method: 'POST', path: '/api/v1/projects', idempotent: true },
  listProjects: { method: 'GET', path: '/api/v1/projects' },
  getProject: { method: 'GET', path: '/api/v1/projects/{id}' },
  updateProject: { method: 'PATCH', path: '/api/v1/projects/{id}' },
  archiveProject: { method: 'POST', path: '/api/v1/projects/{id}/archive' },
  listMembers: { method: 'GET', path: '/api/v1/projects/{id}/members' },
  addMember: { method: 'POST', path: '/api/v1/projects/{id}/members' },
  updateMember: { method: 'PATCH', path: '/api/v1/projects/{id}/members/{account_id}' },
  removeMember: { method: 'DELETE', path: '/api/v1/projects/{id}/members/{account_id}' },
  createAccount: { method: 'POST', path: '/api/v1/accounts', idempotent: true },
  listAccounts: { method: 'GET', path: '/api/v1/accounts' },
  getOwnAccount: { method: 'GET', path: '/api/v1/accounts/me' },
  updateOwnAccount: { method: 'PATCH', path: '/api/v1/accounts/me' },
  connectIdentity: { method: 'POST', path: '/api/v1/accounts/me/identity' },
  disconnectIdentity: { method: 'DELETE', path: '/api/v1/accounts/me/identity' },
  getAccount: { method: 'GET', path: '/api/v1/accounts/{id}' },
  updateAccount: { method: 'PATCH', path: '/api/v1/accounts/{id}' },
  disableAccount: { method: 'DELETE', path: '/api/v1/accounts/{id}' },
  changePassword: { method: 'PUT', path: '/api/v1/accounts/{id}/password' },
  createPortalSession: { method: 'POST', path: '/api/v1/portal-sessions', idempotent: true },
  signIn: { method: 'POST', path: '/api/v1/session' },
  getSignInMethods: { method: 'GET', path: '/api/v1/session/methods' },
  getSession: { method: 'GET', path: '/api/v1/session' },
  signOut: { method: 'DELETE', path: '/api/v1/session' },
  setUp: { method: 'POST', path: '/api/v1/setup' },
  getSettings: { method: 'GET', path: '/api/v1/settings' },
  replaceSettings: { method: 'PUT', path: '/api/v1/settings' },
  previewSettings: { method: 'POST', path: '/api/v1/settings/preview' },
  listScopes: { method: 'GET', path: '/api/v1/scopes' },
  replaceScopes: { method: 'PUT', path: '/api/v1/scopes' },
  readChanges: { method: 'GET', path: '/api/v1/changes' },
  listAuditEntries: { method: 'GET', path: '/api/v1/audit' },
  exportAudit: { method: 'GET', path: '/api/v1/audit/export', answers: 'text' },
  getAuditKeys: { method: 'GET', path: '/.well-known/chatelaine-audit-key' },
  getUsage: { method: 'GET', path: '/api/v1/usage' },
  getServer: { method: 'GET', path: '/api/v1/server' },
  getHealth: { method: 'GET', path: '/healthz' },
  getReadiness: { method: 'GET', path: '/readyz' },
  getMetrics: { method: 'GET', path: '/metrics', answers: 'text' },
  getOpenApi: { method: 'GET', path: '/openapi.json' },
} as const
