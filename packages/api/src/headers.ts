/** A response header that answers may carry, as the OpenAPI document has it. */
interface HeaderKind {
  readonly description: string
  readonly schema: object
}

/** Every header of an answer that says something beside its body. */
export const headers = {
  'WWW-Authenticate': {
    description:
      'Which credential is read, and what is wrong with this one, where that is what is wrong (RFC 6750 §3).',
    schema: { type: 'string' },
  },
  'Retry-After': {
    description: 'After how many seconds to ask again, where asking again can help.',
    schema: { type: 'integer', minimum: 1 },
  },
  'RateLimit-Policy': {
    description:
      'How much the token that was presented is admitted, where it has a rate limit: `q` in `w` seconds (draft-ietf-httpapi-ratelimit-headers-11).',
    schema: { type: 'string' },
  },
  RateLimit: {
    description: 'What is left of that, `r`, and after how many seconds all of it is there again, `t`.',
    schema: { type: 'string' },
  },
  'Idempotency-Replayed': {
    description: 'The first request with this key was carried out; this one did nothing.',
    schema: { const: 'true' },
  },
  'X-Chatelaine-Account': {
    description: 'The account that the token speaks for; empty when it speaks for none.',
    schema: { type: 'string' },
  },
  'X-Chatelaine-Token-Id': { description: 'The id of the token.', schema: { type: 'string' } },
  'X-Chatelaine-Scopes': {
    description: 'What the token may do, separated by spaces.',
    schema: { type: 'string' },
  },
  'X-Chatelaine-Project': {
    description: 'The project that a project token reaches; empty for other kinds.',
    schema: { type: 'string' },
  },
  'X-Chatelaine-Verifiable': {
    description: '`yes` where the body carries its proof, `no` where it cannot be verified.',
    schema: { enum: ['yes', 'no'] },
  },
  'X-Chatelaine-Verifiers-Acknowledged': {
    description: 'With `wait=verifiers`: how many verifiers have applied this change.',
    schema: { type: 'integer', minimum: 0 },
  },
  'X-Chatelaine-Verifiers-Lapsed': {
    description: 'How many have not, and can no longer answer from memory, since their lease ran out.',
    schema: { type: 'integer', minimum: 0 },
  },
  'X-Chatelaine-Verifiers-Outstanding': {
    description: 'How many may still accept what was taken away, until their lease runs out; 0 unless time was up.',
    schema: { type: 'integer', minimum: 0 },
  },
  'X-Chatelaine-Verifiers-Waited-Ms': {
    description: 'How long the answer waited for them, in milliseconds.',
    schema: { type: 'integer', minimum: 0 },
  },
  'Content-Disposition': { description: 'The name to save it under (RFC 6266).', schema: { type: 'string' } },
} as const satisfies Record<string, HeaderKind>

export type HeaderName = keyof typeof headers

/** What an answer says of the verifiers that it waited for. */
export const waitHeaders = [
  'X-Chatelaine-Verifiers-Acknowledged',
  'X-Chatelaine-Verifiers-Lapsed',
  'X-Chatelaine-Verifiers-Outstanding',
  'X-Chatelaine-Verifiers-Waited-Ms',
] as const satisfies readonly HeaderName[]
