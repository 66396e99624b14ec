import type { RefusedToken, VerifiedToken, VerifyRequest } from '../contract.ts'

/** What a token must be good for, and who presented it. */
export type Question = Omit<VerifyRequest, 'token'>

/** Nobody could say whether the token is good. That is no fault of the token: ask again, and do not refuse it for good. */
export interface Unanswered {
  readonly valid: false
  readonly code: 'unavailable'
  readonly token_id: null
  readonly retry_after_seconds: number
}

/** The token is not good for what was asked, by a fault of its own. */
export type Refused = Omit<RefusedToken, 'seq'>

/** Whether a token is good here and now. `code` says which of them it is. */
export type Verification = VerifiedToken | Refused | Unanswered

/** Whoever answers for tokens: `createVerifier`, or the in-memory Chatelaine of a test. */
export interface Verifier {
  /**
   * Whether a token is good for what is asked. A token that is remembered is answered at once, without a promise;
   * `await` suits both. It never throws: what could not be found out is `unavailable`.
   */
  verify(token: string, question?: Question): Verification | Promise<Verification>
}
