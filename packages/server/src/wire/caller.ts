import type { TokenCaller } from '@chatelaine/core'
import { authenticateByToken, requireCredential } from '../http/credential.ts'
import type { WireAsk } from './wire.ts'

/**
 * The token that asks: on a wire nobody speaks by a browser's session.
 * @throws like `authenticateByToken`, and `credential-required`.
 */
export async function tokenCallerOf({ service, incoming }: WireAsk): Promise<TokenCaller> {
  const caller = await authenticateByToken(service, incoming)
  requireCredential(caller)
  if (caller.type === 'token') return caller
  throw new Error(`a token was asked for and a ${caller.type} came`)
}
