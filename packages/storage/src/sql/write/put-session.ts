import type { Change, Session, Written } from '@chatelaine/core'
import { insertSql, sealedRow, valuesOf } from '../tables/columns.ts'
import { sessionTable } from '../tables/session-table.ts'
import { append } from './append.ts'
import { conflict, type Refused } from './refused.ts'
import { ownerOfSubject, writtenNothing } from './put-nothing.ts'
import type { Transaction } from './transaction.ts'
import { run, runOne, type Steps } from '../steps.ts'

const columns = [...sessionTable.sealed, ...sessionTable.observed, 'seal']
const insertSession = insertSql('sessions', columns)

/** A new session; its account is noted to have signed in, which is an observation. */
export function* putSession(transaction: Transaction, change: Change, session: Session): Steps<Written> {
  const { sealer } = transaction
  yield* runOne(insertSession, ...valuesOf(sealedRow(sealer, sessionTable, session), columns))
  yield* runOne('UPDATE accounts SET last_sign_in_at = ? WHERE id = ?', session.createdAt, session.accountId)
  yield* append(transaction, change, yield* ownerOfSubject(change), undefined)
  return writtenNothing
}

export function* removeSession(transaction: Transaction, change: Change, sessionId: string): Steps<Written | Refused> {
  if ((yield* run('DELETE FROM sessions WHERE id = ?', sessionId)) !== 1) return conflict
  yield* append(transaction, change, yield* ownerOfSubject(change), undefined)
  return writtenNothing
}
