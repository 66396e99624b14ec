import {
  foldName,
  type Account,
  type AccountId,
  type AccountQuery,
  type AccountStore,
  type Page,
} from '@chatelaine/core'
import { findAccount, findAccountBySerial, findAccountByUsername, findAdministrators } from '../../sql/tables/find.ts'
import { pageOf } from './page.ts'
import type { Steps } from '../../sql/steps.ts'
import { reading, type Records } from './reader.ts'
import { walk, type Condition } from './walk.ts'

export class SqliteAccountStore implements AccountStore {
  readonly #records: Records

  constructor(records: Records) {
    this.#records = records
  }

  #perform<T>(steps: Steps<T>): T {
    return this.#records.connection.perform(steps)
  }

  find(id: AccountId): Promise<Account | undefined> {
    return reading(() => this.#perform(findAccount(this.#records.sealer, id)))
  }

  findByUsername(username: string): Promise<Account | undefined> {
    return reading(() => this.#perform(findAccountByUsername(this.#records.sealer, foldName(username))))
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
      return pageOf(walk(connection, list, limit + 1), limit, (serial) =>
        this.#perform(findAccountBySerial(this.#records.sealer, serial)),
      )
    })
  }

  hasAdministrator(): Promise<boolean> {
    return reading(() => this.#perform(findAdministrators(this.#records.sealer)).length > 0)
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
