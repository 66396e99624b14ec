import { foldName, takenState, type Account, type Change, type Write, type Written } from '@chatelaine/core'
import type { Row } from '../connection.ts'
import { accountTable } from '../tables/account-table.ts'
import { insertSql, updateSql, valuesOf } from '../tables/columns.ts'
import { findAccount } from '../tables/find.ts'
import { append } from './append.ts'
import { revokeProjectTokensMadeBy, revokeTokensOf } from './ended-with.ts'
import { conflict, type Refused } from './refused.ts'
import type { Transaction } from './transaction.ts'

const derived = ['username_folded', 'email_folded', 'name_folded', 'seal']
const insertColumns = [...accountTable.sealed, ...accountTable.observed, ...derived]
const updateColumns = [...accountTable.sealed, ...derived]
const insertAccount = insertSql('accounts', insertColumns)
const updateAccount = updateSql('accounts', updateColumns, 'id = ? AND changed_seq = ?')

export function putAccount(
  transaction: Transaction,
  change: Change,
  write: Extract<Write, { put: 'account' }>,
): Written | Refused {
  const { connection, sealer, draft } = transaction
  const isNew = write.account.changedSeq === 0
  const previous = isNew ? undefined : findAccount(transaction, write.account.id)
  if (!isNew && previous?.changedSeq !== write.account.changedSeq) return conflict
  const taken = findTaken(transaction, write.account)
  if (taken !== undefined) return { outcome: 'taken', field: taken }

  const account: Account = {
    ...write.account,
    serial: previous?.serial ?? (draft.accountSerial += 1),
    changedSeq: draft.seq + 1,
    lastSignInAt: previous?.lastSignInAt ?? null,
  }
  const row = accountTable.encode(account)
  const whole: Row = { ...row, ...folded(account), seal: sealer.seal(accountTable, valuesOf(row, accountTable.sealed)) }
  if (previous === undefined) connection.runOne(insertAccount, ...valuesOf(whole, insertColumns))
  else connection.runOne(updateAccount, ...valuesOf(whole, updateColumns), account.id, previous.changedSeq)
  if (write.endSessions) connection.run('DELETE FROM sessions WHERE account_id = ?', account.id)
  append(transaction, change, account.id, takenState(change))
  if (write.endTokens === 'made-for-projects') revokeProjectTokensMadeBy(transaction, change, account.id)
  if (write.endTokens === 'own') revokeTokensOf(transaction, change, account.id)
  return { type: 'account', account }
}

/** The first of the names that another account has already. */
function findTaken({ connection }: Transaction, account: Account): 'username' | 'email' | 'external_id' | undefined {
  const { username_folded, email_folded } = folded(account)
  const isTaken = (column: string, value: string | null): boolean =>
    value !== null &&
    connection.get(`SELECT 1 FROM accounts WHERE ${column} = ? AND id <> ?`, value, account.id) !== undefined
  if (isTaken('username_folded', username_folded)) return 'username'
  if (isTaken('email_folded', email_folded)) return 'email'
  return isTaken('external_id', account.externalId) ? 'external_id' : undefined
}

function folded({ username, email, name }: Account) {
  return {
    username_folded: foldName(username),
    email_folded: email === null ? null : foldName(email),
    name_folded: foldName(name),
  }
}
