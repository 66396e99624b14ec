import type { AccountId, Change, Written } from '@chatelaine/core'
import { append } from './append.ts'
import type { Transaction } from './transaction.ts'

export const writtenNothing: Written = { type: 'none' }

/** An event that leaves no state behind but its row in the log. */
export function putNothing(transaction: Transaction, change: Change): Written {
  append(transaction, change, ownerOfSubject(transaction, change), undefined)
  return writtenNothing
}

/** The account under whose events an entry is found. */
export function ownerOfSubject({ connection }: Transaction, { subject }: Pick<Change, 'subject'>): AccountId | null {
  if (subject.type === 'account') return subject.id as AccountId
  if (subject.type !== 'token') return null
  const row = connection.get('SELECT account_id FROM tokens WHERE id = ?', subject.id)
  return (row?.account_id ?? null) as AccountId | null
}
