import type { AnswerOf, BodyOf, QueryOf } from '@chatelaine/api'
import {
  formatInstant,
  formatInstantOrNull,
  type Account,
  type AccountAsk,
  type AccountEdit,
  type AccountQuery,
} from '@chatelaine/core'
import { saidBy, type Meanings } from './given.ts'

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

type Create = Omit<BodyOf<'createAccount'>, 'role'> & { role?: 'member' | 'admin' }

/** What a body asks of an account to be made. */
export function accountAsk(body: Create): AccountAsk {
  return { ...saidBy(body, createMeanings), username: body.username }
}

const createMeanings: Meanings<Create, AccountAsk> = {
  username: (username) => ({ username }),
  email: (email) => ({ email }),
  name: (name) => ({ name }),
  role: (role) => ({ role }),
  external_id: (externalId) => ({ externalId }),
  identity: (identity) => ({ identity }),
  password: (password) => ({ password }),
}

/** What a body asks to be changed of an account. */
export function accountEdit(body: BodyOf<'updateAccount'>): AccountEdit {
  return saidBy(body, updateMeanings)
}

const updateMeanings: Meanings<BodyOf<'updateAccount'>, AccountEdit> = {
  username: (username) => ({ username }),
  email: (email) => ({ email }),
  name: (name) => ({ name }),
  role: (role) => ({ role }),
  status: (status) => ({ status }),
  external_id: (externalId) => ({ externalId }),
  identity: (identity) => ({ identity }),
}

type Filters = Omit<QueryOf<'listAccounts'>, 'limit' | 'cursor'>

/** Which accounts a query is about. */
export function accountFilters(query: Filters): Partial<AccountQuery> {
  return saidBy(query, filterMeanings)
}

const filterMeanings: Meanings<Filters, AccountQuery> = {
  role: (role) => ({ role }),
  status: (status) => ({ status }),
  external_id: (externalId) => ({ externalId }),
  q: (text) => ({ text }),
}
