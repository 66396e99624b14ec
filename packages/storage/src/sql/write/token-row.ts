import type { Token } from '@chatelaine/core'
import { insertSql, updateSql, valuesOf } from '../tables/columns.ts'
import { foldLabel, tokenTable } from '../tables/token-table.ts'
import type { Transaction } from './transaction.ts'
import { runOne, type Steps } from '../steps.ts'

const derived = ['label_folded', 'permanent_slot', 'seal']
const insertColumns = [...tokenTable.sealed, ...tokenTable.observed, ...derived]
// The serial is the row's own number, and what was observed goes on as it is.
const updateColumns = [...tokenTable.sealed.filter((column) => column !== 'serial'), ...derived]
const insertToken = insertSql('tokens', insertColumns)
const updateToken = updateSql('tokens', updateColumns, 'id = ? AND changed_seq = ?')

/**
 * Writes a token with its seal.
 * @param slot of a permanent token; `null` for others
 * @param replacedSeq the `changedSeq` of the version that this one replaces; `undefined` for a new token
 */
export function* writeToken(
  { sealer }: Transaction,
  token: Token,
  slot: number | null,
  replacedSeq: number | undefined,
): Steps<void> {
  const row = tokenTable.encode(token)
  const whole = {
    ...row,
    label_folded: foldLabel(token.label),
    permanent_slot: slot,
    seal: sealer.seal(tokenTable, valuesOf(row, tokenTable.sealed)),
  }
  if (replacedSeq === undefined) yield* runOne(insertToken, ...valuesOf(whole, insertColumns))
  else yield* runOne(updateToken, ...valuesOf(whole, updateColumns), token.id, replacedSeq)
}
