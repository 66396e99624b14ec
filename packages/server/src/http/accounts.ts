import {
  accountIdOf,
  changeAccount,
  changeOwnAccount,
  changePassword,
  createAccount,
  listAccounts,
  readAccount,
  readOwnAccount,
} from '@chatelaine/core'
import type { Service } from '../service.ts'
import { accountAsk, accountEdit, accountFilters, accountJson } from './account-json.ts'
import { cursorOf, pageStart } from './cursor.ts'
import type { Handlers } from './handler.ts'
import { noSessionCookie } from './session-cookie.ts'

type AccountRoutes =
  | 'createAccount'
  | 'listAccounts'
  | 'getOwnAccount'
  | 'updateOwnAccount'
  | 'getAccount'
  | 'updateAccount'
  | 'disableAccount'
  | 'changePassword'

/** `/api/v1/accounts`. */
export function accounts({ ports, settings }: Service): Handlers<AccountRoutes> {
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
      // The session that asked has ended with the others, so its browser need not keep the cookie.
      const isOwnSession = caller.type === 'session' && accountIdOf(caller) === params.id
      return {
        status: 204,
        body: null,
        ...(isOwnSession ? { headers: { 'set-cookie': noSessionCookie(settings) } } : {}),
      }
    },
  }
}
