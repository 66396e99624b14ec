import type { AnswerOf, BodyOf, QueryOf } from '@chatelaine/api'
import { formatInstant, formatInstantOrNull, type Account, type AccountAsk, type AccountEdit } from '@chatelaine/core'

type AccountJson = AnswerOf<'getAccount', 200>

/** An account in the words of the API. Of its password only that there is one. */
export function accountJson(account: Account): AccountJson {
  return {
    id: account.id,
    serial: account.serial,
    uuid: account.uuid,
    username: account.username,
    email: account.email,
    name: account.name,
    role: account.role,
    status: account.status,
    external_id: account.externalId,
    identity: account.identity,
    has_password: account.passwordHash !== null,
    created_at: formatInstant(account.createdAt),
    last_sign_in_at: formatInstantOrNull(account.lastSignInAt),
  }
}

/** What a body asks of an account to be made. */
export function accountAsk(body: Omit<BodyOf<'createAccount'>, 'role'> & { role?: 'member' | 'admin' }): AccountAsk {
  return {
    username: body.username,
    ...(body.email === undefined ? {} : { email: body.email }),
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.role === undefined ? {} : { role: body.role }),
    ...(body.external_id === undefined ? {} : { externalId: body.external_id }),
    ...(body.identity === undefined ? {} : { identity: body.identity }),
    ...(body.password === undefined ? {} : { password: body.password }),
  }
}

/** What a body asks to be changed of an account. */
export function accountEdit({ external_id, ...rest }: BodyOf<'updateAccount'>): AccountEdit {
  return { ...rest, ...(external_id === undefined ? {} : { externalId: external_id }) }
}

/** Which accounts a query is about. */
export function accountFilters({ role, status, external_id, q }: QueryOf<'listAccounts'>) {
  return {
    ...(role === undefined ? {} : { role }),
    ...(status === undefined ? {} : { status }),
    ...(external_id === undefined ? {} : { externalId: external_id }),
    ...(q === undefined ? {} : { text: q }),
  }
}
