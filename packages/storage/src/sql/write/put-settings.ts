import { initialSettings, takenState, type Change, type Settings, type Written } from '@chatelaine/core'
import type { Sealer } from '../seal.ts'
import { insertSql, sealedRow, updateSql, valuesOf } from '../tables/columns.ts'
import { readSettings } from '../tables/find.ts'
import { settingsTable } from '../tables/settings-table.ts'
import { append } from './append.ts'
import { conflict, type Refused } from './refused.ts'
import type { Transaction } from './transaction.ts'
import { runOne, type Steps } from '../steps.ts'

const columns = [...settingsTable.sealed, 'seal']
const insertSettings = insertSql('settings', columns)
const updateSettings = updateSql('settings', columns, 'changed_seq = ?')

/** The settings of a new database, so that their absence is never anything but damage. */
export function* insertInitialSettings(sealer: Pick<Sealer, 'seal'>): Steps<void> {
  yield* runOne(insertSettings, ...sealedValues(initialSettings, sealer))
}

export function* putSettings(transaction: Transaction, change: Change, asked: Settings): Steps<Written | Refused> {
  const { sealer, draft } = transaction
  if ((yield* readSettings(sealer)).changedSeq !== asked.changedSeq) return conflict
  const settings: Settings = { ...asked, changedSeq: draft.seq + 1 }
  yield* runOne(updateSettings, ...sealedValues(settings, sealer), asked.changedSeq)
  yield* append(transaction, change, null, takenState(change))
  return { type: 'settings', settings }
}

function sealedValues(settings: Settings, sealer: Pick<Sealer, 'seal'>) {
  return valuesOf(sealedRow(sealer, settingsTable, settings), columns)
}
