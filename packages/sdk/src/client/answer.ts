// What an answer says that is not what was hoped for.

import { problemKeys } from '../contract.ts'
import { ChatelaineProblem, type FieldFault, type ProblemKey } from '../problem.ts'

/** How many characters of an answer are read into memory. */
const answerLengthMax = 16 * 1_024 * 1_024

/** @throws `unexpected-answer` when it is longer than `answerLengthMax`. */
export async function readText(response: Response): Promise<string> {
  const pieces: string[] = []
  let length = 0
  for await (const piece of textOf(response)) {
    length += piece.length
    if (length > answerLengthMax) throw unexpected(response)
    pieces.push(piece)
  }
  return pieces.join('')
}

/** The answer in pieces as it comes in. Who stops reading ends the answer. */
export async function* textOf(response: Response): AsyncGenerator<string> {
  // Not every browser iterates over a stream by itself.
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) return
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** What an answer without success is about. */
export function problemOf(response: Response, text: string): ChatelaineProblem {
  const body = parsed(text)
  const key = keyOf(body)
  const status = response.status
  const retryAfterSeconds = secondsIn(response.headers.get('retry-after'))
  if (key === undefined) {
    if (status < 502 || status > 504) return unexpected(response)
    // A proxy says so when what is behind it cannot be reached (RFC 9110 §15.6).
    return new ChatelaineProblem('unavailable', `The server cannot be reached: status ${status}.`, {
      status,
      retryAfterSeconds,
    })
  }
  const detail = textIn(body, 'detail') ?? textIn(body, 'error_description') ?? `The server answered ${status}.`
  return new ChatelaineProblem(key, detail, {
    status,
    instance: textIn(body, 'instance'),
    faults: faultsIn(body),
    oauthError: textIn(body, 'error'),
    retryAfterSeconds,
  })
}

function faultsIn({ errors }: Record<string, unknown>): FieldFault[] {
  if (!Array.isArray(errors)) return []
  return errors.filter(isObject).map((fault) => ({
    pointer: textIn(fault, 'pointer') ?? '',
    detail: textIn(fault, 'detail') ?? '',
  }))
}

export function unexpected(response: Response, cause?: unknown): ChatelaineProblem {
  const { status } = response
  const message = `What answered is no Chatelaine server, or a newer one: status ${status}. Check the URL.`
  return new ChatelaineProblem('unexpected-answer', message, { status, cause })
}

function keyOf(body: Record<string, unknown>): ProblemKey | undefined {
  const error = textIn(body, 'error')
  // RFC 6749 §5.2 and RFC 8628 §3.5 have their own words; what is none of ours is a request that was not met.
  if (error !== undefined) return oauthKeys[error] ?? 'invalid-request'
  const key = textIn(body, 'type')?.split('/docs/errors/').at(-1)
  return problemKeys.find((known) => known === key)
}

const oauthKeys: Readonly<Record<string, ProblemKey>> = {
  invalid_client: 'credential-rejected',
  insufficient_scope: 'scope-missing',
  access_denied: 'not-permitted',
  slow_down: 'too-many-attempts',
  too_many_requests: 'too-many-attempts',
  server_error: 'internal',
  temporarily_unavailable: 'unavailable',
}

function parsed(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text)
    return isObject(body) ? body : {}
  } catch {
    return {}
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function textIn(body: Record<string, unknown>, field: string): string | undefined {
  const value = body[field]
  return typeof value === 'string' ? value : undefined
}

function secondsIn(header: string | null): number | undefined {
  return header !== null && /^[0-9]{1,9}$/.test(header) ? Number(header) : undefined
}
