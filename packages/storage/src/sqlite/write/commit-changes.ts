import type { Change, CommitOutcome, Once, Written } from '@chatelaine/core'
import { checkAdministrators, checkGuards } from './guards.ts'
import { noteOnce, findRepeated } from './once.ts'
import { putAccount } from './put-account.ts'
import { putProject } from './put-project.ts'
import { putSession, removeSession } from './put-session.ts'
import { putNothing } from './put-nothing.ts'
import { putSettings } from './put-settings.ts'
import { putToken, removeToken } from './put-token.ts'
import type { Refused } from './refused.ts'
import type { Transaction } from './transaction.ts'

/** Writes all changes of one commit into the transaction, or answers why not; the caller then takes back what was begun. */
export function commitChanges(transaction: Transaction, changes: readonly Change[], once?: Once): CommitOutcome {
  const [first] = changes
  if (first === undefined) throw new TypeError('a commit needs at least one change')
  const earlier = once && findRepeated(transaction, once)
  if (earlier !== undefined) return { outcome: 'repeated', first: earlier }
  const refused = checkGuards(transaction, changes)
  if (refused !== undefined) return refused
  const written: Written[] = []
  for (const change of changes) {
    const result = writeChange(transaction, change)
    if ('outcome' in result) return result
    written.push(result)
  }
  if (!checkAdministrators(transaction, changes)) return { outcome: 'last-administrator' }
  if (once !== undefined) {
    noteOnce(transaction, { ...once, subjectType: first.subject.type, subjectId: first.subject.id })
  }
  return { outcome: 'committed', seq: transaction.draft.seq, written }
}

function writeChange(transaction: Transaction, change: Change): Written | Refused {
  const { write } = change
  if ('remove' in write) {
    return write.remove === 'token'
      ? removeToken(transaction, change, write.token)
      : removeSession(transaction, change, write.sessionId)
  }
  switch (write.put) {
    case 'token':
      return putToken(transaction, change, write)
    case 'account':
      return putAccount(transaction, change, write)
    case 'project':
      return putProject(transaction, change, write)
    case 'session':
      return putSession(transaction, change, write.session)
    case 'settings':
      return putSettings(transaction, change, write.settings)
    case 'nothing':
      return putNothing(transaction, change)
  }
}
