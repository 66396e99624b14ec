import type { Refusal, Wire, WireAnswer } from '../wire.ts'
import { changeOwnPassword, logIn, whoAmI } from './identity.ts'
import {
  createSpace,
  createSpaceToken,
  deleteSpace,
  listSpaceNames,
  listSpaces,
  renameSpace,
  showSpace,
} from './spaces.ts'
import { createToken, deleteToken, deleteTokens, listTokens, showToken, updateToken } from './tokens.ts'

/**
 * NeuroIO: tokens of the kind that asks, spaces, and the password. Every path ends in a slash. What else that system
 * has below its prefix is not ours, and is absent.
 */
export const neuroio: Wire = {
  prefixes: ['/v1/'],
  routes: [
    { method: 'POST', path: '/v1/auth/token/', answer: logIn },
    { method: 'POST', path: '/v1/auth/password/change/', answer: changeOwnPassword },
    { method: 'GET', path: '/v1/whoami/', answer: whoAmI },
    // The successor's client has the same under a longer path, which must not be read as the name of a token.
    ...['/v1/tokens/access/', '/v1/tokens/'].flatMap((tokens) => [
      { method: 'POST', path: tokens, answer: createToken } as const,
      { method: 'GET', path: tokens, answer: listTokens } as const,
      { method: 'DELETE', path: tokens, answer: deleteTokens } as const,
      { method: 'GET', path: `${tokens}:key/`, answer: showToken } as const,
      // One of its clients sends a form by PATCH, the other JSON by PUT.
      { method: 'PATCH', path: `${tokens}:key/`, answer: updateToken } as const,
      { method: 'PUT', path: `${tokens}:key/`, answer: updateToken } as const,
      { method: 'DELETE', path: `${tokens}:key/`, answer: deleteToken } as const,
    ]),
    { method: 'POST', path: '/v1/spaces/', answer: createSpace },
    { method: 'GET', path: '/v1/spaces/', answer: listSpaces },
    { method: 'GET', path: '/v1/spaces/:id/', answer: showSpace },
    { method: 'PATCH', path: '/v1/spaces/:id/', answer: renameSpace },
    { method: 'PUT', path: '/v1/spaces/:id/', answer: renameSpace },
    { method: 'DELETE', path: '/v1/spaces/:id/', answer: deleteSpace },
    { method: 'POST', path: '/v1/spaces/:id/tokens/', answer: createSpaceToken },
    { method: 'GET', path: '/v1/lists/spaces/', answer: listSpaceNames },
  ],
  refuse,
}

/** That system's own code for a wrong user name or password, which comes with the status 401. */
const wrongPassword = 602

/** Its clients make an object of exactly these keys, and of those in `fields`. */
function refuse({ key, status, detail, headers, faults = [] }: Refusal): WireAnswer {
  if (key === 'sign-in-failed') {
    const message = 'Username and password do not match.'
    return { status, headers, body: { error_codes: [wrongPassword], message, fields: [] } }
  }
  // What is wrong with a field is told by field, also where we would refuse the request as a whole.
  if (faults.length === 0) return { status, headers, body: { error_codes: [status], message: detail, fields: [] } }
  const fields = faults.map((fault) => ({ name: fault.pointer.slice(1), message: fault.detail, error_code: invalid }))
  return { status: invalid, headers, body: { error_codes: [invalid], message: 'Validation error.', fields } }
}

const invalid = 400
