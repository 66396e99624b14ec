import type {
  ChangeFeed,
  GetTokenAllowanceQuery,
  GetTokenUsageQuery,
  ListTokensQuery,
  ReadChangesQuery,
  RevokeManyAnswer,
  RevokeTokenQuery,
  RevokeTokensQuery,
  RotateToken,
  Token,
  TokenAllowance,
  TokenCreate,
  TokenList,
  TokenUpdate,
  TokenUsage,
  VerifyAnswer,
  VerifyRequest,
} from '../contract.ts'
import type { Caller, CallOptions } from './call.ts'
import { createIssued, rotateIssued, type IssuedToken } from './issued.ts'
import { itemsOf } from './pages.ts'

/** Issue, list, change, revoke and verify tokens. */
export class TokensClient {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** Without a word about its life a token lives 24 hours. */
  create(body: TokenCreate = {}, options?: CallOptions): Promise<IssuedToken> {
    return createIssued(this.#caller, body, options)
  }

  /** Every token that the filters find, page after page. */
  list(query: ListTokensQuery = {}, options?: CallOptions): AsyncIterable<Token> {
    return itemsOf((cursor) => this.page({ ...query, cursor: cursor ?? query.cursor }, options))
  }

  page(query: ListTokensQuery = {}, options?: CallOptions): Promise<TokenList> {
    return this.#caller.call('listTokens', { query }, options)
  }

  /** What may still be made for an account, the own one unless said otherwise, or for a project. */
  allowance(query: GetTokenAllowanceQuery = {}, options?: CallOptions): Promise<TokenAllowance> {
    return this.#caller.call('getTokenAllowance', { query }, options)
  }

  get(id: string, options?: CallOptions): Promise<Token> {
    return this.#caller.call('getToken', { params: { id } }, options)
  }

  /** The token that this client uses. */
  getSelf(options?: CallOptions): Promise<Token> {
    return this.#caller.call('getOwnToken', {}, options)
  }

  update(id: string, body: TokenUpdate, options?: CallOptions): Promise<Token> {
    return this.#caller.call('updateToken', { params: { id }, body }, options)
  }

  /** Once this is done the token is dead everywhere. Revoking it again does nothing. */
  revoke(id: string, query: RevokeTokenQuery = {}, options?: CallOptions): Promise<void> {
    return this.#caller.call('revokeToken', { params: { id }, query }, options)
  }

  /** Revokes one batch of what the filters find. Repeat it until `remaining` is 0. */
  revokeMany(query: RevokeTokensQuery, options?: CallOptions): Promise<RevokeManyAnswer> {
    return this.#caller.call('revokeTokens', { query }, options)
  }

  /** Revokes the token that this client uses. */
  revokeSelf(query: RevokeTokenQuery = {}, options?: CallOptions): Promise<void> {
    return this.#caller.call('revokeOwnToken', { query }, options)
  }

  /** Revokes whatever of these are live tokens. It takes no credential: holding a token is the right to revoke it. */
  revokeLeaked(tokens: readonly string[], options?: CallOptions): Promise<void> {
    return this.#caller.call('revokeLeakedTokens', { body: { tokens } }, options)
  }

  /** A new secret under the same id. The old one lives on through the grace, which begins when the new one is used. */
  rotate(id: string, body: RotateToken = {}, options?: CallOptions): Promise<IssuedToken> {
    return rotateIssued(this.#caller, id, body, options)
  }

  /** Possible while the new secret is unused. */
  cancelRotation(id: string, options?: CallOptions): Promise<Token> {
    return this.#caller.call('cancelRotation', { params: { id } }, options)
  }

  /** A new secret for the token that this client uses, and its first lifetime once more. `autoRenew` keeps it too. */
  renewSelf(body: RotateToken = {}, options?: CallOptions): Promise<IssuedToken> {
    return rotateIssued(this.#caller, undefined, body, options)
  }

  /** By an owner or manager of the project. */
  adopt(id: string, options?: CallOptions): Promise<Token> {
    return this.#caller.call('adoptToken', { params: { id } }, options)
  }

  usage(id: string, query: GetTokenUsageQuery = {}, options?: CallOptions): Promise<TokenUsage> {
    return this.#caller.call('getTokenUsage', { params: { id }, query }, options)
  }

  /** Asks the server each time; a service that verifies many requests has `createVerifier`. */
  verify(body: VerifyRequest, options?: CallOptions): Promise<VerifyAnswer> {
    return this.#caller.call('verifyToken', { body }, options)
  }

  /** Up to 100 questions at once, answered in the same order. */
  async verifyMany(questions: readonly VerifyRequest[], options?: CallOptions): Promise<readonly VerifyAnswer[]> {
    return (await this.#caller.call('verifyTokens', { body: { tokens: questions } }, options)).results
  }

  /** What has changed since a place in the log, once there is something; verifiers follow it. */
  readChanges(query: ReadChangesQuery, options?: CallOptions): Promise<ChangeFeed> {
    return this.#caller.call('readChanges', { query }, options)
  }
}
