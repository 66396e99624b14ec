import { Secret } from '@chatelaine/token'
import type { RotateToken, Token, TokenCreate } from '../contract.ts'
import { ChatelaineProblem } from '../problem.ts'
import { attemptsMax, type Answered, type Caller, type CallOptions } from './call.ts'

/** A token that was just made or rotated, with its secret for the one time. */
export interface IssuedToken extends Token {
  /** The whole token. It prints as `[redacted]`; `reveal()` gives it. */
  readonly token: Secret
}

/**
 * Makes a token. When the answer to the first request was lost, its repetition finds a token whose secret nobody has:
 * that one is revoked, and another is made.
 */
export function createIssued(caller: Caller, body: TokenCreate, options: CallOptions = {}): Promise<IssuedToken> {
  const deadlineAt = caller.deadlineAt(options)
  return withSecret(
    () => caller.callOnce('createToken', { body }, options, deadlineAt),
    issuedIn,
    async ({ id }) => {
      const query = { reason: 'Its secret was lost on the way to whoever asked for it.' }
      await caller.callOnce('revokeToken', { params: { id }, query }, options, deadlineAt)
    },
  )
}

/** Rotates a token, or, without an id, the one that asks. A secret that was lost is unused, and so the next replaces it. */
export function rotateIssued(
  caller: Caller,
  id: string | undefined,
  body: RotateToken,
  options: CallOptions = {},
): Promise<IssuedToken> {
  const deadlineAt = caller.deadlineAt(options)
  return withSecret(() => {
    return id === undefined
      ? caller.callOnce('renewOwnToken', { body }, options, deadlineAt)
      : caller.callOnce('rotateToken', { params: { id }, body }, options, deadlineAt)
  }, issuedIn)
}

function issuedIn(body: Token & { readonly token?: string }): IssuedToken | undefined {
  return body.token === undefined ? undefined : { ...body, token: new Secret(body.token) }
}

/**
 * Asks for what has a secret until an answer brings it: where the first one was lost, its repetition does not.
 * @param read what was asked for, if the answer has its secret.
 * @param putAway is given an answer whose secret nobody has.
 */
export async function withSecret<Body, Made>(
  ask: () => Promise<Answered<Body>>,
  read: (body: Body) => Made | undefined,
  putAway?: (body: Body) => Promise<void>,
): Promise<Made> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const { body } = await ask()
    const made = read(body)
    if (made !== undefined) return made
    await putAway?.(body)
  }
  throw new ChatelaineProblem('unavailable', 'The answer that holds the secret was lost each time.')
}
