import * as account from './schemas/account.ts'
import * as audit from './schemas/audit.ts'
import * as changes from './schemas/changes.ts'
import * as oauth from './schemas/oauth.ts'
import * as portal from './schemas/portal-session.ts'
import * as problem from './schemas/problem.ts'
import * as project from './schemas/project.ts'
import * as server from './schemas/server.ts'
import * as session from './schemas/session.ts'
import * as settings from './schemas/settings.ts'
import * as token from './schemas/token.ts'
import * as usage from './schemas/usage.ts'
import * as verification from './schemas/verification.ts'

/** Every body that has a name, as the OpenAPI document has them under `components`. */
export const schemas = {
  Token: token.Token,
  TokenWithSecret: token.TokenWithSecret,
  TokenList: token.TokenList,
  TokenAllowance: token.TokenAllowance,
  TokenCreate: token.TokenCreate,
  TokenUpdate: token.TokenUpdate,
  RevokeManyAnswer: token.RevokeManyAnswer,
  VerifyRequest: verification.VerifyRequest,
  VerifiedToken: verification.VerifiedToken,
  RefusedToken: verification.RefusedToken,
  VerifyAnswer: verification.VerifyAnswer,
  VerifyBatch: verification.VerifyBatch,
  VerifyBatchAnswer: verification.VerifyBatchAnswer,
  RevokeLeaked: verification.RevokeLeaked,
  Account: account.Account,
  Identity: account.Identity,
  AccountList: account.AccountList,
  AccountCreate: account.AccountCreate,
  AccountUpdate: account.AccountUpdate,
  OwnAccountUpdate: account.OwnAccountUpdate,
  IdentityConnection: account.IdentityConnection,
  PasswordChange: account.PasswordChange,
  Project: project.Project,
  ProjectList: project.ProjectList,
  ProjectCreate: project.ProjectCreate,
  ProjectUpdate: project.ProjectUpdate,
  Member: project.Member,
  MemberList: project.MemberList,
  MemberCreate: project.MemberCreate,
  MemberUpdate: project.MemberUpdate,
  RotateToken: token.RotateToken,
  PortalSessionCreate: portal.PortalSessionCreate,
  PortalSession: portal.PortalSession,
  PortalSessionWithSecret: portal.PortalSessionWithSecret,
  SessionCreate: session.SessionCreate,
  SignInMethods: session.SignInMethods,
  SessionState: session.SessionState,
  Setup: session.Setup,
  Policy: settings.Policy,
  ProjectPolicy: settings.ProjectPolicy,
  Settings: settings.Settings,
  SettingsPreviewRequest: settings.SettingsPreviewRequest,
  SettingsPreview: settings.SettingsPreview,
  Scope: settings.Scope,
  ScopeList: settings.ScopeList,
  ScopesReplace: settings.ScopesReplace,
  AuditEntry: audit.AuditEntry,
  AuditList: audit.AuditList,
  AuditExport: audit.AuditExport,
  AuditKeys: audit.AuditKeys,
  ChangeEntry: changes.ChangeEntry,
  ChangeFeed: changes.ChangeFeed,
  Usage: usage.Usage,
  TokenUsage: usage.TokenUsage,
  IntrospectionRequest: oauth.IntrospectionRequest,
  Introspection: oauth.Introspection,
  ActiveToken: oauth.ActiveToken,
  InactiveToken: oauth.InactiveToken,
  RevocationRequest: oauth.RevocationRequest,
  GrantRequest: oauth.GrantRequest,
  GrantedToken: oauth.GrantedToken,
  DeviceAuthorizationRequest: oauth.DeviceAuthorizationRequest,
  DeviceAuthorization: oauth.DeviceAuthorization,
  OAuthMetadata: oauth.OAuthMetadata,
  OAuthError: oauth.OAuthError,
  Problem: problem.Problem,
  Health: server.Health,
  Metrics: server.Metrics,
  Backup: server.Backup,
  Server: server.Server,
} as const

export type SchemaName = keyof typeof schemas

/** Every set of query parameters. */
export const queries = {
  TokenListQuery: token.TokenListQuery,
  TokenAllowanceQuery: token.TokenAllowanceQuery,
  RevokeQuery: token.RevokeQuery,
  RevokeManyQuery: token.RevokeManyQuery,
  ForwardAuthQuery: verification.ForwardAuthQuery,
  ProjectListQuery: project.ProjectListQuery,
  SignOutQuery: session.SignOutQuery,
  AccountListQuery: account.AccountListQuery,
  AuditQuery: audit.AuditQuery,
  AuditExportQuery: audit.AuditExportQuery,
  ChangesQuery: changes.ChangesQuery,
  WaitQuery: changes.WaitQuery,
  UsageQuery: usage.UsageQuery,
  TokenUsageQuery: usage.TokenUsageQuery,
} as const
