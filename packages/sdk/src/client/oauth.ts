import { Secret } from '@chatelaine/token'
import type {
  DeviceAuthorization,
  DeviceAuthorizationRequest,
  GrantedToken,
  GrantRequest,
  Introspection,
  IntrospectionRequest,
  OAuthMetadata,
  RevocationRequest,
} from '../contract.ts'
import type { Caller, CallOptions } from './call.ts'

/** What OAuth 2.0 has words for. */
export class OAuthClient {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** Whether a token is good, as RFC 7662 has it. */
  introspect(body: IntrospectionRequest, options?: CallOptions): Promise<Introspection> {
    return this.#caller.call('introspectToken', { body }, options)
  }

  /** Revokes a token that one holds, as RFC 7009 has it. */
  revoke(body: RevocationRequest, options?: CallOptions): Promise<void> {
    return this.#caller.call('revokePresentedToken', { body }, options)
  }

  /** Where everything of OAuth is, as RFC 8414 has it. */
  metadata(options?: CallOptions): Promise<OAuthMetadata> {
    return this.#caller.call('getOAuthMetadata', {}, options)
  }

  /** Begins signing in from a machine without a browser, as RFC 8628 has it: a person is sent elsewhere with a code. */
  authorizeDevice(body: DeviceAuthorizationRequest, options?: CallOptions): Promise<DeviceAuthorization> {
    return this.#caller.call('authorizeDevice', { body }, options)
  }

  /**
   * Exchanges what a person agreed to for a token. Until somebody has, it fails, and `oauthError` of the problem is
   * `authorization_pending` or `slow_down`.
   */
  async exchange(body: GrantRequest, options?: CallOptions): Promise<IssuedGrant> {
    const { access_token: token, ...grant } = await this.#caller.call('exchangeGrant', { body }, options)
    return { ...grant, access_token: new Secret(token) }
  }
}

/** A token that a person agreed to. It prints as `[redacted]`. */
export interface IssuedGrant extends Omit<GrantedToken, 'access_token'> {
  readonly access_token: Secret
}
