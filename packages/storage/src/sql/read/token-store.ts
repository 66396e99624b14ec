import {
  foldName,
  type Hours,
  type ObservedUse,
  type Page,
  type PagePosition,
  type ProjectId,
  type StoredStanding,
  type Token,
  type TokenFilters,
  type TokenId,
  type TokenQuery,
  type TokenSort,
  type TokenStatus,
  type TokenStore,
  type UsedFrom,
} from '@chatelaine/core'
import { neverSorted } from '../schema.ts'
import { allValues } from '../steps.ts'
import { columnsOf } from '../tables/columns.ts'
import { findToken, findTokenBySerial } from '../tables/find.ts'
import { tokenTable, withDescendants } from '../tables/token-table.ts'
import type { Writing } from '../write/writing.ts'
import { pageOf } from './page.ts'
import type { Records } from './reads.ts'
import { isMadeByToken, readStanding, readStandingWithMakers } from './standing.ts'
import { readUsedFrom } from './used-from.ts'
import { walk, type Condition, type Walk } from './walk.ts'

const liveDescendantsSql = `
  ${withDescendants}
  SELECT ${columnsOf(tokenTable)} FROM descendants JOIN tokens ON tokens.id = descendants.id
  WHERE tokens.revoked_at IS NULL AND tokens.expires_sorted > ?`

export class SqlTokenStore implements TokenStore {
  readonly #records: Records
  readonly #queue: Writing

  constructor(records: Records, queue: Writing) {
    this.#records = records
    this.#queue = queue
  }

  find(id: TokenId): Promise<Token | undefined> {
    return this.#records.reads.read(findToken(this.#records.sealer, id))
  }

  async findStanding(id: TokenId, projectId?: ProjectId): Promise<StoredStanding | undefined> {
    const { reads, sealer } = this.#records
    // One statement sees one moment. Only what was made by other tokens takes more of them.
    const standing = await reads.read(readStanding(sealer, id, projectId))
    if (standing === undefined || !isMadeByToken(standing.token)) return standing
    return reads.readAtOneMoment(readStandingWithMakers(sealer, id, projectId))
  }

  async list(query: TokenQuery): Promise<Page<Token>> {
    const { reads, sealer } = this.#records
    const places = walk(reads, walkOf(query), query.limit + 1)
    const page = await pageOf(reads, places, query.limit, (serial) => findTokenBySerial(sealer, serial))
    return { items: page.items, next: page.next && toPosition(query.sort, page.next) }
  }

