import type { AccountId, Change, Written } from '@chatelaine/core'
import { append } from './append.ts'
import type { Transaction } from './transaction.ts'
import { get, type Steps } from '../steps.ts'

export const writtenNothing: Written = { type: 'none' }

/** An event that leaves no state behind but its row in the log. */
export function* putNothing(transaction: Transaction, change: Change): Steps<Written> {
  yield* append(transaction, change, yield* ownerOfSubject(change), undefined)
  return writtenNothing
}

/** The account under whose events an entry is found. */
export function* ownerOfSubject({ subject }: Pick<Change, 'subject'>): Steps<AccountId | null> {
  if (subject.type === 'account') return subject.id as AccountId
  if (subject.type !== 'token') return null
  const row = yield* get('SELECT account_id FROM tokens WHERE id = ?', subject.id)
  return (row?.account_id ?? null) as AccountId | null
}
