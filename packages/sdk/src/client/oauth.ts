import type { Introspection, IntrospectionRequest, RevocationRequest } from '../contract.ts'
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
}
