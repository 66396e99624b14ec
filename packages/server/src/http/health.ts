import { Failure } from '@chatelaine/core'
import type { Service } from '../service.ts'
import type { Handlers } from './handler.ts'

/** `/healthz` and `/readyz`. */
export function health(service: Service): Handlers<'getHealth' | 'getReadiness'> {
  return {
    getHealth: () => ({ status: 200, body: { status: 'ok' } }),

    getReadiness() {
      const reason = service.unreadyBecause()
      if (reason === undefined) return { status: 200, body: { status: 'ok' } }
      throw new Failure('unavailable', `Not ready: ${reason}`, { retryAfterSeconds: 1 })
    },
  }
}
