import { foldName, takenState, type Account, type Change, type Write, type Written } from '@chatelaine/core'
import { accountTable } from '../tables/account-table.ts'
import { findAccount } from '../tables/find.ts'
import { append } from './append.ts'
import { revokeProjectTokensMadeBy, revokeTokensOf } from './ended-with.ts'
import { conflict, type Refused } from './refused.ts'
import type { Transaction } from './transaction.ts'
import { VersionWriter } from './version-writer.ts'
import { get, run, type Steps } from '../steps.ts'

const accounts = new VersionWriter(accountTable, ['username_folded', 'email_folded', 'name_folded'])

export function* putAccount(
  transaction: Transaction,
  change: Change,
  write: Extract<Write, { put: 'account' }>,
): Steps<Written | Refused> {
  const { sealer, draft } = transaction
  const isNew = write.account.changedSeq === 0
  const previous = isNew ? undefined : yield* findAccount(sealer, write.account.id)
  if (!isNew && previous?.changedSeq !== write.account.changedSeq) return conflict
  const taken = yield* findTaken(write.account)
  if (taken !== undefined) return { outcome: 'taken', field: taken }

  const account: Account = {
    ...write.account,
    serial: previous?.serial ?? (draft.accountSerial += 1),
    changedSeq: draft.seq + 1,
    lastSignInAt: previous?.lastSignInAt ?? null,
  }
  yield* accounts.write(sealer, account, folded(account), previous?.changedSeq)
  if (write.endSessions) yield* run('DELETE FROM sessions WHERE account_id = ?', account.id)
  yield* append(transaction, change, account.id, takenState(change))
  if (write.endTokens === 'made-for-projects') yield* revokeProjectTokensMadeBy(transaction, change, account.id)
  if (write.endTokens === 'own') yield* revokeTokensOf(transaction, change, account.id)
  return { type: 'account', account }
}

/** The first of the names that another account has already. */
function* findTaken(account: Account): Steps<'username' | 'email' | 'external_id' | 'identity' | undefined> {
  const { username_folded, email_folded } = folded(account)
  const names = [
    { field: 'username', column: 'username_folded', value: username_folded },
    { field: 'email', column: 'email_folded', value: email_folded },
    { field: 'external_id', column: 'external_id', value: account.externalId },
  ] as const
  for (const { field, column, value } of names) {
    if (value === null) continue
    const other = yield* get(`SELECT id FROM accounts WHERE ${column} = ? AND id <> ?`, value, account.id)
    if (other !== undefined) return field
  }
  return (yield* isIdentityTaken(account)) ? 'identity' : undefined
}

function* isIdentityTaken({ id, identity }: Account): Steps<boolean> {
  if (identity === null) return false
  const sql = 'SELECT id FROM accounts WHERE identity_issuer = ? AND identity_subject = ? AND id <> ?'
  return (yield* get(sql, identity.issuer, identity.subject, id)) !== undefined
}

function folded({ username, email, name }: Account) {
  return {
    username_folded: foldName(username),
    email_folded: email === null ? null : foldName(email),
    name_folded: foldName(name),
  }
}
