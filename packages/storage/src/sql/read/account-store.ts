import {
  foldName,
  type Account,
  type AccountId,
  type AccountQuery,
  type AccountStore,
  type Identity,
  type Page,
} from '@chatelaine/core'
import {
  findAccount,
  findAccountByEmail,
  findAccountByIdentity,
  findAccountBySerial,
  findAccountByUsername,
  findAdministrators,
} from '../tables/find.ts'
import { pageOf } from './page.ts'
import type { Records } from './reads.ts'
import { walk, type Condition } from './walk.ts'

export class SqlAccountStore implements AccountStore {
  readonly #records: Records

  constructor(records: Records) {
    this.#records = records
  }

  find(id: AccountId): Promise<Account | undefined> {
    return this.#records.reads.read(findAccount(this.#records.sealer, id))
  }

  findByUsername(username: string): Promise<Account | undefined> {
    return this.#records.reads.read(findAccountByUsername(this.#records.sealer, foldName(username)))
  }

  findByEmail(email: string): Promise<Account | undefined> {
    return this.#records.reads.read(findAccountByEmail(this.#records.sealer, foldName(email)))
  }

  findByIdentity(identity: Identity): Promise<Account | undefined> {
    return this.#records.reads.read(findAccountByIdentity(this.#records.sealer, identity.issuer, identity.subject))
  }

  list(query: AccountQuery): Promise<Page<Account>> {
    const { reads, sealer } = this.#records
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
    return pageOf(reads, walk(reads, list, limit + 1), limit, (serial) => findAccountBySerial(sealer, serial))
  }

  async hasAdministrator(): Promise<boolean> {
    return (await this.#records.reads.read(findAdministrators(this.#records.sealer))).length > 0
  }
}

function filtersOf({ role, status, text }: AccountQuery): Condition[] {
  const conditions: Condition[] = []
  if (role !== undefined) conditions.push({ sql: 'role = ?', parameters: [role] })
  if (status !== undefined) conditions.push({ sql: 'status = ?', parameters: [status] })
  if (text !== undefined) {
    const folded = foldName(text)
    const sql = "instr(username_folded, ?) > 0 OR instr(coalesce(email_folded, ''), ?) > 0 OR instr(name_folded, ?) > 0"
    conditions.push({ sql, parameters: [folded, folded, folded] })
  }
  return conditions
}
