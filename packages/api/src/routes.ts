import { z } from 'zod'
import { batchBodyBytesMax, bodyBytesMax } from './bounds.ts'
import { accountId, projectId, tokenId } from './fields.ts'
import type { HeaderName } from './headers.ts'
import { oauthErrors, type OAuthErrorCode } from './oauth-errors.ts'
import { problems, type ProblemKey } from './problems.ts'
import { queries, schemas } from './schemas.ts'

/** One operation of the API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** From the root; `{id}` is a parameter. */
  readonly path: `/${string}`
  readonly tag: Tag
  readonly summary: string
  readonly description: string
  /**
   * `optional`: it answers anyone, but may say more or act differently for whoever shows a credential. `subject`: the
   * credential is needed, and it is what the request asks about; nobody is authenticated by it.
   */
  readonly credential: 'required' | 'none' | 'optional' | 'subject'
  /** A path whose parameters do not fit names nothing, so it is answered `not-found`. */
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  /**
   * Whether an empty value in the query is a fault. Elsewhere it means absent; but where leaving something out asks for
   * less or reaches further, a variable that nobody has set must not open a service or widen what is revoked.
   */
  readonly refusesEmpty?: true
  readonly body?: z.ZodType
  readonly bodyBytesMax?: number
  /** Whether `Idempotency-Key` is heeded. A repeated request is answered 200 without the secret. */
  readonly idempotent?: true
  /** Whether `?wait=verifiers` is heeded: it may take something away that verifiers elsewhere remember. */
  readonly waitable?: true
  /** It waits for something to happen, so that how long it took says nothing. */
  readonly longPoll?: true
  readonly responses: { readonly [status: number]: RouteResponse }
  /** The body is a form, and refusals are `oauthErrors` instead of problems, as OAuth 2.0 has both (RFC 6749 §5.2). */
  readonly shape?: 'oauth'
  /** What this operation alone may answer; `problemsOf` adds what follows from the rest. */
  readonly problems: readonly ProblemKey[]
  /** The same of `oauthErrors`, for which `oauthErrorsOf` adds what follows. */
  readonly oauthErrors?: readonly OAuthErrorCode[]
}

export interface RouteResponse {
  /** `null`: no body. */
  readonly schema: z.ZodType | null
  readonly description: string
  /** What it says in headers. */
  readonly headers?: readonly HeaderName[]
  /** What the body may be, where it is not JSON. */
  readonly contentTypes?: readonly string[]
}

export const tags = {
  tokens: 'Issue, list, change and revoke tokens.',
  verification: 'Ask whether a presented token is good.',
  accounts: 'The people and machines that own tokens.',
  projects: 'Shared places, their members, and what happens to their tokens.',
  session: 'Sign in and out of the console.',
  portal: 'Let a page of the platform show and manage the tokens of one person.',
  usage: 'How often tokens were verified, and how that ended.',
  settings: 'What is allowed of tokens, and which scopes there are.',
  audit: 'What happened, who did it, and from where.',
  server: 'The server itself.',
} as const

export type Tag = keyof typeof tags

const tokenParams = z.strictObject({ id: tokenId.describe('The id of the token.') })
const projectParams = z.strictObject({ id: projectId.describe('The id of the project.') })
const memberParams = projectParams.extend({ account_id: accountId.describe('The id of the account.') })
const accountParams = z.strictObject({ id: accountId.describe('The id of the account.') })

const small = { bodyBytesMax } as const
const batch = { bodyBytesMax: batchBodyBytesMax } as const

