import type { VerifiedToken } from '../contract.ts'
import type { Verifier } from '../verifier/verification.ts'
import { admit, type TokenRequirements } from './admit.ts'

/** The token of a request that may go on, or the answer to one that may not. */
export async function admitRequest(
  verifier: Verifier,
  requirements: TokenRequirements,
  { headers }: Request,
  clientIp: string | undefined,
): Promise<VerifiedToken | Response> {
  const header = (name: string) => headers.get(name) ?? undefined
  const { verified, refusal } = await admit(verifier, requirements, {
    headers: {
      authorization: header('authorization'),
      token: header('token'),
      'x-api-key': header('x-api-key'),
      'user-agent': header('user-agent'),
    },
    clientIp,
  })
  if (refusal === undefined) return verified
  return new Response(refusal.body, { status: refusal.status, headers: refusal.headers })
}
