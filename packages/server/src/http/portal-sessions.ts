import type { BodyOf } from '@chatelaine/api'
import { formatInstant, openPortalSession, type PortalAsk } from '@chatelaine/core'
import type { Service } from '../service.ts'
import type { Handlers } from './handler.ts'

/** `/api/v1/portal-sessions`. */
export function portalSessions({ ports }: Service): Handlers<'createPortalSession'> {
  return {
    async createPortalSession({ caller, body, once }) {
      const opened = await openPortalSession(ports, caller, portalAsk(body), once)
      const json = { account_id: opened.accountId, expires_at: formatInstant(opened.endsAt) }
      if (opened.repeated) return { status: 200, body: json, headers: { 'idempotency-replayed': 'true' } }
      return { status: 201, body: { ...json, session: opened.secret.reveal() } }
    },
  }
}

function portalAsk(body: BodyOf<'createPortalSession'>): PortalAsk {
  const { account_id: id, external_id: externalId, lifetime_seconds: lifetimeSeconds } = body
  if (id !== undefined) return { account: { id }, lifetimeSeconds }
  if (externalId !== undefined) return { account: { externalId }, lifetimeSeconds }
  throw new Error('the schema lets nobody pass who names no account')
}
