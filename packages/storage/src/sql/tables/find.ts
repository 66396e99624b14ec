import {
  Failure,
  type Account,
  type AccountId,
  type Identity,
  type Project,
  type ProjectId,
  type Session,
  type Settings,
  type Token,
  type TokenId,
} from '@chatelaine/core'
import type { Sealer, SealedTable } from '../seal.ts'
import { allValues, getValues, type SqlValue, type Steps, type Values } from '../steps.ts'
import { accountTable } from './account-table.ts'
import { columnsOf, isStorable } from './columns.ts'
import { projectTable } from './project-table.ts'
import { sessionTable } from './session-table.ts'
import { settingsId, settingsTable } from './settings-table.ts'
import { tokenTable } from './token-table.ts'

const tokenColumns = columnsOf(tokenTable)
const tokenById = `SELECT ${tokenColumns} FROM tokens WHERE id = ?`
const tokenBySerial = `SELECT ${tokenColumns} FROM tokens WHERE serial = ?`

/** `undefined` also for a row that is damaged. */
export function findToken(sealer: Sealer, id: TokenId): Steps<Token | undefined> {
  return findOne(sealer, tokenTable, tokenById, id)
}

export function findTokenBySerial(sealer: Sealer, serial: number): Steps<Token | undefined> {
  return findOne(sealer, tokenTable, tokenBySerial, serial)
}

const accountColumns = columnsOf(accountTable)
const accountById = `SELECT ${accountColumns} FROM accounts WHERE id = ?`
const accountBySerial = `SELECT ${accountColumns} FROM accounts WHERE serial = ?`
const accountByUsername = `SELECT ${accountColumns} FROM accounts WHERE username_folded = ?`
const accountByEmail = `SELECT ${accountColumns} FROM accounts WHERE email_folded = ?`
const accountByIdentity = `SELECT ${accountColumns} FROM accounts WHERE identity_issuer = ? AND identity_subject = ?`

export function findAccount(sealer: Sealer, id: AccountId): Steps<Account | undefined> {
  return findOne(sealer, accountTable, accountById, id)
}

export function findAccountBySerial(sealer: Sealer, serial: number): Steps<Account | undefined> {
  return findOne(sealer, accountTable, accountBySerial, serial)
}

/** @param folded the user name as `foldName` spells it */
export function findAccountByUsername(sealer: Sealer, folded: string): Steps<Account | undefined> {
  return findOne(sealer, accountTable, accountByUsername, folded)
}

/** @param folded the e-mail address as `foldName` spells it */
export function findAccountByEmail(sealer: Sealer, folded: string): Steps<Account | undefined> {
  return findOne(sealer, accountTable, accountByEmail, folded)
}

export function findAccountByIdentity(sealer: Sealer, { issuer, subject }: Identity): Steps<Account | undefined> {
  return findOne(sealer, accountTable, accountByIdentity, issuer, subject)
}

const projectColumns = columnsOf(projectTable)
const projectById = `SELECT ${projectColumns} FROM projects WHERE id = ?`
const projectBySerial = `SELECT ${projectColumns} FROM projects WHERE serial = ?`

export function findProject(sealer: Sealer, id: ProjectId): Steps<Project | undefined> {
  return findOne(sealer, projectTable, projectById, id)
}

export function findProjectBySerial(sealer: Sealer, serial: number): Steps<Project | undefined> {
  return findOne(sealer, projectTable, projectBySerial, serial)
}

const sessionById = `SELECT ${columnsOf(sessionTable)} FROM sessions WHERE id = ?`

export function findSession(sealer: Sealer, id: string): Steps<Session | undefined> {
  return findOne(sealer, sessionTable, sessionById, id)
}

const settingsSql = `SELECT ${columnsOf(settingsTable)} FROM settings WHERE id = '${settingsId}'`

/** What was last found good: the settings are read for every token that is not remembered, and change rarely. */
const lastSettings = new WeakMap<Sealer, { readonly row: Values; readonly settings: Settings }>()

/** @throws `unavailable` when the row is damaged or gone: without it nobody knows what is allowed. */
export function* readSettings(sealer: Sealer): Steps<Settings> {
  return openSettings(sealer, yield* getValues(settingsSql))
}

/** @throws as `readSettings` */
export function openSettings(sealer: Sealer, row: Values | undefined): Settings {
  const last = lastSettings.get(sealer)
  if (row !== undefined && last?.row.every((value, index) => value === row[index])) return last.settings
  const settings = row && sealer.open(settingsTable, row)
  if (row === undefined || settings === undefined) {
    throw new Failure('unavailable', 'The settings of this deployment are damaged. Tell the operator.')
  }
  lastSettings.set(sealer, { row, settings })
  return settings
}

const administratorsSql = `SELECT ${accountColumns} FROM accounts WHERE role = 'admin' ORDER BY serial`

/** The accounts that are administrators, active or not; damaged rows make nobody one. */
export function* findAdministrators(sealer: Sealer): Steps<Account[]> {
  const rows = yield* allValues(administratorsSql)
  return rows.map((row) => sealer.open(accountTable, row)).filter((account) => account !== undefined)
}

/** The record that a statement finds by its keys; `undefined` also when it is damaged. */
export function* findOne<Record>(
  sealer: Sealer,
  table: SealedTable<Record>,
  sql: string,
  ...keys: SqlValue[]
): Steps<Record | undefined> {
  // PostgreSQL refuses to compare with what cannot be stored.
  if (!keys.every(isStorable)) return undefined
  const row = yield* getValues(sql, ...keys)
  return row && sealer.open(table, row)
}
