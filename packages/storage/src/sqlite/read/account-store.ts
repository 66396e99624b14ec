import {
  foldName,
  type Account,
  type AccountId,
  type AccountQuery,
  type AccountStore,
  type Page,
} from '@chatelaine/core'
import {
  findAccount,
  findAccountBySerial,
  findAccountByUsername,
  findAdministrators,
  type Records,
} from '../tables/find.ts'
import { pageOf } from './page.ts'
import { reading } from './reader.ts'
import { walk, type Condition } from './walk.ts'

export class SqliteAccountStore implements AccountStore {
  readonly #records: Records

  constructor(records: Records) {
    this.#records = records
  }

  find(id: AccountId): Promise<Account | undefined> {
    return reading(() => findAccount(this.#records, id))
  }

  findByUsername(username: string): Promise<Account | undefined> {
    return reading(() => findAccountByUsername(this.#records, foldName(username)))
  }

  list(query: AccountQuery): Promise<Page<Account>> {
    return reading(() => {
      const { connection } = this.#records
      const { externalId, limit, after } = query
      const list = {
        table: 'accounts',
        sortedBy: undefined,
        serial: 'serial',
        descending: false,
        after,
        within: externalId === undefined ? [] : [{ sql: 'external_id = ?', parameters: [externalId] }],
        filters: filtersOf(query),
      }
      return pageOf(walk(connection, list, limit + 1), limit, (serial) => findAccountBySerial(this.#records, serial))
    })
  }

  hasAdministrator(): Promise<boolean> {
    return reading(() => findAdministrators(this.#records).length > 0)
  }
}

function filtersOf({ role, status, text }: AccountQuery): Condition[] {
  const conditions: Condition[] = []
  if (role !== undefined) conditions.push({ sql: 'role = ?', parameters: [role] })
  if (status !== undefined) conditions.push({ sql: 'status = ?', parameters: [status] })
  if (text !== undefined) {
    const folded = foldName(text)
    const sql = "instr(username_folded, ?) > 0 OR instr(ifnull(email_folded, ''), ?) > 0 OR instr(name_folded, ?) > 0"
    conditions.push({ sql, parameters: [folded, folded, folded] })
  }
  return conditions
}
