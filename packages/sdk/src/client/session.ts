import type { Account, SessionCreate, SessionState, Setup, SignInMethods, SignOutQuery } from '../contract.ts'
import type { Caller, CallOptions } from './call.ts'

/** Sign in and out, in a browser, on a page of the server itself. */
export class SessionClient {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** The browser keeps the cookie. */
  signIn(body: SessionCreate, options?: CallOptions): Promise<SessionState> {
    return this.#caller.call('signIn', { body }, options)
  }

  /** How people may sign in besides, whoever asks. */
  methods(options?: CallOptions): Promise<SignInMethods> {
    return this.#caller.call('getSignInMethods', {}, options)
  }

  get(options?: CallOptions): Promise<SessionState> {
    return this.#caller.call('getSession', {}, options)
  }

  /** Without a session it does nothing. `everywhere` ends those on every other browser too. */
  signOut(query: SignOutQuery = {}, options?: CallOptions): Promise<void> {
    return this.#caller.call('signOut', { query }, options)
  }

  /** Makes the first administrator, with the code of the link that the server printed. */
  setUp(body: Setup, options?: CallOptions): Promise<Account> {
    return this.#caller.call('setUp', { body }, options)
  }
}