  async count(filters: TokenFilters, stopAt: number): Promise<number> {
    const list = walkOf({ ...filters, sort: 'created_at', descending: false })
    const places = walk(this.#records.reads, list, stopAt)
    let count = 0
    while (count < stopAt && !(await places.next()).done) count += 1
    return count
  }

  listByKey(keyId: string, now: number, limit: number): Promise<readonly Token[]> {
    return this.#first(limit, undefined, [
      { sql: 'digest_key_id = ?', parameters: [keyId] },
      { sql: 'revoked_at IS NULL AND expires_sorted > ?', parameters: [now] },
    ])
  }

  async hasLiveDescendants(id: TokenId, now: number): Promise<boolean> {
    const { reads, sealer } = this.#records
    const rows = await reads.read(allValues(liveDescendantsSql, id, now))
    return rows.some((row) => sealer.open(tokenTable, row) !== undefined)
  }

  listEnded(endedBefore: number, limit: number): Promise<readonly Token[]> {
    return this.#first(limit, 'ended_at', [
      { sql: 'ended_at < ?', parameters: [endedBefore] },
      {
        sql: 'NOT EXISTS (SELECT 1 FROM tokens AS made WHERE made.parent_token_id = tokens.id)',
        parameters: [],
      },
    ])
  }

  reserveUses(id: TokenId, count: number): Promise<{ reserved: number; left: number }> {
    return this.#queue.write({ do: 'reserve-uses', id, count })
  }

  async returnUses(id: TokenId, count: number): Promise<void> {
    await this.#queue.write({ do: 'reserve-uses', id, count: -count })
  }

  async recordUses(uses: readonly ObservedUse[]): Promise<void> {
    await this.#queue.write({ do: 'add-uses', uses })
  }

  usedFrom(id: TokenId, hours: Hours, limit: number): Promise<UsedFrom> {
    return readUsedFrom(this.#records.reads, id, hours, limit)
  }

  async forgetAddressesBefore(at: number): Promise<void> {
    while ((await this.#queue.write({ do: 'forget-addresses', before: at })) > 0);
  }

  /** So many of the tokens that an index leads to; damaged ones are passed over and do not count. */
  async #first(limit: number, sortedBy: string | undefined, within: readonly Condition[]): Promise<readonly Token[]> {
    const { reads, sealer } = this.#records
    const list: Walk = {
      table: 'tokens',
      sortedBy,
      serial: 'serial',
      descending: false,
      after: undefined,
      within,
      filters: [],
    }
    const places = walk(reads, list, limit + 1)
    return (await pageOf(reads, places, limit, (serial) => findTokenBySerial(sealer, serial))).items
  }
}

/** What each order is sorted by, as the indices of the schema have it. */
const sortColumns = {
  created_at: 'created_at',
  label: 'label_folded',
  expires_at: 'expires_sorted',
  last_used_at: 'used_sorted',
} as const satisfies Record<TokenSort, string>

/** What stands for "never" in the columns that sort it: an expiry after all others, a use before all others. */
const sortedNull: Partial<Record<TokenSort, number>> = { expires_at: neverSorted, last_used_at: 0 }

function toPosition(sort: TokenSort, { value, serial }: PagePosition): PagePosition {
  return { value: value === sortedNull[sort] ? null : value, serial }
}

function fromPosition(sort: TokenSort, { value, serial }: PagePosition): PagePosition {
  return { value: value ?? sortedNull[sort] ?? null, serial }
}

function walkOf(query: TokenFilters & Pick<TokenQuery, 'sort' | 'descending' | 'after'>): Walk {
  const { sort, descending, after } = query
  return {
    table: 'tokens',
    sortedBy: sortColumns[sort],
    serial: 'serial',
    descending,
    after: after && fromPosition(sort, after),
    within: withinOf(query),
    filters: filtersOf(query),
  }
}

/** What an index leads to. */
function withinOf({ accountId, projectId }: TokenFilters): Condition[] {
  const conditions: Condition[] = []
  if (accountId !== undefined) conditions.push({ sql: 'account_id = ?', parameters: [accountId] })
  if (projectId !== undefined) conditions.push({ sql: 'project_id = ?', parameters: [projectId] })
  return conditions
}

function filtersOf(filters: TokenFilters): Condition[] {
  const { serial, uuid, kind, createdBy, permanent, statuses, origin, text, exceptId, now } = filters
  const { expiresBefore, unusedSince, neverUsed } = filters
  const conditions: Condition[] = []
  if (serial !== undefined) conditions.push({ sql: 'serial = ?', parameters: [serial] })
  if (uuid !== undefined) conditions.push({ sql: 'uuid = ?', parameters: [uuid] })
  if (kind !== undefined) conditions.push({ sql: 'kind = ?', parameters: [kind] })
  if (createdBy !== undefined) conditions.push({ sql: 'created_by = ?', parameters: [createdBy] })
  if (permanent !== undefined) conditions.push({ sql: '(expires_at IS NULL) = ?', parameters: [permanent ? 1 : 0] })
  if (origin !== undefined) conditions.push({ sql: 'origin = ?', parameters: [origin] })
  if (expiresBefore !== undefined) conditions.push({ sql: 'expires_sorted < ?', parameters: [expiresBefore] })
  if (unusedSince !== undefined) {
    conditions.push({ sql: 'used_sorted < ? AND created_at < ?', parameters: [unusedSince, unusedSince] })
  }
  if (neverUsed === true) conditions.push({ sql: 'used_sorted = 0', parameters: [] })
  if (exceptId !== undefined) conditions.push({ sql: 'id <> ?', parameters: [exceptId] })
  if (statuses !== undefined) conditions.push(anyStatus(statuses, now))
  if (text !== undefined) {
    const folded = foldName(text)
    // instr and not LIKE: every character of the text means itself.
    const sql = 'instr(label_folded, ?) > 0 OR substr(lower(start), 1, length(?)) = ?'
    conditions.push({ sql, parameters: [folded, folded, folded] })
  }
  return conditions
}

/** As `statusOf` tells them: the strongest of what holds. */
const statusConditions = {
  revoked: 'revoked_at IS NOT NULL',
  expired: 'revoked_at IS NULL AND expires_sorted <= ?',
  suspended: 'revoked_at IS NULL AND expires_sorted > ? AND is_active = 0',
  active: 'revoked_at IS NULL AND expires_sorted > ? AND is_active = 1',
} as const satisfies Record<TokenStatus, string>

function anyStatus(statuses: readonly TokenStatus[], now: number): Condition {
  const asked = statuses.map((status) => statusConditions[status])
  return {
    sql: asked.length === 0 ? 'FALSE' : asked.map((sql) => `(${sql})`).join(' OR '),
    parameters: asked.filter((sql) => sql.includes('?')).map(() => now),
  }
}
