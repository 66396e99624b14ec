import {
  dayMs,
  hourMs,
  type EpochMs,
  type TokenId,
  type TokenTotal,
  type UsageCode,
  type UsageCount,
  type UsageExtent,
  type UsageScope,
  type UsageStore,
  type VerificationCode,
} from '@chatelaine/core'
import { all, get, type Row, type SqlValue } from '../steps.ts'
import { allUsage } from '../schema.ts'
import type { Writing } from '../write/writing.ts'
import type { Reads } from './reads.ts'

/** So much of a series is summed up in one go: whole days, so that none is divided. Between two goes verifications are answered. */
const summedAtOnceMs = 5 * dayMs
/** Sums that are looked at in one go to find the tokens that were verified most. */
const stepRowsMax = 2_000
/** Sums that are looked at for that in all. */
const rankedRowsMax = 500_000

const sumSql = `
  SELECT hour - hour % ? AS at, code, sum(count) AS count FROM usage
  WHERE scope = ? AND hour >= ? AND hour < ? GROUP BY 1, 2 ORDER BY 1, 2`

export class SqlUsageStore implements UsageStore {
  readonly #reads: Reads
  readonly #queue: Writing

  constructor(reads: Reads, queue: Writing) {
    this.#reads = reads
    this.#queue = queue
  }

  add(counts: readonly UsageCount[]): Promise<void> {
    return this.#queue.write({ do: 'add-usage', counts })
  }

  async sum(scope: UsageScope, { by, from, until }: UsageExtent): Promise<readonly UsageCode[]> {
    const unitMs = by === 'hour' ? hourMs : dayMs
    const sums: UsageCode[] = []
    for (let begin = from; begin < until; begin += summedAtOnceMs) {
      const end = Math.min(until, begin + summedAtOnceMs)
      const rows = await this.#reads.read(all(sumSql, unitMs, scopeName(scope), begin, end))
      for (const { at, code, count } of rows) {
        sums.push({ at: Number(at), code: code as VerificationCode, count: Number(count) })
      }
      await this.#reads.pause()
    }
    return sums
  }

  async topTokens(
    scope: UsageScope,
    extent: UsageExtent,
    limit: number,
  ): Promise<{ from: EpochMs; tokens: readonly TokenTotal[] }> {
    const totals = new Map<TokenId, { total: number; valid: number }>()
    let seen = 0
    for await (const { hour, rows } of this.#tokenSums(scope, extent)) {
      for (const row of rows) note(totals, row)
      seen += rows.length
      // The hour in which it stops may not have been seen to its end.
      if (seen >= rankedRowsMax) return { from: hour + hourMs, tokens: most(totals, limit) }
    }
    return { from: extent.from, tokens: most(totals, limit) }
  }

  async forgetBefore(at: EpochMs): Promise<void> {
    while ((await this.#queue.write({ do: 'forget-usage', before: at })) > 0);
  }

  /** The sums of tokens, hour by hour from the latest on, in steps. */
  async *#tokenSums(
    scope: UsageScope,
    { from, until }: UsageExtent,
  ): AsyncGenerator<{ hour: EpochMs; rows: readonly Row[] }> {
    const { sql, parameters } = tokensOf(scope)
    const hourSql = `SELECT max(hour) AS hour FROM usage WHERE ${sql} AND hour >= ? AND hour < ?`
    const rowsSql = `SELECT rowid, scope, code, count FROM usage
      WHERE ${sql} AND hour = ? AND rowid < ? ORDER BY rowid DESC LIMIT ${stepRowsMax}`
    for (let end = until; ;) {
      const hour = (await this.#reads.read(get(hourSql, ...parameters, from, end)))?.hour ?? null
      if (hour === null) return
      end = Number(hour)
      for (let rows: readonly Row[] | undefined; rows === undefined || rows.length === stepRowsMax;) {
        const rowid = Number(rows?.at(-1)?.rowid ?? Number.MAX_SAFE_INTEGER)
        rows = await this.#reads.read(all(rowsSql, ...parameters, end, rowid))
        yield { hour: end, rows }
        await this.#reads.pause()
      }
    }
  }
}

/** Which rows are of tokens in this scope; an index leads to those of one hour. */
function tokensOf(scope: UsageScope): { sql: string; parameters: SqlValue[] } {
  if (scope === 'all') return { sql: 'owner IS NOT NULL', parameters: [] }
  if ('ownerId' in scope) return { sql: 'owner = ?', parameters: [scope.ownerId] }
  return { sql: 'owner IS NOT NULL AND scope = ?', parameters: [scope.tokenId] }
}

function scopeName(scope: UsageScope): string {
  if (scope === 'all') return allUsage
  return 'ownerId' in scope ? scope.ownerId : scope.tokenId
}

function note(totals: Map<TokenId, { total: number; valid: number }>, { scope, code, count }: Row): void {
  const tokenId = scope as TokenId
  const before = totals.get(tokenId) ?? { total: 0, valid: 0 }
  before.total += Number(count)
  if (code === 'valid') before.valid += Number(count)
  totals.set(tokenId, before)
}

function most(totals: ReadonlyMap<TokenId, { total: number; valid: number }>, limit: number): TokenTotal[] {
  return [...totals]
    .map(([tokenId, { total, valid }]) => ({ tokenId, total, valid }))
    .toSorted((a, b) => b.total - a.total || (a.tokenId < b.tokenId ? -1 : 1))
    .slice(0, limit)
}