/** Every operation. Among paths that both fit a request, the one with the literal segment comes first. */
export const routes = {
  createToken: {
    method: 'POST',
    path: '/api/v1/tokens',
    tag: 'tokens',
    summary: 'Create a token',
    description: 'The answer holds the secret, for the one time. A credential gives no more than it has itself.',
    credential: 'required',
    body: schemas.TokenCreate,
    ...small,
    idempotent: true,
    responses: {
      201: { schema: schemas.TokenWithSecret, description: 'The token, with its secret for the one time.' },
      200: { schema: schemas.Token, description: 'The same request came before; the token, without its secret.' },
    },
    problems: [
      'exceeds-caller',
      'lifetime-too-long',
      'permanent-limit-reached',
      'token-limit-reached',
      'not-found',
      'changed-meanwhile',
      'project-archived',
    ],
  },
  listTokens: {
    method: 'GET',
    path: '/api/v1/tokens',
    tag: 'tokens',
    summary: 'List tokens',
    description: 'Managers and administrators see those of the whole deployment, everybody else their own.',
    credential: 'required',
    query: queries.TokenListQuery,
    responses: { 200: { schema: schemas.TokenList, description: 'A page of tokens.' } },
    problems: ['not-found'],
  },
  revokeTokens: {
    method: 'DELETE',
    path: '/api/v1/tokens',
    tag: 'tokens',
    summary: 'Revoke many tokens',
    description:
      'Revokes what the filters find, in batches: repeat the request until `remaining` is 0. At least one filter is needed.',
    credential: 'required',
    query: queries.RevokeManyQuery,
    refusesEmpty: true,
    waitable: true,
    responses: { 200: { schema: schemas.RevokeManyAnswer, description: 'How many were revoked; all are dead now.' } },
    problems: ['not-found', 'changed-meanwhile'],
  },
  getTokenAllowance: {
    method: 'GET',
    path: '/api/v1/tokens/allowance',
    tag: 'tokens',
    summary: 'What may still be made',
    description: 'What policy allows of the tokens of an account or a project, and how much of it is in use.',
    credential: 'required',
    query: queries.TokenAllowanceQuery,
    responses: { 200: { schema: schemas.TokenAllowance, description: 'The limits, and what counts against them.' } },
    problems: ['not-found'],
  },
  getOwnToken: {
    method: 'GET',
    path: '/api/v1/tokens/self',
    tag: 'tokens',
    summary: 'Show the token that asks',
    description: 'What this credential is and may do. It needs no scope.',
    credential: 'required',
    responses: { 200: { schema: schemas.Token, description: 'The token.' } },
    problems: [],
  },
  renewOwnToken: {
    method: 'POST',
    path: '/api/v1/tokens/self/rotate',
    tag: 'tokens',
    summary: 'Renew the token that asks',
    description:
      'A new secret, and the first lifetime once more, never beyond `renewable_until`. The old secret lives through the grace. It needs no scope.',
    credential: 'required',
    query: queries.WaitQuery,
    waitable: true,
    body: schemas.RotateToken,
    ...small,
    idempotent: true,
    responses: {
      201: { schema: schemas.TokenWithSecret, description: 'The token, with its new secret for the one time.' },
      200: { schema: schemas.Token, description: 'The same request came before; the token, without its secret.' },
    },
    problems: ['not-permitted', 'token-ended', 'changed-meanwhile'],
  },
  revokeOwnToken: {
    method: 'DELETE',
    path: '/api/v1/tokens/self',
    tag: 'tokens',
    summary: 'Revoke the token that asks',
    description: 'It needs no scope. Once this is answered the token is dead everywhere.',
    credential: 'required',
    query: queries.RevokeQuery,
    waitable: true,
    responses: { 204: { schema: null, description: 'It is revoked.' } },
    problems: ['changed-meanwhile'],
  },
  verifyToken: {
    method: 'POST',
    path: '/api/v1/tokens/verify',
    tag: 'verification',
    summary: 'Verify a token',
    description:
      'Whether a presented token is good for what is asked. Always 200 when the question was understood; `code` says the rest.',
    credential: 'required',
    body: schemas.VerifyRequest,
    ...small,
    responses: { 200: { schema: schemas.VerifyAnswer, description: 'Whether it is good, and why not.' } },
    problems: [],
  },
  verifyTokens: {
    method: 'POST',
    path: '/api/v1/tokens/verify-batch',
    tag: 'verification',
    summary: 'Verify up to 100 tokens',
    description: 'Each is answered as it would be alone, in the same order.',
    credential: 'required',
    body: schemas.VerifyBatch,
    ...batch,
    responses: { 200: { schema: schemas.VerifyBatchAnswer, description: 'One answer for each question.' } },
    problems: [],
  },
  introspectToken: {
    method: 'POST',
    path: '/oauth/introspect',
    tag: 'verification',
    summary: 'Introspect a token',
    description:
      'Verification as RFC 7662 has it. The caller sends its own token in the Authorization header; of tokens that it may not ask about it hears that they are not active.',
    credential: 'required',
    shape: 'oauth',
    body: schemas.IntrospectionRequest,
    ...small,
    responses: { 200: { schema: schemas.Introspection, description: 'Whether it is good, and what it is.' } },
    problems: [],
  },
  revokePresentedToken: {
    method: 'POST',
    path: '/oauth/revoke',
    tag: 'tokens',
    summary: 'Revoke a token that one holds',
    description:
      'Revocation as RFC 7009 has it. Holding the token is the right to revoke it; a caller that sends its own token besides is named in the audit log. Once this is answered the token is dead everywhere.',
    credential: 'optional',
    shape: 'oauth',
    query: queries.WaitQuery,
    waitable: true,
    body: schemas.RevocationRequest,
    ...small,
    responses: { 200: { schema: null, description: 'It is dead now, if it was a token of this deployment.' } },
    problems: [],
  },
  exchangeGrant: {
    method: 'POST',
    path: '/oauth/token',
    tag: 'tokens',
    summary: 'Exchange a code for a token',
    description:
      'The end of signing in from a program: an authorization code with its PKCE verifier (RFC 6749 §4.1.3, RFC 7636), or a device code (RFC 8628 §3.4). The answer holds the token, for the one time. A code that comes twice gives nothing, and what it gave is revoked.',
    credential: 'none',
    shape: 'oauth',
    body: schemas.GrantRequest,
    ...small,
    responses: { 200: { schema: schemas.GrantedToken, description: 'The token, for the one time.' } },
    problems: [],
    oauthErrors: [
      'invalid_grant',
      'unsupported_grant_type',
      'authorization_pending',
      'slow_down',
      'access_denied',
      'expired_token',
    ],
  },
  authorizeDevice: {
    method: 'POST',
    path: '/oauth/device_authorization',
    tag: 'tokens',
    summary: 'Begin to sign in on a device without a browser',
    description:
      'Gives the device a code of its own, and a short one that a person types at `verification_uri` on any other device (RFC 8628 §3.1).',
    credential: 'none',
    shape: 'oauth',
    body: schemas.DeviceAuthorizationRequest,
    ...small,
    responses: { 200: { schema: schemas.DeviceAuthorization, description: 'The codes, and where the person goes.' } },
    problems: [],
    oauthErrors: ['invalid_scope', 'too_many_requests'],
  },
  getOAuthMetadata: {
    method: 'GET',
    path: '/.well-known/oauth-authorization-server',
    tag: 'server',
    summary: 'Describe the OAuth routes',
    description: 'Where they are and what they understand (RFC 8414).',
    credential: 'none',
    responses: { 200: { schema: schemas.OAuthMetadata, description: 'The metadata of the authorization server.' } },
    problems: [],
  },
  forwardAuth: {
    method: 'GET',
    path: '/auth/verify',
    tag: 'verification',
    summary: 'Verify the token of a request that a proxy holds',
    description:
      'For `auth_request` of nginx, `forward_auth` of Caddy and `forwardAuth` of Traefik. The token is read in any scheme from the headers of the request that the proxy passes on. Every method is answered like GET.',
    credential: 'subject',
    query: queries.ForwardAuthQuery,
    refusesEmpty: true,
    responses: {
      200: {
        schema: null,
        description:
          'The request may go on. All four headers are always there, so that they replace what a client forged.',
        headers: [
          'X-Chatelaine-Account',
          'X-Chatelaine-Token-Id',
          'X-Chatelaine-Scopes',
          'X-Chatelaine-Project',
          'RateLimit-Policy',
          'RateLimit',
        ],
      },
    },
    problems: ['unavailable'],
  },
  revokeLeakedTokens: {
    method: 'POST',
    path: '/api/v1/tokens/revoke-leaked',
    tag: 'tokens',
    summary: 'Revoke tokens that leaked',
    description:
      'Anyone who holds a token may revoke it. The answer is the same whatever they were; 60 requests an hour for each address.',
    credential: 'none',
    query: queries.WaitQuery,
    waitable: true,
    body: schemas.RevokeLeaked,
    ...batch,
    responses: { 202: { schema: null, description: 'Whichever of them were live tokens are dead now.' } },
    problems: ['too-many-attempts'],
  },
  getToken: {
    method: 'GET',
    path: '/api/v1/tokens/{id}',
    tag: 'tokens',
    summary: 'Show a token',
    description: 'A token that ended is shown for 30 days more; then only the audit log knows it.',
    credential: 'required',
    params: tokenParams,
    responses: { 200: { schema: schemas.Token, description: 'The token.' } },
    problems: ['not-found'],
  },
  getTokenUsage: {
    method: 'GET',
    path: '/api/v1/tokens/{id}/usage',
    tag: 'usage',
    summary: 'Count the verifications of a token',
    description:
      'By code and by hour or day, and from which addresses it was accepted, for whoever sees the token. Counts are at most a few seconds old.',
    credential: 'required',
    params: tokenParams,
    query: queries.TokenUsageQuery,
    responses: { 200: { schema: schemas.TokenUsage, description: 'The counts, and the addresses.' } },
    problems: ['not-found'],
  },
  updateToken: {
    method: 'PATCH',
    path: '/api/v1/tokens/{id}',
    tag: 'tokens',
    summary: 'Change a token',
    description: 'What takes away is in force everywhere once this is answered. No token can widen itself.',
    credential: 'required',
    params: tokenParams,
    query: queries.WaitQuery,
    waitable: true,
    body: schemas.TokenUpdate,
    ...small,
    responses: { 200: { schema: schemas.Token, description: 'The token as it is now.' } },
    problems: [
      'lifetime-too-long',
      'not-found',
      'exceeds-caller',
      'permanent-limit-reached',
      'token-limit-reached',
      'token-ended',
      'changed-meanwhile',
    ],
  },
  revokeToken: {
    method: 'DELETE',
    path: '/api/v1/tokens/{id}',
    tag: 'tokens',
    summary: 'Revoke a token',
    description: 'Once this is answered the token is dead everywhere. Revoking it again is answered the same.',
    credential: 'required',
    params: tokenParams,
    query: queries.RevokeQuery,
    waitable: true,
    responses: { 204: { schema: null, description: 'It is revoked.' } },
    problems: ['not-found', 'changed-meanwhile'],
  },
  rotateToken: {
    method: 'POST',
    path: '/api/v1/tokens/{id}/rotate',
    tag: 'tokens',
    summary: 'Give a token a new secret',
    description:
      'The id stays. The old secret lives on until the new one has been used and the grace is over. While the new one is unused, rotating again replaces it.',
    credential: 'required',
    params: tokenParams,
    query: queries.WaitQuery,
    waitable: true,
    body: schemas.RotateToken,
    ...small,
    idempotent: true,
    responses: {
      201: { schema: schemas.TokenWithSecret, description: 'The token, with its new secret for the one time.' },
      200: { schema: schemas.Token, description: 'The same request came before; the token, without its secret.' },
    },
    problems: ['not-found', 'exceeds-caller', 'token-ended', 'changed-meanwhile'],
  },
  cancelRotation: {
    method: 'DELETE',
    path: '/api/v1/tokens/{id}/rotation',
    tag: 'tokens',
    summary: 'Take back a new secret',
    description: 'Possible while the new secret is unused. The old one goes on as before.',
    credential: 'required',
    params: tokenParams,
    query: queries.WaitQuery,
    waitable: true,
    responses: { 200: { schema: schemas.Token, description: 'The token as it is now.' } },
    problems: ['not-found', 'exceeds-caller', 'token-ended', 'rotation-used', 'changed-meanwhile'],
  },
  adoptToken: {
    method: 'POST',
    path: '/api/v1/tokens/{id}/adopt',
    tag: 'projects',
    summary: 'Take over a token of a project',
    description: 'By an owner or a manager of the project, so that the token outlives the membership of its maker.',
    credential: 'required',
    params: tokenParams,
    responses: { 200: { schema: schemas.Token, description: 'The token as it is now.' } },
    problems: ['not-found', 'exceeds-caller', 'token-ended', 'changed-meanwhile'],
  },
  createProject: {
    method: 'POST',
    path: '/api/v1/projects',
    tag: 'projects',
    summary: 'Add a project',
    description: 'Whoever makes it owns it. Managers and administrators name the owner.',
    credential: 'required',
    body: schemas.ProjectCreate,
    ...small,
    idempotent: true,
    responses: {
      201: { schema: schemas.Project, description: 'The project.' },
      200: { schema: schemas.Project, description: 'The same request came before; the project.' },
    },
    problems: ['not-found', 'changed-meanwhile'],
  },
  listProjects: {
    method: 'GET',
    path: '/api/v1/projects',
    tag: 'projects',
    summary: 'List projects',
    description: 'Managers and administrators see all, everybody else those that they are members of.',
    credential: 'required',
    query: queries.ProjectListQuery,
    responses: { 200: { schema: schemas.ProjectList, description: 'A page of projects, by name.' } },
    problems: [],
  },
  getProject: {
    method: 'GET',
    path: '/api/v1/projects/{id}',
    tag: 'projects',
    summary: 'Show a project',
    description: 'Its members see it, and whoever manages the deployment.',
    credential: 'required',
    params: projectParams,
    responses: { 200: { schema: schemas.Project, description: 'The project.' } },
    problems: ['not-found'],
  },
  updateProject: {
    method: 'PATCH',
    path: '/api/v1/projects/{id}',
    tag: 'projects',
    summary: 'Change a project',
    description: 'By its owners and managers.',
    credential: 'required',
    params: projectParams,
    query: queries.WaitQuery,
    waitable: true,
    body: schemas.ProjectUpdate,
    ...small,
    responses: { 200: { schema: schemas.Project, description: 'The project as it is now.' } },
    problems: ['not-found', 'project-archived', 'changed-meanwhile'],
  },
  archiveProject: {
    method: 'POST',
    path: '/api/v1/projects/{id}/archive',
    tag: 'projects',
    summary: 'Archive a project',
    description: 'By its owners. Its tokens are dead everywhere once this is answered, and nothing undoes it.',
    credential: 'required',
    params: projectParams,
    query: queries.WaitQuery,
    waitable: true,
    responses: { 200: { schema: schemas.Project, description: 'The project as it is now.' } },
    problems: ['not-found', 'changed-meanwhile'],
  },
  listMembers: {
    method: 'GET',
    path: '/api/v1/projects/{id}/members',
    tag: 'projects',
    summary: 'List the members of a project',
    description: 'All of them on one page.',
    credential: 'required',
    params: projectParams,
    responses: { 200: { schema: schemas.MemberList, description: 'The members.' } },
    problems: ['not-found'],
  },
  addMember: {
    method: 'POST',
    path: '/api/v1/projects/{id}/members',
    tag: 'projects',
    summary: 'Add a member to a project',
    description: 'By its owners and managers; owners are made by owners.',
    credential: 'required',
    params: projectParams,
    body: schemas.MemberCreate,
    ...small,
    responses: { 201: { schema: schemas.Member, description: 'The member.' } },
    problems: ['not-found', 'member-limit-reached', 'last-owner', 'project-archived', 'changed-meanwhile'],
  },
  updateMember: {
    method: 'PATCH',
    path: '/api/v1/projects/{id}/members/{account_id}',
    tag: 'projects',
    summary: 'Change the role of a member',
    description: 'By owners and managers of the project; owners are made and unmade by owners.',
    credential: 'required',
    params: memberParams,
    query: queries.WaitQuery,
    waitable: true,
    body: schemas.MemberUpdate,
    ...small,
    responses: { 200: { schema: schemas.Member, description: 'The member as it is now.' } },
    problems: ['not-found', 'last-owner', 'project-archived', 'changed-meanwhile'],
  },
  removeMember: {
    method: 'DELETE',
    path: '/api/v1/projects/{id}/members/{account_id}',
    tag: 'projects',
    summary: 'Remove a member, or leave',
    description: 'The tokens of the project that the account made are dead everywhere once this is answered.',
    credential: 'required',
    params: memberParams,
    query: queries.WaitQuery,
    waitable: true,
    responses: { 204: { schema: null, description: 'The account is no member.' } },
    problems: ['not-found', 'last-owner', 'changed-meanwhile'],
  },
  createAccount: {
    method: 'POST',
    path: '/api/v1/accounts',
    tag: 'accounts',
    summary: 'Add an account',
    description: 'By managers and administrators.',
    credential: 'required',
    body: schemas.AccountCreate,
    ...small,
    idempotent: true,
    responses: {
      201: { schema: schemas.Account, description: 'The account.' },
      200: { schema: schemas.Account, description: 'The same request came before; the account.' },
    },
    problems: ['already-taken', 'exceeds-caller', 'changed-meanwhile'],
  },
  listAccounts: {
    method: 'GET',
    path: '/api/v1/accounts',
    tag: 'accounts',
    summary: 'List accounts',
    description: 'By managers and administrators.',
    credential: 'required',
    query: queries.AccountListQuery,
    responses: { 200: { schema: schemas.AccountList, description: 'A page of accounts.' } },
    problems: [],
  },
  getOwnAccount: {
    method: 'GET',
    path: '/api/v1/accounts/me',
    tag: 'accounts',
    summary: 'Show the account that asks',
    description: 'The account that the credential speaks for. Manager tokens speak for none.',
    credential: 'required',
    responses: { 200: { schema: schemas.Account, description: 'The account.' } },
    problems: ['not-found'],
  },
  updateOwnAccount: {
    method: 'PATCH',
    path: '/api/v1/accounts/me',
    tag: 'accounts',
    summary: 'Change the account that asks',
    description: 'A person changes the own name and e-mail address.',
    credential: 'required',
    body: schemas.OwnAccountUpdate,
    ...small,
    responses: { 200: { schema: schemas.Account, description: 'The account as it is now.' } },
    problems: ['not-found', 'already-taken', 'changed-meanwhile'],
  },
  connectIdentity: {
    method: 'POST',
    path: '/api/v1/accounts/me/identity',
    tag: 'accounts',
    summary: 'Begin to connect single sign-on',
    description:
      'For a person who is signed in on this browser: says where the provider asks who they are. Whoever comes back from there in the same session may sign in through the provider from then on.',
    credential: 'required',
    responses: { 200: { schema: schemas.IdentityConnection, description: 'Where to send the browser.' } },
    problems: [],
  },
  disconnectIdentity: {
    method: 'DELETE',
    path: '/api/v1/accounts/me/identity',
    tag: 'accounts',
    summary: 'Disconnect single sign-on',
    description:
      'From the account that the credential speaks for. Its sessions end, and from then on its password counts.',
    credential: 'required',
    responses: { 204: { schema: null, description: 'Nobody signs in to it through single sign-on.' } },
    problems: ['not-found', 'last-sign-in-method', 'changed-meanwhile'],
  },
  getAccount: {
    method: 'GET',
    path: '/api/v1/accounts/{id}',
    tag: 'accounts',
    summary: 'Show an account',
    description: 'Managers and administrators see every account, everybody else their own.',
    credential: 'required',
    params: accountParams,
    responses: { 200: { schema: schemas.Account, description: 'The account.' } },
    problems: ['not-found'],
  },
  updateAccount: {
    method: 'PATCH',
    path: '/api/v1/accounts/{id}',
    tag: 'accounts',
    summary: 'Change an account',
    description: 'By managers and administrators. Disabling it refuses its tokens everywhere before the answer.',
    credential: 'required',
    params: accountParams,
    query: queries.WaitQuery,
    waitable: true,
    body: schemas.AccountUpdate,
    ...small,
    responses: { 200: { schema: schemas.Account, description: 'The account as it is now.' } },
    problems: [
      'not-found',
      'already-taken',
      'exceeds-caller',
      'last-administrator',
      'last-sign-in-method',
      'changed-meanwhile',
    ],
  },
  disableAccount: {
    method: 'DELETE',
    path: '/api/v1/accounts/{id}',
    tag: 'accounts',
    summary: 'Disable an account',
    description: 'Its sessions end and its tokens are refused everywhere before the answer. It can be enabled again.',
    credential: 'required',
    params: accountParams,
    query: queries.WaitQuery,
    waitable: true,
    responses: { 204: { schema: null, description: 'It is disabled.' } },
    problems: ['not-found', 'exceeds-caller', 'last-administrator', 'changed-meanwhile'],
  },
  changePassword: {
    method: 'PUT',
    path: '/api/v1/accounts/{id}/password',
    tag: 'accounts',
    summary: 'Change a password',
    description: 'One changes the own password by giving the current one; administrators set those of others.',
    credential: 'required',
    params: accountParams,
    body: schemas.PasswordChange,
    ...small,
    responses: { 204: { schema: null, description: 'It is changed, and every session of the account has ended.' } },
    problems: ['not-found', 'password-rejected', 'exceeds-caller', 'changed-meanwhile'],
  },
  createPortalSession: {
    method: 'POST',
    path: '/api/v1/portal-sessions',
    tag: 'portal',
    summary: 'Open a portal session',
    description:
      'For the backend of a platform, with its manager token: the answer holds a bearer with which a page in the browser of one person shows and manages the tokens of that account, and nothing else. It ends with the token that opened it, and as soon as the account is disabled or its role changes.',
    credential: 'required',
    body: schemas.PortalSessionCreate,
    ...small,
    idempotent: true,
    responses: {
      201: { schema: schemas.PortalSessionWithSecret, description: 'The session, with its bearer for the one time.' },
      200: {
        schema: schemas.PortalSession,
        description: 'The same request came before; the session, without its bearer.',
      },
    },
    problems: ['not-found', 'exceeds-caller', 'changed-meanwhile'],
  },
  signIn: {
    method: 'POST',
    path: '/api/v1/session',
    tag: 'session',
    summary: 'Sign in',
    description: 'The answer sets the session cookie. Sessions last 12 hours at most, and one hour without use.',
    credential: 'none',
    body: schemas.SessionCreate,
    ...small,
    responses: { 201: { schema: schemas.SessionState, description: 'Signed in.' } },
    problems: ['sign-in-failed', 'too-many-attempts', 'changed-meanwhile', 'cross-site-request'],
  },
  getSignInMethods: {
    method: 'GET',
    path: '/api/v1/session/methods',
    tag: 'session',
    summary: 'Show how to sign in',
    description: 'For a page on which people sign in. Anyone may ask.',
    credential: 'none',
    responses: { 200: { schema: schemas.SignInMethods, description: 'The ways there are.' } },
    problems: [],
  },
  getSession: {
    method: 'GET',
    path: '/api/v1/session',
    tag: 'session',
    summary: 'Show the session',
    description: 'Who is signed in with this cookie, and until when.',
    credential: 'required',
    responses: { 200: { schema: schemas.SessionState, description: 'The session.' } },
    problems: [],
  },
  signOut: {
    method: 'DELETE',
    path: '/api/v1/session',
    tag: 'session',
    summary: 'Sign out',
    description: 'Ends the session and takes its cookie back. Without a session it does nothing.',
    credential: 'optional',
    query: queries.SignOutQuery,
    responses: { 204: { schema: null, description: 'Nobody is signed in with this cookie any more.' } },
    problems: ['cross-site-request'],
  },
  setUp: {
    method: 'POST',
    path: '/api/v1/setup',
    tag: 'session',
    summary: 'Make the first administrator',
    description: 'With the code of the link that the server printed at its first start; once, and within an hour.',
    credential: 'none',
    body: schemas.Setup,
    ...small,
    responses: { 201: { schema: schemas.Account, description: 'The administrator, who may sign in now.' } },
    problems: ['set-up-code-rejected', 'set-up-closed', 'too-many-attempts', 'cross-site-request'],
  },
  getSettings: {
    method: 'GET',
    path: '/api/v1/settings',
    tag: 'settings',
    summary: 'Show the settings',
    description: 'The policy of the deployment. Projects may have parts of it otherwise, which each project shows.',
    credential: 'required',
    responses: { 200: { schema: schemas.Settings, description: 'The settings in force.' } },
    problems: [],
  },
  replaceSettings: {
    method: 'PUT',
    path: '/api/v1/settings',
    tag: 'settings',
    summary: 'Set the policy',
    description:
      'What the policy has no place for is revoked before this is answered: of each owner the newest tokens beyond a limit, and those whose longest lifetime is over. Ask for a preview first. Repeating the request finishes what was interrupted.',
    credential: 'required',
    query: queries.WaitQuery,
    waitable: true,
    body: schemas.Settings,
    ...small,
    responses: { 200: { schema: schemas.Settings, description: 'The settings as they are now, everywhere.' } },
    problems: ['changed-meanwhile'],
  },
  previewSettings: {
    method: 'POST',
    path: '/api/v1/settings/preview',
    tag: 'settings',
    summary: 'Show what a policy would cut',
    description: 'Which tokens would end, whose they are, and when. It changes nothing.',
    credential: 'required',
    body: schemas.SettingsPreviewRequest,
    ...small,
    responses: { 200: { schema: schemas.SettingsPreview, description: 'What would be cut if it were set now.' } },
    problems: ['not-found'],
  },
  listScopes: {
    method: 'GET',
    path: '/api/v1/scopes',
    tag: 'settings',
    summary: 'List the scopes',
    description:
      'The catalogue of the platform’s own scopes, all on one page, for whoever has a credential. Until there is one, tokens may hold any scope; from then on only those that it names.',
    credential: 'required',
    responses: { 200: { schema: schemas.ScopeList, description: 'The catalogue.' } },
    problems: [],
  },
  replaceScopes: {
    method: 'PUT',
    path: '/api/v1/scopes',
    tag: 'settings',
    summary: 'Replace the catalogue of scopes',
    description:
      'What it no longer names is granted to nobody once this is answered. What it names anew reaches tokens that hold `*`, and others when their scopes are given anew.',
    credential: 'required',
    query: queries.WaitQuery,
    waitable: true,
    body: schemas.ScopesReplace,
    ...batch,
    responses: { 200: { schema: schemas.ScopeList, description: 'The catalogue as it is now, everywhere.' } },
    problems: ['changed-meanwhile'],
  },
  readChanges: {
    method: 'GET',
    path: '/api/v1/changes',
    tag: 'verification',
    summary: 'Follow what changes',
    description:
      'For verifiers that answer from their own memory, with a manager token that has `chatelaine.tokens:verify`. It waits until there is something new behind `since`, which acknowledges everything up to there, and says for how long the memory may be trusted. One request at a time for each verifier: a second one ends the first.',
    credential: 'required',
    query: queries.ChangesQuery,
    longPoll: true,
    responses: { 200: { schema: schemas.ChangeFeed, description: 'What follows, or nothing when the wait is over.' } },
    problems: [],
  },
  listAuditEntries: {
    method: 'GET',
    path: '/api/v1/audit',
    tag: 'audit',
    summary: 'Read the audit log',
    description:
      'Every change, newest first. With `chatelaine.audit:read`; a person reads what concerns the own account.',
    credential: 'required',
    query: queries.AuditQuery,
    responses: { 200: { schema: schemas.AuditList, description: 'A page of the log.' } },
    problems: [],
  },
  exportAudit: {
    method: 'GET',
    path: '/api/v1/audit/export',
    tag: 'audit',
    summary: 'Export the audit log',
    description:
      'The log as it is when the answer begins. As `jsonl`, oldest first, it carries its proof: whoever has the audit keys can check it offline, and rows that the filters leave out are there by their bare hash. It takes `chatelaine.audit:read` over the whole deployment. As `csv`, newest first, it cannot be verified, and a person gets what concerns the own account.',
    credential: 'required',
    query: queries.AuditExportQuery,
    responses: {
      200: {
        schema: schemas.AuditExport,
        description: 'The log, as it is read.',
        headers: ['X-Chatelaine-Verifiable', 'Content-Disposition'],
        contentTypes: ['application/jsonl', 'text/csv'],
      },
    },
    problems: [],
  },
  getAuditKeys: {
    method: 'GET',
    path: '/.well-known/chatelaine-audit-key',
    tag: 'audit',
    summary: 'Show the audit keys',
    description:
      'The public halves of all keys that ever signed the audit log, those that have retired included. Keep a copy elsewhere: an export is as good as the keys that it is checked with.',
    credential: 'none',
    responses: { 200: { schema: schemas.AuditKeys, description: 'The keys.' } },
    problems: ['unavailable'],
  },
  getUsage: {
    method: 'GET',
    path: '/api/v1/usage',
    tag: 'usage',
    summary: 'Count verifications',
    description:
      'By code and by hour or day. Managers and administrators count those of the whole deployment, also of what was presented in vain; everybody else those of their own tokens.',
    credential: 'required',
    query: queries.UsageQuery,
    responses: { 200: { schema: schemas.Usage, description: 'The counts, and the tokens that were verified most.' } },
    problems: ['not-found'],
  },
  getServer: {
    method: 'GET',
    path: '/api/v1/server',
    tag: 'server',
    summary: 'Show how the server does',
    description:
      'Release, database, journal, master keys by their ids, and the last backup, for whoever runs it. By managers and administrators.',
    credential: 'required',
    responses: { 200: { schema: schemas.Server, description: 'What runs, and how it does.' } },
    problems: [],
  },
  getHealth: {
    method: 'GET',
    path: '/healthz',
    tag: 'server',
    summary: 'Whether the process lives',
    description: 'For whatever restarts the process. It asks nothing of the database.',
    credential: 'none',
    responses: { 200: { schema: schemas.Health, description: 'It lives.' } },
    problems: [],
  },
  getReadiness: {
    method: 'GET',
    path: '/readyz',
    tag: 'server',
    summary: 'Whether the server can answer',
    description: 'For whatever sends requests here. 503 while it starts, stops, or cannot reach its database.',
    credential: 'none',
    responses: { 200: { schema: schemas.Health, description: 'It can.' } },
    problems: ['unavailable'],
  },
  getMetrics: {
    method: 'GET',
    path: '/metrics',
    tag: 'server',
    summary: 'Read what is measured',
    description:
      'For Prometheus. `CHATELAINE_METRICS` says who may: whoever asks on the machine of the server itself, a token with `chatelaine.audit:read` over the whole deployment, or nobody.',
    credential: 'optional',
    responses: {
      200: { schema: schemas.Metrics, description: 'Every metric, as it is now.', contentTypes: ['text/plain'] },
    },
    problems: ['credential-required', 'scope-missing', 'not-permitted', 'not-found', 'unavailable'],
  },
  getOpenApi: {
    method: 'GET',
    path: '/openapi.json',
    tag: 'server',
    summary: 'This document',
    description: 'The API as OpenAPI 3.1.',
    credential: 'none',
    responses: { 200: { schema: z.looseObject({ openapi: z.literal('3.1.0') }), description: 'The document.' } },
    problems: [],
  },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof routes

type Read<R extends RouteName, Part extends 'params' | 'query' | 'body'> = (typeof routes)[R] extends {
  readonly [P in Part]: infer S extends z.ZodType
}
  ? z.output<S>
  : undefined

/** What a handler gets of the path, the query and the body; `undefined` where the route has none. */
export type ParamsOf<R extends RouteName> = Read<R, 'params'>
export type QueryOf<R extends RouteName> = Read<R, 'query'>
export type BodyOf<R extends RouteName> = Read<R, 'body'>

export type StatusOf<R extends RouteName> = keyof (typeof routes)[R]['responses']

/** The body of an answer with this status, or of any; `null` where there is none. */
export type AnswerOf<
  R extends RouteName,
  S extends StatusOf<R> = StatusOf<R>,
> = (typeof routes)[R]['responses'][S] extends {
  readonly schema: infer Schema
}
  ? Schema extends z.ZodType
    ? z.output<Schema>
    : null
  : never

/** Every problem that an operation may answer with, in the order of the table of problems. */
export function problemsOf(route: Route): ProblemKey[] {
  const keys = route.shape === 'oauth' ? beforeRouting : ownProblemsOf(route)
  return (Object.keys(problems) as ProblemKey[]).filter((key) => keys.includes(key))
}

function ownProblemsOf(route: Route): ProblemKey[] {
  const keys: ProblemKey[] = [...route.problems, ...everywhere]
  if (route.credential !== 'none') {
    keys.push('credential-rejected', 'conflicting-credentials', 'address-not-allowed', 'too-many-attempts')
  }
  if (route.credential === 'required' || route.credential === 'subject') {
    keys.push('credential-required', 'scope-missing', 'not-permitted')
  }
  if (route.credential !== 'none' && route.method !== 'GET') keys.push('cross-site-request')
  if (route.query !== undefined || route.body !== undefined) keys.push('invalid-request')
  if (route.body !== undefined)
    keys.push('malformed-json', 'body-too-large', 'unsupported-media-type', 'request-timeout')
  if (route.idempotent === true) keys.push('idempotency-running', 'idempotency-key-reused')
  if (route.path.startsWith('/api/')) keys.push('unavailable')
  return keys
}

/** Every error that an operation of OAuth may answer with, in the order of their table; none for other operations. */
export function oauthErrorsOf(route: Route): OAuthErrorCode[] {
  if (route.shape !== 'oauth') return []
  const codes: OAuthErrorCode[] = ['invalid_request', 'server_error', 'temporarily_unavailable']
  codes.push(...(route.oauthErrors ?? []))
  if (route.credential !== 'none') codes.push('invalid_client', 'too_many_requests')
  if (route.credential === 'required') codes.push('insufficient_scope')
  return (Object.keys(oauthErrors) as OAuthErrorCode[]).filter((code) => codes.includes(code))
}

/** What is answered before anybody looks at what a request is for. */
const beforeRouting: readonly ProblemKey[] = ['bad-request', 'header-too-large', 'request-timeout']

const everywhere: readonly ProblemKey[] = ['bad-request', 'token-in-url', 'header-too-large', 'internal']
