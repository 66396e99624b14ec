import { revokePresented } from '@chatelaine/core'
import type { Service } from '../service.ts'
import type { Handlers } from './handler.ts'
import { introspectFor, introspectionJson } from './introspect.ts'

/**
 * `/oauth`: revocation, and introspection for what does not look like the one request that `introspect.ts` answers before
 * any router.
 */
export function oauth(service: Service): Handlers<'introspectToken' | 'revokePresentedToken'> {
  return {
    async introspectToken({ caller, body }) {
      const verdict = await introspectFor(service, caller, body)
      return { status: 200, body: introspectionJson(service.settings, verdict) }
    },

    async revokePresentedToken({ caller, body }) {
      // RFC 7009 §2.2: an unknown token is a success, because what the caller wanted is already so.
      await revokePresented(service.ports, caller, body.token)
      return { status: 200, body: null }
    },
  }
}
