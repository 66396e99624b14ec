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
  invalid_grant: {
    status: 400,
    meaning: 'The code is wrong, used, too old or for another request; or what was agreed to is no longer allowed.',
  },
  unsupported_grant_type: { status: 400, meaning: 'Tokens are given for authorization codes and device codes alone.' },
  invalid_scope: { status: 400, meaning: 'A scope is misspelled, or nobody may hold any of them.' },
  // RFC 8628 §3.5.
  authorization_pending: { status: 400, meaning: 'Nobody has answered yet. Ask again after the interval.' },
  slow_down: { status: 400, meaning: 'The device asks too often. Wait five seconds longer each time from now on.' },
  access_denied: { status: 400, meaning: 'The person refused.' },
  expired_token: { status: 400, meaning: 'Nobody answered the device in time. Begin again.' },
  // RFC 7662 and RFC 7009 know no rates; RFC 6585 §4 has the status.
  too_many_requests: {
    status: 429,
    meaning:
      'The credential of the caller is used more often than its own rate admits, or the address asks too often; `Retry-After` says when to ask again.',
  },
  server_error: { status: 500, meaning: 'Something failed that should not. The log of the server says what.' },
  temporarily_unavailable: {
    status: 503,
    meaning: 'There is no answer now; `Retry-After` says when to ask again. This says nothing about any token.',
  },
} as const satisfies Record<string, OAuthErrorKind>

export type OAuthErrorCode = keyof typeof oauthErrors
