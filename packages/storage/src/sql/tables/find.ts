import {
  Failure,
  type Account,
  type AccountId,
  type HandoffNote,
  type OnceRecord,
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
import { handoffTable } from './handoff-table.ts'
import { onceTable } from './once-table.ts'
import { projectTable } from './project-table.ts'
import { sessionTable } from './session-table.ts'
import { settingsId, settingsTable } from './settings-table.ts'
import { tokenTable } from './token-table.ts'

export const findToken = finder<Token, [id: TokenId]>(tokenTable, 'id')
export const findTokenBySerial = finder<Token, [serial: number]>(tokenTable, 'serial')

export const findAccount = finder<Account, [id: AccountId]>(accountTable, 'id')
export const findAccountBySerial = finder<Account, [serial: number]>(accountTable, 'serial')
/** By the user name as `foldName` spells it. */
export const findAccountByUsername = finder<Account, [folded: string]>(accountTable, 'username_folded')
/** By the e-mail address as `foldName` spells it. */
export const findAccountByEmail = finder<Account, [folded: string]>(accountTable, 'email_folded')
export const findAccountByIdentity = finder<Account, [issuer: string, subject: string]>(
  accountTable,
  'identity_issuer',
  'identity_subject',
)

export const findProject = finder<Project, [id: ProjectId]>(projectTable, 'id')
export const findProjectBySerial = finder<Project, [serial: number]>(projectTable, 'serial')

export const findSession = finder<Session, [id: string]>(sessionTable, 'id')
export const findOnce = finder<OnceRecord, [caller: string, key: string]>(onceTable, 'caller', 'key')
export const findNote = finder<HandoffNote, [name: string]>(handoffTable, 'name')

/** What finds the one record that has these keys in these columns; `undefined` also for a row that is damaged. */
function finder<Record, Keys extends SqlValue[]>(
  table: SealedTable<Record>,
  ...columns: { [index in keyof Keys]: string }
) {
  const condition = columns.map((column) => `${column} = ?`).join(' AND ')
  const sql = `SELECT ${columnsOf(table)} FROM ${table.name} WHERE ${condition}`
  return function* find(sealer: Sealer, ...keys: Keys): Steps<Record | undefined> {
    // PostgreSQL refuses to compare with what cannot be stored.
    if (!keys.every(isStorable)) return undefined
    const row = yield* getValues(sql, ...keys)
    return row && sealer.open(table, row)
  }
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

const administratorsSql = `SELECT ${columnsOf(accountTable)} FROM accounts WHERE role = 'admin' ORDER BY serial`

/** The accounts that are administrators, active or not; damaged rows make nobody one. */
export function* findAdministrators(sealer: Sealer): Steps<Account[]> {
  const rows = yield* allValues(administratorsSql)
  return rows.map((row) => sealer.open(accountTable, row)).filter((account) => account !== undefined)
}
