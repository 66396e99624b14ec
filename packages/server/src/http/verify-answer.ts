import {
  formatInstant,
  formatPosition,
  type EpochMs,
  type Position,
  type RateStanding,
  validUntil,
  type Standing,
  type Verdict,
} from '@chatelaine/core'

/**
 * An answer that is ready to be sent. Its body is text of ASCII alone: Node writes such a text together with the header in
 * one call to the system, which is most of what an answer costs; bytes would take two.
 */
export interface Sendable {
  readonly body: string
  /** Names and values in turn, as `writeHead` takes them without a copy. */
  readonly headers: string[]
}

/** What is kept for one remembered token, so that its answers cost little more than sending them. */
export interface PreparedAnswer {
  /** The answer `valid` up to its last member, `seq`, which alone changes. */
  readonly untilSeq: string
  /** The whole of it as it was last sent. */
  valid: Sendable & { readonly position: Position }
  /** The same for an introspection; `undefined` until somebody asks for one. */
  introspection: Sendable | undefined
  /** The headers that let a request go on; `undefined` until a proxy asks for them. */
  forwarding: string[] | undefined
}

/** What a verification answers, in the words of `VerifyAnswer` in the API's schemas. */
export function answerJson<Prepared>(verdict: Verdict<Prepared>): object {
  const { decision, known, position } = verdict
  if (known !== undefined && decision.code === 'valid') return validJson(known, position, decision.rate)
  return {
    valid: false,
    code: decision.code,
    token_id: known?.token.id ?? null,
    ...(decision.code === 'insufficient_scope' ? { missing_scopes: decision.missingScopes } : {}),
    ...(decision.code === 'rate_limited'
      ? { ...retryAfter(decision.retryAfterSeconds), rate_limit: rateJson(decision.rate) }
      : {}),
    seq: formatPosition(position),
  }
}

/** What to keep for a token so that answering `valid` costs nothing but sending it. */
export function prepareAnswer(standing: Standing, position: Position): PreparedAnswer {
  const whole = asciiJson(validJson(standing, position))
  const untilSeq = whole.slice(0, whole.lastIndexOf(formatPosition(position)))
  return { untilSeq, valid: validAt(untilSeq, position), introspection: undefined, forwarding: undefined }
}

/** The answer `valid` as of a place in the log: made anew only when something was changed since it was last sent. */
export function validAnswer(prepared: PreparedAnswer, position: Position): Sendable {
  if (prepared.valid.position !== position) prepared.valid = validAt(prepared.untilSeq, position)
  return prepared.valid
}

function validAt(untilSeq: string, position: Position): PreparedAnswer['valid'] {
  const body = `${untilSeq}${formatPosition(position)}"}`
  return { position, body, headers: answerHeaders(body.length) }
}

/** JSON with everything beyond ASCII written as an escape (RFC 8259 §7), so that it has as many bytes as characters. */
export function asciiJson(value: object): string {
  return JSON.stringify(value).replace(/[\u0080-\uffff]/g, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** The headers of every answer to a verification; nobody on the way may keep one. */
export function answerHeaders(bodyBytes: number): string[] {
  return [
    'content-type',
    'application/json',
    'content-length',
    String(bodyBytes),
    'cache-control',
    'no-store',
    'x-content-type-options',
    'nosniff',
  ]
}

function validJson(standing: Standing, position: Position, rate?: RateStanding): object {
  const { token, owner } = standing
  return {
    valid: true,
    code: 'valid',
    token_id: token.id,
    kind: token.kind,
    account_id: token.accountId,
    external_id: owner?.externalId ?? null,
    project_id: token.projectId,
    label: token.label,
    scopes: standing.scopes,
    allowed_ips: token.allowedIps,
    not_before: instantOrNull(token.notBefore),
    expires_at: instantOrNull(token.expiresAt),
    valid_until: instantOrNull(validUntil(standing)),
    // What is counted elsewhere than in the verifier's own memory has to be asked each time.
    cacheable: token.usesGranted === null && standing.buckets.length === 0,
    metadata: token.metadata,
    rate_limit: rate === undefined ? null : rateJson(rate),
    ancestor_ids: standing.ancestorIds,
    seq: formatPosition(position),
  }
}

/** Nothing where waiting does not help. */
function retryAfter(seconds: number | null): object {
  return seconds === null ? {} : { retry_after_seconds: seconds }
}

function rateJson({ rate, remaining, resetSeconds }: RateStanding): object {
  return { limit: rate.limit, window_seconds: rate.windowSeconds, remaining, reset_seconds: resetSeconds }
}

function instantOrNull(at: EpochMs | null): string | null {
  return at === null ? null : formatInstant(at)
}
