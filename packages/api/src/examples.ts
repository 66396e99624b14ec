import type { z } from 'zod'
import type { SchemaName, schemas } from './schemas.ts'

const account = {
  id: 'acc_3Fh8Lw0ZqT6uYc2N',
  serial: 7,
  uuid: '5b0f1c1e-8d2a-4a5e-9f57-0c6f7a1d2e3b',
  username: 'ada',
  email: 'ada@example.org',
  name: 'Ada Lovelace',
  role: 'member',
  status: 'active',
  external_id: 'user-1815',
  has_password: true,
  created_at: '2026-11-02T08:30:00.000Z',
  last_sign_in_at: '2026-11-22T09:58:12.402Z',
} as const

const token = {
  id: 'tok_7Yp2mQx9Kd4RtV1b',
  serial: 42,
  uuid: '0d9a4c52-6b1e-4f0a-8f37-2f1f2c7b9a10',
  kind: 'account',
  account_id: account.id,
  project_id: null,
  label: 'laptop',
  start: 'chl_acc_7Yp2mQx9',
  status: 'active',
  is_active: true,
  permanent: false,
  scopes: ['data:read'],
  allowed_ips: [],
  metadata: { team: 'imaging' },
  created_at: '2026-11-22T10:00:00.000Z',
  created_by: account.id,
  parent_token_id: null,
  origin: 'api',
  not_before: null,
  expires_at: '2026-11-23T10:00:00.000Z',
  first_used_at: null,
  last_used_at: null,
  last_used_ip: null,
  last_used_client: null,
  use_count: 0,
  revoked_at: null,
  revoked_reason: null,
  rate_limit: null,
  uses_remaining: null,
  renewable_until: null,
  rotation: null,
} as const

const project = {
  id: 'prj_9Zk4sV7bQ2mX5cR1',
  serial: 3,
  uuid: '7c1e2f30-4b5a-4c6d-8e7f-9a0b1c2d3e4f',
  name: 'Imaging',
  description: 'Microscopy of the second floor',
  status: 'active',
  created_at: '2026-11-03T09:00:00.000Z',
  policy: { permanent_tokens_max: 2 },
} as const

const policy = {
  temporary_lifetime_seconds: 86_400,
  longest_lifetime_seconds: null,
  permanent_tokens_max: 5,
  tokens_per_owner_max: 1_000,
  members_may_create: true,
  members_manage_all: false,
  creation_requires_project_role: false,
  owner_rate_limit: null,
} as const

const scope: z.input<typeof schemas.Scope> = {
  name: 'data:delete',
  description: 'Delete data for good',
  group: 'Data',
  kinds: ['account'],
  sensitive: true,
}

const member = { account_id: account.id, role: 'owner', since: project.created_at } as const

const usage: z.input<typeof schemas.TokenUsage> = {
  by: 'hour',
  from: '2026-11-22T10:00:00.000Z',
  until: '2026-11-22T12:00:00.000Z',
  total: 1_204,
  codes: { valid: 1_200, rate_limited: 4 },
  series: [
    { at: '2026-11-22T10:00:00.000Z', total: 0, codes: { valid: 0, rate_limited: 0 } },
    { at: '2026-11-22T11:00:00.000Z', total: 1_204, codes: { valid: 1_200, rate_limited: 4 } },
  ],
}

const whole = 'chl_acc_…'

