// What the two ways to sign in have in common: the forms of OAuth 2.0 and their answers.

import { Secret } from '@chatelaine/sdk'
import { userAgent } from '../connection.ts'
import { CommandFailure } from '../failure.ts'
import { printable } from '../terminal.ts'

/** By this name the server knows its own command line. */
export const clientId = 'chatelaine-cli'

/** What is asked for; what is left out is as the server has it. */
export interface Wish {
  readonly label: string
  readonly scopes?: readonly string[] | undefined
  readonly lifetimeSeconds?: number | undefined
}

/** The wish in the words of the server's parameters. */
export function parametersOf({ label, scopes, lifetimeSeconds }: Wish): Record<string, string> {
  return {
    client_id: clientId,
    label,
    ...(scopes !== undefined && { scope: scopes.join(' ') }),
    ...(lifetimeSeconds !== undefined && { lifetime_seconds: String(lifetimeSeconds) }),
  }
}

/** How long one request may take. */
const requestMs = 10_000

/** What the server says instead of giving what was asked for (RFC 6749 §5.2, RFC 8628 §3.5). */
export interface Refusal {
  readonly error: string
  readonly description: string
}

export type Answer = { readonly body: Readonly<Record<string, unknown>> } | { readonly refusal: Refusal }

/** Sends a form. @throws CommandFailure when what answers is no server of ours, or nothing does. */
export async function sendForm(url: string, path: string, fields: Record<string, string>): Promise<Answer> {
  const { status, body } = await send(url, path, new URLSearchParams(fields))
  if (status === 200) return { body }
  const { error, error_description: description } = body
  if (typeof error === 'string' && typeof description === 'string')
    return { refusal: { error, description: printable(description) } }
  throw new CommandFailure(`${url} does not sign in programs: it answered ${status}`, 'check the URL')
}

/** The token in an answer. It is taken out of reach of whatever prints the rest. */
export function tokenIn(body: Readonly<Record<string, unknown>>): Secret {
  const { access_token: token } = body
  if (typeof token === 'string' && body['token_type'] === 'Bearer') return new Secret(token)
  throw new CommandFailure('the server gave no token', 'is it another server, or a newer one?')
}

async function send(
  url: string,
  path: string,
  body: URLSearchParams,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const target = new URL(path, url)
  try {
    const response = await fetch(target, {
      method: 'POST',
      body,
      headers: { 'user-agent': userAgent },
      // Whoever could redirect the request would be sent the code.
      redirect: 'manual',
      signal: AbortSignal.timeout(requestMs),
    })
    const answer: unknown = await response.json().catch(() => undefined)
    return { status: response.status, body: isObject(answer) ? answer : {} }
  } catch (error) {
    throw new CommandFailure(`${url} cannot be reached`, 'check the URL (--url or CHATELAINE_URL)', error)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
