import { hourMs, Failure, minuteMs, type Clock, type EpochMs, type Vouched } from '@chatelaine/core'
import { read, schemas } from '@chatelaine/api'
import * as oidc from 'openid-client'
import type { Settings } from './config.ts'
import { OperatorError } from './operator-error.ts'
import { readPrivateFile } from './private-file.ts'

/** What a browser that was sent to the provider has to bring back, or prove. */
export interface SignOnChecks {
  readonly state: string
  readonly nonce: string
  /** RFC 7636 §4.1. */
  readonly codeVerifier: string
}

/** The provider that vouches for people (OpenID Connect Core, authorization code with PKCE). */
export interface SingleSignOn {
  readonly mayCreateAccounts: boolean
  /** Where to send a browser. @throws `unavailable` when the provider does not answer. */
  begin(redirectUri: string, checks: SignOnChecks): Promise<URL>
  /**
   * For whom the provider vouches that sent a browser back.
   * @param callback the redirect URI with what the provider added
   * @throws `sign-in-failed` when it vouches for nobody, or what it says does not fit the checks; `unavailable`.
   */
  finish(callback: URL, checks: SignOnChecks): Promise<Vouched>
}

/** The provider has so long for each answer. */
const providerDeadlineSeconds = 5
/** What the provider publishes about itself is read again after this. */
const configurationLifetimeMs = hourMs
const retryAfterSeconds = minuteMs / 1_000

/** @throws OperatorError when the file with the secret cannot be used. */
export function openSingleSignOn(settings: Settings, clock: Clock): SingleSignOn | undefined {
  const { oidcIssuer, oidcClientId, oidcClientSecretFile, oidcCreateAccounts } = settings
  if (oidcIssuer === undefined || oidcClientId === undefined) return undefined
  const issuer = new URL(oidcIssuer)
  const authentication = authenticationWith(oidcClientSecretFile)
  let known: { readonly configuration: Promise<oidc.Configuration>; readonly until: EpochMs } | undefined

  function discover(): Promise<oidc.Configuration> {
    const now = clock.now()
    if (known !== undefined && now < known.until) return known.configuration
    const configuration = oidc.discovery(issuer, oidcClientId!, undefined, authentication, {
      timeout: providerDeadlineSeconds,
      // The signature of the ID token is checked too, although it comes straight from the provider.
      execute: [oidc.enableNonRepudiationChecks, ...(issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [])],
    })
    const asked = { configuration, until: now + configurationLifetimeMs }
    known = asked
    configuration.catch(() => {
      if (known === asked) known = undefined
    })
    return configuration
  }

  return {
    mayCreateAccounts: oidcCreateAccounts,

    async begin(redirectUri, { state, nonce, codeVerifier }) {
      const configuration = await reaching(discover)
      return oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: 'openid profile email',
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      })
    },

    async finish(callback, { state, nonce, codeVerifier }) {
      const configuration = await reaching(discover)
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier }
      const tokens = await reaching(() =>
        oidc.authorizationCodeGrant(configuration, callback, { ...checks, idTokenExpected: true }),
      )
      const claims = tokens.claims()!
      return vouchedBy(claims, await suggestions(configuration, tokens.access_token, claims))
    },
  }
}

function authenticationWith(secretFile: string | undefined): oidc.ClientAuth {
  if (secretFile === undefined) return oidc.None()
  const what = "the file with the provider's secret"
  const secret = readPrivateFile(secretFile, what).reveal().trim()
  if (secret === '') throw new OperatorError(`${what} ${secretFile} is empty`)
  return oidc.ClientSecretPost(secret)
}

/** Asks the provider, and tells its refusals from its absence. */
async function reaching<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    if (isRefusal(cause)) {
      throw new Failure('sign-in-failed', 'The provider did not confirm who you are. Begin again.', { cause })
    }
    const message = 'The provider of single sign-on does not answer properly. Try again in a minute.'
    throw new Failure('unavailable', message, { retryAfterSeconds, cause })
  }
}

/** What the provider answered says no, or does not fit what we asked. */
function isRefusal(error: unknown): boolean {
  if (error instanceof oidc.AuthorizationResponseError) return true
  if (error instanceof oidc.ResponseBodyError) return error.status < 500
  return error instanceof oidc.ClientError && refusals.has(error.code ?? '')
}

const refusals: ReadonlySet<string> = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
])

/** How the person may be called: many providers say it only where it is asked for (OpenID Connect Core §5.3). */
async function suggestions(
  configuration: oidc.Configuration,
  accessToken: string,
  claims: oidc.IDToken,
): Promise<Readonly<Record<string, unknown>>> {
  const isSaid = claims['preferred_username'] !== undefined || claims['email'] !== undefined
  if (isSaid || configuration.serverMetadata().userinfo_endpoint === undefined) return claims
  return reaching(() => oidc.fetchUserInfo(configuration, accessToken, claims.sub))
}

/**
 * Names and addresses that an account here could not have are passed over. The subject is the person, and is not: one
 * that is longer than OpenID Connect Core §2 allows is nobody.
 */
function vouchedBy({ iss: issuer, sub: subject }: oidc.IDToken, suggested: Readonly<Record<string, unknown>>): Vouched {
  if (!read(schemas.AccountUpdate, { identity: { issuer, subject } }).ok) {
    throw new Failure('sign-in-failed', 'The provider names you in a way that it may not. Ask who runs it.')
  }
  const { preferred_username, email, email_verified, name } = suggested
  const isOwnEmail = email_verified === true && read(schemas.AccountUpdate, { email }).ok
  const usernames = [preferred_username, isOwnEmail ? email : '', `person-${subject}`, 'person']
  const username = usernames.find((one) => read(schemas.AccountUpdate, { username: one }).ok)
  return {
    identity: { issuer, subject },
    username: username as string,
    email: isOwnEmail ? (email as string) : null,
    name: read(schemas.AccountUpdate, { name }).ok ? (name as string) : '',
  }
}
