import {
  formatInstant,
  formatPosition,
  type EpochMs,
  type Position,
  type Standing,
  type Verdict,
} from '@chatelaine/core'

/** The answer `valid` for one remembered token, as bytes that are made once and sent many times. */
export interface PreparedAnswer {
  readonly body: Buffer
  /** Names and values in turn, as `writeHead` takes them without a copy. */
  readonly headers: string[]
}

/** What a verification answers, in the words of `VerifyAnswer` in the API's schemas. */
export function answerJson<Prepared>(verdict: Verdict<Prepared>): object {
  const { decision, known, position } = verdict
  if (known !== undefined && decision.code === 'valid') return validJson(known, position)
  return {
    valid: false,
    code: decision.code,
    token_id: known?.token.id ?? null,
    ...(decision.code === 'insufficient_scope' ? { missing_scopes: decision.missingScopes } : {}),
    seq: formatPosition(position),
  }
}

/** What to keep for a token so that answering `valid` costs nothing but sending it. */
export function prepareAnswer(standing: Standing, position: Position): PreparedAnswer {
  const body = Buffer.from(JSON.stringify(validJson(standing, position)))
  return { body, headers: answerHeaders(body.length) }
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

function validJson({ token, owner }: Standing, position: Position): object {
  return {
    valid: true,
    code: 'valid',
    token_id: token.id,
    kind: token.kind,
    account_id: token.accountId,
    external_id: owner?.externalId ?? null,
    project_id: token.projectId,
    label: token.label,
    scopes: token.scopes,
    allowed_ips: token.allowedIps,
    not_before: instantOrNull(token.notBefore),
    expires_at: instantOrNull(token.expiresAt),
    valid_until: instantOrNull(token.expiresAt),
    cacheable: true,
    metadata: token.metadata,
    seq: formatPosition(position),
  }
}

function instantOrNull(at: EpochMs | null): string | null {
  return at === null ? null : formatInstant(at)
}
