import { neuroioSchemas as schemas } from '@chatelaine/api/wires'
import {
  changeToken,
  isHeld,
  issueToken,
  notFound,
  revokeMany,
  revokeSelf,
  revokeToken,
  type Token,
  type TokenCaller,
  type TokenId,
  type TokenStatus,
} from '@chatelaine/core'
import { isWellFormed, tokenIdOf } from '@chatelaine/token'
import { tokenCallerOf } from '../caller.ts'
import { findToken, liveStatuses, liveTokens, type Owned } from '../own-tokens.ts'
import { wireFields, wireQuery, type WireAnswer, type WireAsk } from '../wire.ts'
import { maskedJson, tokenJson } from './token-json.ts'

/** What is asked of another token is asked of its owner's kind too: each token stands for itself here. */
const alone = { descendants: 'keep' } as const

/** A token of the caller's own kind and owner. */
export async function createToken(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  const { permanent } = ask.bytes.length === 0 ? {} : wireFields(ask, schemas.CreateToken)
  const { kind, accountId, projectId, scopes } = caller.token
  const issued = await issueToken(ask.service.ports, caller, {
    kind,
    ...(accountId === null ? {} : { accountId }),
    ...(projectId === null ? {} : { projectId }),
    // Nobody guesses a manager's.
    ...(kind === 'manager' ? { scopes } : {}),
    ...(permanent === true ? { life: { permanent } } : {}),
    origin: 'neuroio',
    renews: true,
  })
  return { status: 201, body: tokenJson(issued) }
}

export async function listTokens(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  const { limit, offset, permanent } = wireQuery(ask, schemas.ListTokens)
  const owned = { ...ownedLike(caller), ...(permanent === undefined ? {} : { permanent }) }
  const tokens = await liveTokens(ask.service, caller, owned)
  return { status: 200, body: tokens.slice(offset, offset + limit).map(maskedJson) }
}

/** An expired one is shown too, with its past expiry. */
export async function showToken(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  return { status: 200, body: maskedJson(await named(ask, caller, [...liveStatuses, 'expired'])) }
}

export async function updateToken(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  const { id } = await named(ask, caller)
  const { is_active: isActive } = wireFields(ask, schemas.UpdateToken)
  const changed = await changeToken(ask.service.ports, caller, id, { isActive }, { renewsAt: 'neuroio' })
  return { status: 200, body: maskedJson(changed) }
}

export async function deleteToken(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  const { id } = await named(ask, caller)
  await revokeToken(ask.service.ports, caller, id, alone)
  return { status: 204, body: null }
}

/** All, or all of one sort, in batches; the caller's own last, since with it goes the right to the others. */
export async function deleteTokens(ask: WireAsk): Promise<WireAnswer> {
  const { ports } = ask.service
  const caller = await tokenCallerOf(ask)
  const { permanent } = wireQuery(ask, schemas.DeleteTokens)
  const owned = { ...ownedLike(caller), ...(permanent === undefined ? {} : { permanent }) }
  let { remaining } = await revokeMany(ports, caller, owned, alone)
  while (remaining > 0) remaining = (await revokeMany(ports, caller, owned, alone)).remaining
  if (permanent === undefined || permanent === (caller.token.expiresAt === null)) await revokeSelf(ports, caller, alone)
  return { status: 204, body: null }
}

/** Whose tokens a token may speak of here: those like itself. */
function ownedLike({ token: { kind, accountId, projectId } }: TokenCaller): Owned {
  return { kind, ...(accountId === null ? {} : { accountId }), ...(projectId === null ? {} : { projectId }) }
}

/** By its integer, or by its whole key. @throws `not-found` also for what is neither. */
async function named(
  { service, params }: WireAsk,
  caller: TokenCaller,
  statuses: readonly TokenStatus[] = liveStatuses,
): Promise<Token> {
  const { key = '' } = params
  const owned = ownedLike(caller)
  if (/^[1-9][0-9]{0,14}$/.test(key)) return findToken(service, caller, { ...owned, serial: Number(key) }, statuses)
  if (!isWellFormed(key)) throw notFound('token')
  const stored = await service.ports.tokens.find(tokenIdOf(key) as TokenId)
  if (stored === undefined || !isHeld(service.ports, stored, key)) throw notFound('token')
  return findToken(service, caller, { ...owned, serial: stored.serial }, statuses)
}
