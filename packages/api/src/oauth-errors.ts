/** What a code means and which status it comes with. */
export interface OAuthErrorKind {
  readonly status: number
  readonly meaning: string
}

/**
 * What the routes of OAuth answer instead of problems: a code in the shape of RFC 6749 §5.2. A credential that is good
 * but lacks the right is answered 401 here and not 403, because RFC 7662 §2.3 says so.
 */
export const oauthErrors = {
  invalid_request: {
    status: 400,
    meaning: 'A parameter is missing, wrong or given twice, or the body is not a form.',
  },
  invalid_client: {
    status: 401,
    meaning: 'The caller sent no credential where one is needed, or one that is dead.',
  },
  insufficient_scope: {
    status: 401,
    meaning: 'The credential of the caller lives, but does not carry the scope that this needs.',
  },
  // RFC 7662 and RFC 7009 know no rates; RFC 6585 §4 has the status.
  too_many_requests: {
    status: 429,
    meaning:
      'The credential of the caller is used more often than its own rate admits; `Retry-After` says when to ask again.',
  },
  server_error: { status: 500, meaning: 'Something failed that should not. The log of the server says what.' },
  temporarily_unavailable: {
    status: 503,
    meaning: 'There is no answer now; `Retry-After` says when to ask again. This says nothing about any token.',
  },
} as const satisfies Record<string, OAuthErrorKind>

export type OAuthErrorCode = keyof typeof oauthErrors
