import type { problemKeys } from './contract.ts'

/**
 * What went wrong. Each is explained under docs/errors, but for `unexpected-answer`: what answered is no Chatelaine, or
 * one that says what this client does not know. `unavailable` also stands for a server that does not answer at all.
 */
export type ProblemKey = (typeof problemKeys)[number] | 'unexpected-answer'

/** A field of a request that is wrong. */
export interface FieldFault {
  /** A JSON pointer to the field (RFC 6901), or `/` and the query parameter. */
  readonly pointer: string
  /** What is wrong with it, and what to do. */
  readonly detail: string
}

/**
 * The one error that calls of this package fail with, besides the reason of a signal that aborted them. Its message says
 * what was wrong with this request and what to do next, and never holds a secret.
 *
 * @example
 * try {
 *   await client.tokens.create({ permanent: true })
 * } catch (error) {
 *   if (isProblem(error, 'permanent-limit-reached')) console.error(error.message)
 *   else throw error
 * }
 */
export class ChatelaineProblem extends Error {
  override readonly name = 'ChatelaineProblem'
  readonly key: ProblemKey
  /** The HTTP status; `undefined` when nothing answered. */
  readonly status: number | undefined
  /** Names this one occurrence in the log of the server. */
  readonly instance: string | undefined
  /** With `invalid-request`: the fields that are wrong. */
  readonly faults: readonly FieldFault[]
  /** Of the operations of OAuth: which error it is in their words, such as `authorization_pending` (RFC 8628 §3.5). */
  readonly oauthError: string | undefined
  /** After how many seconds to ask again, where the server says so. */
  readonly retryAfterSeconds: number | undefined

  constructor(key: ProblemKey, message: string, about: ProblemDetails = {}) {
    super(message, about.cause === undefined ? undefined : { cause: about.cause })
    this.key = key
    this.status = about.status
    this.instance = about.instance
    this.faults = about.faults ?? []
    this.oauthError = about.oauthError
    this.retryAfterSeconds = about.retryAfterSeconds
  }
}

export interface ProblemDetails {
  readonly status?: number | undefined
  readonly instance?: string | undefined
  readonly faults?: readonly FieldFault[] | undefined
  readonly oauthError?: string | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly cause?: unknown
}

/** Whether this was caught from a call of this package, and is one of these problems; without keys, any of them. */
export function isProblem(error: unknown, ...keys: readonly ProblemKey[]): error is ChatelaineProblem {
  return error instanceof ChatelaineProblem && (keys.length === 0 || keys.includes(error.key))
}
