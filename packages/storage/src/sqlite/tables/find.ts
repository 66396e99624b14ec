import {
  Failure,
  type Account,
  type AccountId,
  type Project,
  type ProjectId,
  type Session,
  type Settings,
  type Token,
  type TokenId,
} from '@chatelaine/core'
import type { Connection, Values } from '../connection.ts'
import type { Sealer } from '../seal.ts'
import { accountTable } from './account-table.ts'
import { columnsOf } from './columns.ts'
import { projectTable } from './project-table.ts'
import { sessionTable } from './session-table.ts'
import { settingsId, settingsTable } from './settings-table.ts'
import { tokenTable } from './token-table.ts'

/** A connection, and what checks the seals of the rows that it reads. */
export interface Records {
  readonly connection: Connection
  readonly sealer: Sealer
}

const tokenColumns = columnsOf(tokenTable)
const tokenById = `SELECT ${tokenColumns} FROM tokens WHERE id = ?`
const tokenBySerial = `SELECT ${tokenColumns} FROM tokens WHERE serial = ?`

/** `undefined` also for a row that is damaged. */
export function findToken({ connection, sealer }: Records, id: TokenId): Token | undefined {
  const row = connection.getValues(tokenById, id)
  return row && sealer.open(tokenTable, row)
}

export function findTokenBySerial({ connection, sealer }: Records, serial: number): Token | undefined {
  const row = connection.getValues(tokenBySerial, serial)
  return row && sealer.open(tokenTable, row)
}

const accountColumns = columnsOf(accountTable)
const accountById = `SELECT ${accountColumns} FROM accounts WHERE id = ?`
const accountBySerial = `SELECT ${accountColumns} FROM accounts WHERE serial = ?`
const accountByUsername = `SELECT ${accountColumns} FROM accounts WHERE username_folded = ?`

export function findAccount({ connection, sealer }: Records, id: AccountId): Account | undefined {
  const row = connection.getValues(accountById, id)
  return row && sealer.open(accountTable, row)
}

export function findAccountBySerial({ connection, sealer }: Records, serial: number): Account | undefined {
  const row = connection.getValues(accountBySerial, serial)
  return row && sealer.open(accountTable, row)
}

/** @param folded the user name as `foldName` spells it */
export function findAccountByUsername({ connection, sealer }: Records, folded: string): Account | undefined {
  const row = connection.getValues(accountByUsername, folded)
  return row && sealer.open(accountTable, row)
}

const projectColumns = columnsOf(projectTable)
const projectById = `SELECT ${projectColumns} FROM projects WHERE id = ?`
const projectBySerial = `SELECT ${projectColumns} FROM projects WHERE serial = ?`

export function findProject({ connection, sealer }: Records, id: ProjectId): Project | undefined {
  const row = connection.getValues(projectById, id)
  return row && sealer.open(projectTable, row)
}

export function findProjectBySerial({ connection, sealer }: Records, serial: number): Project | undefined {
  const row = connection.getValues(projectBySerial, serial)
  return row && sealer.open(projectTable, row)
}

const sessionById = `SELECT ${columnsOf(sessionTable)} FROM sessions WHERE id = ?`

export function findSession({ connection, sealer }: Records, id: string): Session | undefined {
  const row = connection.getValues(sessionById, id)
  return row && sealer.open(sessionTable, row)
}

const settingsSql = `SELECT ${columnsOf(settingsTable)} FROM settings WHERE id = '${settingsId}'`

/** What was last found good: the settings are read for every token that is not remembered, and change rarely. */
const lastSettings = new WeakMap<Sealer, { readonly row: Values; readonly settings: Settings }>()

/** @throws `unavailable` when the row is damaged or gone: without it nobody knows what is allowed. */
export function readSettings({ connection, sealer }: Records): Settings {
  const row = connection.getValues(settingsSql)
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
export function findAdministrators({ connection, sealer }: Records): Account[] {
  const opened = connection.allValues(administratorsSql).map((row) => sealer.open(accountTable, row))
  return opened.filter((account) => account !== undefined)
}
