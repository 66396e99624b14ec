import { cogniacSchemas as schemas } from '@chatelaine/api/wires'
import { issueBearer, secondMs } from '@chatelaine/core'
import { wireQuery, type WireAnswer, type WireAsk } from '../wire.ts'
import { emailOf, traderOf } from './user.ts'
import { readTenantId, tenantOf } from './users.ts'

/** Asked with user name and password before they are traded: a second factor is asked for by nobody here. */
export async function showSecondFactor(ask: WireAsk): Promise<WireAnswer> {
  await traderOf(ask)
  return { status: 200, body: { totp: 'inactive' } }
}

/** A key, or user name and password, for a bearer of one tenant. */
export async function trade(ask: WireAsk): Promise<WireAnswer> {
  const { ports } = ask.service
  const trader = await traderOf(ask)
  const { tenant_id: asked } = wireQuery(ask, schemas.Trade)
  const tenantId = readTenantId(asked, trader)
  const { bearer, issuedAt, secret } = await issueBearer(ports, trader.caller, tenantId)
  const { name, type } = await tenantOf(ask, { ...trader, tenantId })
  const body = {
    access_token: secret.reveal(),
    token_type: 'Bearer',
    expires_in: Math.max(0, Math.floor((bearer.expiresAt - issuedAt) / secondMs)),
    user_email: emailOf(trader.account),
    user_id: trader.account.id,
    tenant_id: tenantId,
    tenant_name: name,
    tenant_type: type,
  }
  return { status: 200, body }
}
