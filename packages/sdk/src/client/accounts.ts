import type {
  Account,
  AccountCreate,
  AccountList,
  AccountUpdate,
  IdentityConnection,
  ListAccountsQuery,
  OwnAccountUpdate,
  PasswordChange,
} from '../contract.ts'
import type { Caller, CallOptions } from './call.ts'
import { itemsOf } from './pages.ts'

/** The people and machines that own tokens. */
export class AccountsClient {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  create(body: AccountCreate, options?: CallOptions): Promise<Account> {
    return this.#caller.call('createAccount', { body }, options)
  }

  /** Every account that the filters find, page after page. */
  list(query: ListAccountsQuery = {}, options?: CallOptions): AsyncIterable<Account> {
    return itemsOf((cursor) => this.page({ ...query, cursor: cursor ?? query.cursor }, options))
  }

  page(query: ListAccountsQuery = {}, options?: CallOptions): Promise<AccountList> {
    return this.#caller.call('listAccounts', { query }, options)
  }

  get(id: string, options?: CallOptions): Promise<Account> {
    return this.#caller.call('getAccount', { params: { id } }, options)
  }

  /** The account that the credential speaks for. */
  getOwn(options?: CallOptions): Promise<Account> {
    return this.#caller.call('getOwnAccount', {}, options)
  }

  update(id: string, body: AccountUpdate, options?: CallOptions): Promise<Account> {
    return this.#caller.call('updateAccount', { params: { id }, body }, options)
  }

  updateOwn(body: OwnAccountUpdate, options?: CallOptions): Promise<Account> {
    return this.#caller.call('updateOwnAccount', { body }, options)
  }

  /** For a page of the server itself, where somebody is signed in: where to send the browser, so that it comes back connected. */
  connectIdentity(options?: CallOptions): Promise<IdentityConnection> {
    return this.#caller.call('connectIdentity', {}, options)
  }

  /** Ends single sign-on for the account that the credential speaks for, and its sessions. */
  disconnectIdentity(options?: CallOptions): Promise<void> {
    return this.#caller.call('disconnectIdentity', {}, options)
  }

  /** Its sessions end and its tokens are refused everywhere once this is done. It can be enabled again. */
  disable(id: string, options?: CallOptions): Promise<void> {
    return this.#caller.call('disableAccount', { params: { id } }, options)
  }

  /** Every session of the account ends. */
  changePassword(id: string, body: PasswordChange, options?: CallOptions): Promise<void> {
    return this.#caller.call('changePassword', { params: { id }, body }, options)
  }
}
