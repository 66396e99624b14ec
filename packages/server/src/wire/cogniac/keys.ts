import { cogniacSchemas as schemas } from '@chatelaine/api/wires'
import {
  isTokenId,
  issueToken,
  notFound,
  readToken,
  revokeToken,
  secondMs,
  statusOf,
  type Token,
  type TokenId,
} from '@chatelaine/core'
import { tokenIdLead } from '@chatelaine/token'
import { liveStatuses, liveTokens } from '../own-tokens.ts'
import { wireJson, type WireAnswer, type WireAsk } from '../wire.ts'
import { emailOf, requireSelf, userOf, type User } from './user.ts'

/** Keys here never expire, so each of them counts as permanent. */
export async function createKey(ask: WireAsk): Promise<WireAnswer> {
  const user = await selfOf(ask)
  const { description } = wireJson(ask, schemas.CreateKey)
  const issued = await issueToken(ask.service.ports, user.caller, {
    accountId: user.account.id,
    label: description ?? '',
    life: { permanent: true },
    origin: 'cogniac',
  })
  const shown = keyJson(user, issued.token)
  const secret = issued.repeated ? null : `${shown.key_id}:${issued.secret.reveal()}`
  return { status: 200, body: { ...shown, api_key: secret } }
}

export async function listKeys(ask: WireAsk): Promise<WireAnswer> {
  const user = await selfOf(ask)
  const tokens = await liveTokens(ask.service, user.caller, { kind: 'account', accountId: user.account.id })
  return { status: 200, body: { data: tokens.map((token) => keyJson(user, token)) } }
}

export async function showKey(ask: WireAsk): Promise<WireAnswer> {
  const user = await selfOf(ask)
  return { status: 200, body: keyJson(user, await named(ask, user)) }
}

export async function deleteKey(ask: WireAsk): Promise<WireAnswer> {
  const user = await selfOf(ask)
  const { id } = await named(ask, user)
  await revokeToken(ask.service.ports, user.caller, id)
  return { status: 204, body: null }
}

async function selfOf(ask: WireAsk): Promise<User> {
  const user = await userOf(ask)
  requireSelf(user, ask.params['user'])
  return user
}

/** @throws `not-found` also for another's, for one that is no account's, and for one that has ended. */
async function named({ service, params }: WireAsk, { caller, account }: User): Promise<Token> {
  const id = `${tokenIdLead}${params['key']}`
  if (!isTokenId(id)) throw notFound('token')
  const token = await readToken(service.ports, caller, id)
  const status = statusOf(token, service.ports.clock.now())
  if (token.accountId !== account.id || !liveStatuses.includes(status)) throw notFound('token')
  return token
}

function keyJson({ account }: User, { id, label, createdAt, use }: Token) {
  return {
    user_id: account.id,
    description: label,
    created_at: secondsOf(createdAt),
    key_id: keyIdOf(id),
    api_key: null,
    last_auth: use.lastAt === null ? null : secondsOf(use.lastAt),
    email: emailOf(account),
  }
}

function keyIdOf(id: TokenId): string {
  return id.slice(tokenIdLead.length)
}

function secondsOf(at: number): number {
  return Math.floor(at / secondMs)
}
