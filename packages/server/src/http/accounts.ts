import {
  accountIdOf,
  changeAccount,
  changeOwnAccount,
  changePassword,
  createAccount,
  disconnectIdentity,
  listAccounts,
  readAccount,
  readOwnAccount,
} from '@chatelaine/core'
import type { Service } from '../service.ts'
import { accountAsk, accountEdit, accountFilters, accountJson } from './account-json.ts'
import { cursorOf, pageStart } from './cursor.ts'
import type { Handlers } from './handler.ts'
import { noSessionCookie } from './session-cookie.ts'
import { beginConnecting } from './single-sign-on.ts'

type AccountRoutes =
  | 'createAccount'
  | 'listAccounts'
  | 'getOwnAccount'
  | 'updateOwnAccount'
  | 'connectIdentity'
  | 'disconnectIdentity'
  | 'getAccount'
  | 'updateAccount'
  | 'disableAccount'
  | 'changePassword'

/** `/api/v1/accounts`. */
export function accounts(service: Service): Handlers<AccountRoutes> {
  const { ports, settings } = service
  // Where all sessions of an account end, the browser of one need not keep its cookie.
  const endedHere = { 'set-cookie': noSessionCookie(settings) }
  return {
    async createAccount({ caller, body, once }) {
      const made = await createAccount(ports, caller, accountAsk(body), once)
      const json = accountJson(made.account)
      if (made.repeated) return { status: 200, body: json, headers: { 'idempotency-replayed': 'true' } }
      return { status: 201, body: json, headers: { location: `/api/v1/accounts/${made.account.id}` } }
    },

    async listAccounts({ caller, query }) {
      const list = { name: 'accounts', caller, query }
      const filters = { ...accountFilters(query), limit: query.limit }
      const page = await listAccounts(ports, caller, { ...filters, ...pageStart(ports.keys, list) })
      const data = page.items.map(accountJson)
      return { status: 200, body: { data, next_cursor: cursorOf(ports.keys, list, page.next) } }
    },

    async getOwnAccount({ caller }) {
      return { status: 200, body: accountJson(await readOwnAccount(ports, caller)) }
    },

    async updateOwnAccount({ caller, body }) {
      return { status: 200, body: accountJson(await changeOwnAccount(ports, caller, body)) }
    },

    async connectIdentity({ caller, incoming }) {
      const { location, cookie } = await beginConnecting(service, caller, incoming)
      return { status: 200, body: { location }, headers: { 'set-cookie': cookie } }
    },

    async disconnectIdentity({ caller }) {
      await disconnectIdentity(ports, caller)
      const isEnded = caller.type === 'session' && caller.account.identity !== null
      return { status: 204, body: null, headers: isEnded ? endedHere : {} }
    },

    async getAccount({ caller, params }) {
      return { status: 200, body: accountJson(await readAccount(ports, caller, params.id)) }
    },

    async updateAccount({ caller, params, body }) {
      return { status: 200, body: accountJson(await changeAccount(ports, caller, params.id, accountEdit(body))) }
    },

    async disableAccount({ caller, params }) {
      await changeAccount(ports, caller, params.id, { status: 'disabled' })
      return { status: 204, body: null }
    },

    async changePassword({ caller, params, body }) {
      const { current_password: currentPassword, new_password: newPassword, revoke_tokens: revokeTokens } = body
      const change = { ...(currentPassword === undefined ? {} : { currentPassword }), newPassword, revokeTokens }
      await changePassword(ports, caller, params.id, change)
      const isOwnSession = caller.type === 'session' && accountIdOf(caller) === params.id
      return { status: 204, body: null, headers: isOwnSession ? endedHere : {} }
    },
  }
}
