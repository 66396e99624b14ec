/** What a kind of problem is: its page and its answers are written from this. */
export interface ProblemKind {
  readonly status: number
  /** The same in every answer with this type (RFC 9457 §3.1.3). */
  readonly title: string
  readonly meaning: string
  /** What to do next. */
  readonly remedy: string
}

/**
 * Every problem that the API answers with. `type` of an answer is `problemType(key)`, and under it stands the page
 * docs/errors/<key>.md. 401 is for a dead or missing credential only; a refusal is 403; 409 is a race lost or a state in
 * the way.
 */
export const problems = {
  'invalid-request': {
    status: 400,
    title: 'The request has a field that is wrong',
    meaning: 'The request was read, but at least one of its fields or query parameters cannot be accepted.',
    remedy: 'Mend what `errors` names, field by field, and send the request again.',
  },
  'malformed-json': {
    status: 400,
    title: 'The body is not JSON that can be accepted',
    meaning: 'The body is not JSON in UTF-8, names a key twice, uses the key `__proto__`, or nests too deep.',
    remedy: 'Send one JSON object, encoded in UTF-8, as a JSON library writes it.',
  },
  'bad-request': {
    status: 400,
    title: 'The request is not proper HTTP',
    meaning: 'The request breaks the rules of HTTP, or repeats a header that may appear only once.',
    remedy: 'Send the request with an ordinary HTTP client, and look for a proxy on the way that alters requests.',
  },
  'token-in-url': {
    status: 400,
    title: 'The URL carries a token',
    meaning: 'A token stands in the query of the URL, where logs and histories keep it. The token counts as exposed.',
    remedy: 'Revoke that token, make another, and send it in the Authorization header.',
  },
  'conflicting-credentials': {
    status: 400,
    title: 'The request carries two different credentials',
    meaning: 'More than one credential was sent and they differ, so it cannot be said for whom the request speaks.',
    remedy: 'Send one credential, preferably as `Authorization: Bearer <token>`.',
  },
  'credential-required': {
    status: 401,
    title: 'A credential is needed',
    meaning: 'The request carries no credential, and this operation needs one.',
    remedy: 'Send a token as `Authorization: Bearer <token>`, or sign in.',
  },
  'credential-rejected': {
    status: 401,
    title: 'The credential is not good',
    meaning: 'The credential is unknown, revoked, expired or suspended, or its owner is disabled.',
    remedy: 'Sign in again, or use another token. The audit log says what happened to this one.',
  },
  'sign-in-failed': {
    status: 401,
    title: 'The user name and password do not match',
    meaning: 'No active account has this user name and this password. Which of the two is wrong is not said.',
    remedy: 'Check both, and the keyboard. An administrator can set a new password.',
  },
  'address-not-allowed': {
    status: 403,
    title: 'The credential may not be used from this address',
    meaning: 'The token is restricted to certain addresses, and the request came from another.',
    remedy: 'Send the request from an allowed address, or have the `allowed_ips` of the token changed.',
  },
  'scope-missing': {
    status: 403,
    title: 'The credential lacks a scope',
    meaning: 'The credential lives, but does not carry the scope that this operation needs.',
    remedy: 'Use a token that carries the scope which `detail` names.',
  },
  'not-permitted': {
    status: 403,
    title: 'The caller may not do this',
    meaning: 'This operation is not open to this caller, whatever the scopes of its credential.',
    remedy: 'Ask somebody who may: `detail` says who that is.',
  },
  'exceeds-caller': {
    status: 403,
    title: 'The token would exceed the credential that asks for it',
    meaning: 'A credential cannot make or change a token to be wider, longer-lived or less restricted than itself.',
    remedy: 'Ask for less, as `detail` says, or use a credential that has as much.',
  },
  'lifetime-too-long': {
    status: 403,
    title: 'The token would live too long',
    meaning: 'The policy bounds how long a token lives after its creation, and this one would live longer.',
    remedy: 'Choose an earlier expiry, as `detail` says, or leave it out; ask an administrator for a longer bound.',
  },
  'permanent-limit-reached': {
    status: 403,
    title: 'No further permanent token is allowed',
    meaning: 'The owner already has as many permanent tokens as the policy allows. Suspended ones count.',
    remedy: 'Revoke a permanent token of this owner, or give the new one an expiry.',
  },
  'token-limit-reached': {
    status: 403,
    title: 'No further token is allowed',
    meaning: 'The owner already has as many tokens as the policy allows.',
    remedy: 'Revoke tokens that are no longer used, or wait until some expire.',
  },
  'member-limit-reached': {
    status: 403,
    title: 'No further member is allowed',
    meaning: 'The project already has as many members as a project may have.',
    remedy: 'Remove members who no longer need the project, or make another project.',
  },
  'set-up-code-rejected': {
    status: 403,
    title: 'The set-up code is not good',
    meaning: 'The set-up code is wrong, was used, or is older than an hour.',
    remedy: 'Restart the server and follow the set-up link that it prints.',
  },
  'password-rejected': {
    status: 403,
    title: 'The current password does not match',
    meaning: 'A password is changed only by whoever gives the current one, and this one was wrong.',
    remedy: 'Give the current password again, or have an administrator set a new one.',
  },
  'cross-site-request': {
    status: 403,
    title: 'The request came from another site',
    meaning: 'A session cookie changes something only for requests from the console itself; this one was not.',
    remedy: 'Use the console, or send a token in the Authorization header instead of the cookie.',
  },
  'not-found': {
    status: 404,
    title: 'There is no such thing',
    meaning: 'Nothing has this id, or the caller may not see it. Which of the two is not said.',
    remedy: 'Check the id, and whether the credential belongs to the owner of what it names.',
  },
  'route-not-found': {
    status: 404,
    title: 'There is no such path',
    meaning: 'The API has nothing at this path.',
    remedy: 'Compare the path with `/openapi.json`; native paths begin with `/api/v1`.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The path does not know this method',
    meaning: 'There is something at this path, but it does not answer to this HTTP method.',
    remedy: 'Use one of the methods that the `Allow` header names.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request took too long to arrive',
    meaning: 'The headers did not arrive within 5 seconds, or the whole request not within 10.',
    remedy: 'Send the request again, in one go; if it is large, divide it.',
  },
  'already-taken': {
    status: 409,
    title: 'The name is in use',
    meaning: 'A user name, an e-mail address or an external id must be unique, and another account has this one.',
    remedy: 'Choose another, or find the account that has it.',
  },
  'changed-meanwhile': {
    status: 409,
    title: 'Somebody else changed it at the same time',
    meaning: 'The same thing was changed by another request at the same moment. Nothing was done for this one.',
    remedy: 'Read it again, and repeat the change if it is still wanted.',
  },
  'token-ended': {
    status: 409,
    title: 'The token has ended',
    meaning: 'The token is revoked or expired, and neither can be undone.',
    remedy: 'Create another token.',
  },
  'rotation-used': {
    status: 409,
    title: 'No new secret waits for its first use',
    meaning: 'A rotation can be cancelled only while its new secret is unused.',
    remedy: 'Look at `rotation` of the token. To get rid of the secret in use, rotate the token again.',
  },
  'last-owner': {
    status: 409,
    title: 'A project needs an owner',
    meaning: 'The request would leave the project without any owner.',
    remedy: 'Make another member an owner first, then repeat the request. To end the project, archive it.',
  },
  'project-archived': {
    status: 409,
    title: 'The project is archived',
    meaning: 'An archived project has no live tokens, and nothing in it can be changed.',
    remedy: 'Work in another project, or make a new one.',
  },
  'last-administrator': {
    status: 409,
    title: 'There must be an administrator',
    meaning: 'The change would leave the deployment without an active administrator.',
    remedy: 'Make another account an administrator first.',
  },
  'last-sign-in-method': {
    status: 409,
    title: 'There must be a way to sign in',
    meaning: 'The change would leave a person without any way to sign in to their own account.',
    remedy: 'Have an administrator set a password for the account first.',
  },
  'set-up-closed': {
    status: 409,
    title: 'The deployment is set up already',
    meaning: 'The first administrator exists, so the set-up link does nothing any more.',
    remedy: 'Sign in. If the password is lost, ask another administrator or whoever runs the server.',
  },
  'idempotency-running': {
    status: 409,
    title: 'The first request with this key is still running',
    meaning: 'Another request with the same Idempotency-Key has not been answered yet.',
    remedy: 'Wait as long as `Retry-After` says, then send the same request with the same key.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    meaning: 'The body has more bytes than this operation accepts.',
    remedy: 'Divide the request into several, each below the bound that `detail` names.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body is not declared as JSON',
    meaning: 'The Content-Type is missing or is not `application/json`.',
    remedy: 'Send the body as JSON with `Content-Type: application/json`.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The idempotency key belongs to another request',
    meaning: 'This Idempotency-Key was used within 24 hours for a request that was not the same.',
    remedy: 'Use a new key for each new request, and the old one only to repeat the same request.',
  },
  'too-many-attempts': {
    status: 429,
    title: 'Too many attempts',
    meaning: 'There were too many failures, or too many requests of this sort, in a short time.',
    remedy: 'Wait as long as `Retry-After` says, then try again.',
  },
  'header-too-large': {
    status: 431,
    title: 'The headers are too large',
    meaning: 'The request line and headers have more than 8 KiB, or there are more than 64 headers.',
    remedy: 'Send fewer headers, or shorter ones. Old cookies are often the cause.',
  },
  internal: {
    status: 500,
    title: 'The server made a mistake',
    meaning: 'Something failed that should not. It is written in the log of the server, under `instance`.',
    remedy: 'Try again later. If it stays, report it to whoever runs the server, with the value of `instance`.',
  },
  unavailable: {
    status: 503,
    title: 'The answer cannot be known now',
    meaning: 'A part that the answer depends on does not respond. This says nothing about any token.',
    remedy: 'Ask again after as many seconds as `Retry-After` says. Do not take it for a refusal.',
  },
} as const satisfies Record<string, ProblemKind>

export type ProblemKey = keyof typeof problems

/**
 * What `type` of an answer says: the path of the page about this problem, relative to the public URL.
 *
 * @example
 * problemType('not-found') // → '/docs/errors/not-found'
 */
export function problemType(key: ProblemKey): string {
  return `/docs/errors/${key}`
}
