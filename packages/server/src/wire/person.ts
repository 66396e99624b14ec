import { checkPassword, type Account, type Caller } from '@chatelaine/core'
import { isWellFormed } from '@chatelaine/token'
import { authenticateByToken, readCredential } from '../http/credential.ts'
import { peerOf, type Incoming } from '../http/peer.ts'
import type { Service } from '../service.ts'

/**
 * Who asks where a user name and a password are as welcome as a token: Basic with a password is the person, and every
 * scheme with a token is that token.
 * @throws like `authenticateByToken` and `checkPassword`.
 */
export async function authenticatePerson(service: Service, incoming: Incoming): Promise<Caller> {
  const credential = readCredential(incoming.headers)
  if (credential === undefined || credential === 'conflicting' || !isPassword(credential)) {
    return authenticateByToken(service, incoming)
  }
  return personWith(service, incoming, credential.username, credential.presented)
}

/** Whoever sends this name and password with the request. @throws `sign-in-failed`, `too-many-attempts`. */
export async function personWith(
  service: Service,
  incoming: Incoming,
  username: string,
  password: string,
): Promise<Caller & { readonly account: Account }> {
  const peer = peerOf(service.settings.trustedProxies, incoming)
  const account = await checkPassword(service.ports, peer, username, password)
  return { type: 'session', account, sessionId: null, peer }
}

type Credential = Exclude<ReturnType<typeof readCredential>, 'conflicting' | undefined>

/** Basic with what cannot be a token, beside a user name. */
export function isPassword(credential: Credential): credential is Credential & { readonly username: string } {
  return credential.scheme === 'basic' && credential.username !== undefined && !isWellFormed(credential.presented)
}
