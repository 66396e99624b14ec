import { AccountsClient } from './accounts.ts'
import { AuditClient } from './audit.ts'
import { Caller, type ClientSettings } from './call.ts'
import { OAuthClient } from './oauth.ts'
import { PortalSessionsClient } from './portal-sessions.ts'
import { ProjectsClient } from './projects.ts'
import { ServerClient } from './server.ts'
import { SessionClient } from './session.ts'
import { SettingsClient } from './settings.ts'
import { TokensClient } from './tokens.ts'

/** The whole API of one server. */
export interface Client {
  readonly tokens: TokensClient
  readonly accounts: AccountsClient
  readonly projects: ProjectsClient
  readonly portalSessions: PortalSessionsClient
  readonly session: SessionClient
  readonly settings: SettingsClient
  readonly audit: AuditClient
  readonly server: ServerClient
  readonly oauth: OAuthClient
}

/**
 * A client for the API of one server. Bodies and answers are those of the API, whose reference is at `/docs` of the
 * server; instants are RFC 3339.
 *
 * A request that only reads is repeated when the server cannot be reached or says when to come back; so is one that
 * creates or rotates, with an idempotency key, so that it is carried out once. Nothing else is repeated. Every call ends
 * by its deadline.
 *
 * Every call fails with a `ChatelaineProblem`, or with the reason of the signal that aborted it.
 *
 * @throws TypeError for a URL that is not http or https, or holds a user name, a query or a fragment.
 *
 * @example
 * const client = createClient({ url: 'https://tokens.example.org', token: process.env.CHATELAINE_TOKEN })
 * const { token } = await client.tokens.create({ label: 'ci', scopes: ['data:read'] })
 * for await (const { label, expires_at } of client.tokens.list()) console.log(label, expires_at)
 */
export function createClient(settings: ClientSettings): Client {
  const caller = new Caller(settings)
  return {
    tokens: new TokensClient(caller),
    accounts: new AccountsClient(caller),
    projects: new ProjectsClient(caller),
    portalSessions: new PortalSessionsClient(caller),
    session: new SessionClient(caller),
    settings: new SettingsClient(caller),
    audit: new AuditClient(caller),
    server: new ServerClient(caller),
    oauth: new OAuthClient(caller),
  }
}
