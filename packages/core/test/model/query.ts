import {
  foldName,
  memberOf,
  statusOf,
  type Account,
  type AccountQuery,
  type EpochMs,
  type LogEntry,
  type LogFilters,
  type LogQuery,
  type Page,
  type PagePosition,
  type Project,
  type ProjectQuery,
  type Token,
  type TokenFilters,
  type TokenQuery,
  type TokenSort,
} from '@chatelaine/core'
import type { LogRow } from './state.ts'

/** What a list is sorted by: a value, and the serial, which settles ties in the same direction. */
interface Place {
  readonly value: string | number
  readonly serial: number
}

function pageOf<T>(
  items: readonly T[],
  placeOf: (item: T) => Place,
  { descending, limit, after }: { descending: boolean; limit: number; after?: PagePosition },
): Page<T> {
  const sign = descending ? -1 : 1
  const placed = items.map((item) => ({ item, place: placeOf(item) }))
  placed.sort((a, b) => sign * compare(a.place, b.place))
  const rest = after === undefined ? placed : placed.filter(({ place }) => sign * compare(place, placeIn(after)) > 0)
  const shown = rest.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(({ item }) => item),
    next: rest.length > shown.length && last !== undefined ? last.place : undefined,
  }
}

function placeIn({ value, serial }: PagePosition): Place {
  return { value: value ?? 0, serial }
}

function compare(a: Place, b: Place): number {
  return compareValues(a.value, b.value) || a.serial - b.serial
}

/** Texts by their UTF-8, as databases do. */
function compareValues(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}

export function fits(token: Token, filters: TokenFilters): boolean {
  const { serial, uuid, accountId, projectId, createdBy, kind, permanent, statuses, origin, text, exceptId, now } =
    filters
  return (
    (accountId === undefined || token.accountId === accountId) &&
    (projectId === undefined || token.projectId === projectId) &&
    (createdBy === undefined || token.createdBy === createdBy) &&
    (kind === undefined || token.kind === kind) &&
    (permanent === undefined || (token.expiresAt === null) === permanent) &&
    (statuses === undefined || statuses.includes(statusOf(token, now))) &&
    (origin === undefined || token.origin === origin) &&
    (text === undefined || holds(token.label, text) || foldName(token.start).startsWith(foldName(text))) &&
    token.id !== exceptId &&
    (serial === undefined || token.serial === serial) &&
    (uuid === undefined || token.uuid === uuid) &&
    fitsUse(token, filters)
  )
}

function fitsUse(
  { expiresAt, createdAt, use }: Token,
  { expiresBefore, unusedSince, neverUsed }: TokenFilters,
): boolean {
  return (
    (expiresBefore === undefined || (expiresAt !== null && expiresAt < expiresBefore)) &&
    (unusedSince === undefined || ((use.lastAt ?? 0) < unusedSince && createdAt < unusedSince)) &&
    (neverUsed === undefined || use.lastAt === null)
  )
}

export function listTokens(tokens: readonly Token[], query: TokenQuery): Page<Token> {
  const found = tokens.filter((token) => fits(token, query))
  return pageOf(found, (token) => ({ value: sortedBy(token, query.sort), serial: token.serial }), query)
}

/** Never expiring comes after all that expire; never used before all that were. */
function sortedBy(token: Token, sort: TokenSort): string | number {
  switch (sort) {
    case 'created_at':
      return token.createdAt
    case 'label':
      return foldName(token.label)
    case 'expires_at':
      return token.expiresAt ?? Number.MAX_SAFE_INTEGER
    case 'last_used_at':
      return token.use.lastAt ?? 0
  }
}

/** In the order in which they were made. */
export function listAccounts(accounts: readonly Account[], query: AccountQuery): Page<Account> {
  const { role, status, externalId, text } = query
  const found = accounts.filter(
    (account) =>
      (role === undefined || account.role === role) &&
      (status === undefined || account.status === status) &&
      (externalId === undefined || account.externalId === externalId) &&
      (text === undefined || [account.username, account.email ?? '', account.name].some((field) => holds(field, text))),
  )
  return pageOf(found, ({ serial }) => ({ value: 0, serial }), { ...query, descending: false })
}

export function readLog(log: readonly LogRow[], query: LogQuery): Page<LogRow> {
  const { concerning } = query
  const found = log.filter(
    ({ entry, ownerId }) =>
      fitsFilters(entry, query) &&
      (concerning === undefined || entry.actor.accountId === concerning || ownerId === concerning),
  )
  return pageOf(found, ({ entry }) => ({ value: 0, serial: entry.seq }), { ...query, descending: true })
}

export function fitsFilters({ actor, subject, action, at }: LogEntry, filters: LogFilters): boolean {
  return (
    (filters.actorId === undefined || actor.accountId === filters.actorId || actor.tokenId === filters.actorId) &&
    (filters.subjectId === undefined || subject.id === filters.subjectId) &&
    (filters.action === undefined || action === filters.action) &&
    isInTime(at, filters)
  )
}

export function isInTime(at: EpochMs, { from, until }: LogFilters): boolean {
  return (from === undefined || at >= from) && (until === undefined || at < until)
}

function holds(text: string, part: string): boolean {
  return foldName(text).includes(foldName(part))
}

export function listProjects(projects: readonly Project[], query: ProjectQuery): Page<Project> {
  const { id, serial, uuid, memberId, status, text } = query
  const found = projects.filter(
    (project) =>
      (id === undefined || project.id === id) &&
      (serial === undefined || project.serial === serial) &&
      (uuid === undefined || project.uuid === uuid) &&
      (memberId === undefined || memberOf(project, memberId) !== undefined) &&
      (status === undefined || project.status === status) &&
      (text === undefined || foldName(project.name).includes(foldName(text))),
  )
  const placeOf = ({ name, serial }: Project): Place => ({ value: foldName(name), serial })
  return pageOf(found, placeOf, { ...query, descending: false })
}
