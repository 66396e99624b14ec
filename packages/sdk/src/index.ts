// What runs anywhere: servers, browsers, edge runtimes. `@chatelaine/sdk/node` adds what needs files.

export { Secret } from '@chatelaine/token'
export { createClient, type Client } from './client/client.ts'
export type { CallOptions, ClientSettings, WaitedForVerifiers } from './client/call.ts'
export type { IssuedToken } from './client/issued.ts'
export type { OpenedPortalSession } from './client/portal-sessions.ts'
export type { IssuedGrant } from './client/oauth.ts'
export type * from './contract.ts'
export { ChatelaineProblem, isProblem, type FieldFault, type ProblemKey } from './problem.ts'
export type { TokenSource } from './token-source.ts'
export {
  createVerifier,
  type LocalVerifier,
  type VerifierObserver,
  type VerifierSettings,
  type VerifierState,
} from './verifier/create-verifier.ts'
export type { Question, Refused, Unanswered, Verification, Verifier } from './verifier/verification.ts'