/** What bodies look like, for the readers of the OpenAPI document. None holds a token that could be mistaken for one. */
export const examples = {
  Token: copy(token),
  TokenWithSecret: { ...copy(token), token: whole },
  TokenCreate: { label: 'laptop', scopes: ['data:read'], lifetime_seconds: 86_400, metadata: { team: 'imaging' } },
  TokenUpdate: { label: 'old laptop', is_active: false },
  RevokeManyAnswer: { revoked: 3, remaining: 0 },
  VerifyRequest: { token: whole, scopes: ['data:read'], client_ip: '192.0.2.7' },
  VerifiedToken: {
    valid: true,
    code: 'valid',
    token_id: token.id,
    kind: 'account',
    account_id: account.id,
    external_id: account.external_id,
    project_id: null,
    label: token.label,
    scopes: ['data:read'],
    allowed_ips: [],
    not_before: null,
    expires_at: token.expires_at,
    valid_until: token.expires_at,
    cacheable: true,
    metadata: token.metadata,
    rate_limit: null,
    ancestor_ids: [],
    seq: 'k3v9.812',
  },
  RefusedToken: {
    valid: false,
    code: 'insufficient_scope',
    token_id: token.id,
    missing_scopes: ['data:write'],
    seq: 'k3v9.812',
  },
  VerifyBatch: { tokens: [{ token: whole }, { token: whole, scopes: ['data:write'] }] },
  RevokeLeaked: { tokens: [whole] },
  Account: account,
  AccountCreate: { username: account.username, email: account.email, external_id: account.external_id },
  AccountUpdate: { status: 'disabled' },
  OwnAccountUpdate: { name: 'Ada King' },
  PasswordChange: { current_password: 'the one before this', new_password: 'several words in a row' },
  Project: project,
  ProjectCreate: { name: project.name, description: project.description },
  ProjectUpdate: { name: 'Imaging and analysis' },
  Member: member,
  MemberCreate: { account_id: account.id, role: 'manager' },
  MemberUpdate: { role: 'manager' },
  RotateToken: { grace_seconds: 3_600 },
  Settings: { policy },
  SettingsPreviewRequest: { policy: { permanent_tokens_max: 0 } },
  SettingsPreview: {
    tokens_now: 1,
    tokens_later: 0,
    owner_count: 1,
    cuts: [
      {
        token_id: token.id,
        account_id: account.id,
        project_id: null,
        label: token.label,
        ends_at: '2026-11-22T10:00:00.000Z',
        because: 'permanent_tokens_max',
      },
    ],
    owners: [
      {
        account_id: account.id,
        project_id: null,
        tokens_now: 1,
        tokens_later: 0,
        first_ends_at: '2026-11-22T10:00:00.000Z',
      },
    ],
  },
  Scope: scope,
  ScopesReplace: { scopes: [scope] },
  SessionCreate: { username: account.username, password: 'several words in a row' },
  SessionState: { account, created_at: '2026-11-22T09:58:12.402Z', expires_at: '2026-11-22T21:58:12.402Z' },
  Setup: { code: 'the part after # in the link', username: account.username, password: 'several words in a row' },
  AuditEntry: {
    seq: 'k3v9.812',
    at: '2026-11-23T02:00:00.000Z',
    actor: { type: 'session', account_id: account.id, token_id: null, ip: '192.0.2.7', client: 'Firefox/147.0' },
    action: 'token.revoked',
    effect: 'takes',
    subject: { type: 'token', id: token.id },
    details: { reason: 'laptop lost' },
  },
  ChangeEntry: { seq: 813, subject_type: 'token', subject_id: token.id, effect: 'takes' },
  ChangeFeed: {
    resync: false,
    entries: [{ seq: 813, subject_type: 'token', subject_id: token.id, effect: 'takes' }],
    position: 'k3v9.813',
    lease_ms: 5_000,
    answered_at: '2026-11-23T02:00:00.000Z',
  },
  Usage: {
    ...usage,
    top_tokens: [{ token_id: token.id, label: token.label, total: 1_204, valid: 1_200 }],
    top_tokens_from: usage.from,
  },
  TokenUsage: usage,
  AuditKeys: {
    keys: [
      {
        key_id: 'k1f6q2',
        algorithm: 'Ed25519',
        public_key: '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
        jwk: {
          kty: 'OKP',
          crv: 'Ed25519',
          x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
          kid: 'k1f6q2',
          alg: 'Ed25519',
          use: 'sig',
        },
      },
    ],
  },
  IntrospectionRequest: { token: whole, client_ip: '192.0.2.7' },
  ActiveToken: {
    active: true,
    scope: 'data:read data:write',
    username: account.username,
    token_type: 'Bearer',
    exp: 1_795_428_000,
    iat: 1_795_341_600,
    sub: account.id,
    iss: 'https://tokens.example.org',
    jti: token.id,
  },
  InactiveToken: { active: false },
  RevocationRequest: { token: whole },
  OAuthError: { error: 'invalid_request', error_description: 'token is missing and must be given.' },
  Problem: {
    type: '/docs/errors/invalid-request',
    title: 'The request has a field that is wrong',
    status: 400,
    detail: 'One field is wrong: scopes.',
    instance: 'urn:uuid:0199f3c1-2f5e-7c3a-b7a4-5f2a9c6d1e08',
    errors: [{ pointer: '/scopes/0', detail: 'must be resource:action in lower case, such as data:read' }],
  },
  Health: { status: 'ok' },
} satisfies { readonly [N in SchemaName]?: z.input<(typeof schemas)[N]> }

function copy<T extends { scopes: readonly string[]; allowed_ips: readonly string[] }>(from: T) {
  return { ...from, scopes: [...from.scopes], allowed_ips: [...from.allowed_ips] }
}
